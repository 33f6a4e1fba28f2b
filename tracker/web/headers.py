"""Round every answer: what browsers are told not to do; and no change at the wish of another site."""

from typing import Any
from urllib.parse import urlsplit

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class Guarding(ASGIMiddleware):
    """Refuses unsafe methods from a foreign origin (with SameSite=Lax that is the defence against forged forms: the
    pages carry no tokens, so that a row can be kept and compared), and sets the headers."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, public_url: str) -> None:
        self.own = urlsplit(public_url).netloc.lower()
        self.secure = public_url.startswith("https://")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = Headers.from_scope(scope)
        if scope["method"] not in SAFE and self.is_foreign(headers):  # type: ignore[typeddict-item]
            raise PermissionDeniedException

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.complete(MutableScopeHeaders(message))
            await send(message)

        await next_app(scope, receive, send_guarded)

    def is_foreign(self, headers: Any) -> bool:
        """Browsers say where a form stood; a program says nothing and holds no cookie that a stranger could use."""
        origin = headers.get("origin")
        if origin is not None:
            return urlsplit(origin).netloc.lower() not in {headers.get("host", "").lower(), self.own} - {""}
        return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")

    def complete(self, headers: MutableScopeHeaders) -> None:
        for name, value in HEADERS.items():
            if name not in headers:
                headers[name] = value
        if self.secure:
            headers["strict-transport-security"] = "max-age=31536000"
