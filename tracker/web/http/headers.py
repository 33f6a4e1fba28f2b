"""Round every answer: what browsers are told not to do; and no change at the wish of another site."""

from typing import Any
from urllib.parse import urlsplit

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException, PermissionDeniedException
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
    """Refuses unsafe methods from a foreign origin. With SameSite=Lax that is the defence against forged forms: the
    pages carry no tokens, so that a row can be kept and compared."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, public_url: str) -> None:
        self.own = _netloc(public_url)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = Headers.from_scope(scope)
        if scope["method"] not in SAFE and self.is_foreign(headers) and not _is_private(scope["path"], headers):  # type: ignore[typeddict-item]
            raise PermissionDeniedException
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise NotFoundException  # a sign that PostgreSQL cannot even be asked for
        await next_app(scope, receive, send)

    def is_foreign(self, headers: Any) -> bool:
        """Browsers say where a form stood; a program says nothing and holds no cookie that a stranger could use."""
        origin = headers.get("origin")
        if origin is not None:
            return _netloc(origin) not in {headers.get("host", "").lower(), self.own} - {""}
        return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_private(path: str, headers: Any) -> bool:
    """A form on a page behind a private address: that page sends no referrer, so browsers tell no origin either.

    Who knows the address needs no forged form; no cookie is looked at there.
    """
    return path.startswith("/my/") and headers.get("origin") == "null"


async def complete(message: Message, scope: Scope) -> None:
    """Litestar's `before_send`: it comes by for answers of unknown addresses too, which no middleware sees."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders(message)
    for name, value in HEADERS.items():
        if name not in headers:
            headers[name] = value
    running = scope["app"].state.get("running")  # what is mounted is an application of its own
    if running is not None and running.settings.is_secure:
        headers["strict-transport-security"] = "max-age=31536000"
