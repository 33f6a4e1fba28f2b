"""What a request has to be before the application looks at it: for one of our hosts, told by whom, and of sane measure.

Stands round Litestar's own handling, since its middleware sees only requests whose address is known.
"""

import logging
from functools import lru_cache
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tracker.domain.addresses import address_of, host_of
from tracker.settings import Settings
from tracker.web.http.refusals import unexpected

LOG = logging.getLogger(__name__)

LONGEST_PATH = 2_000
LONGEST_QUERY = 8_000
MOST_QUERIES = 100
LONGEST_COOKIES = 8_000
MOST_COOKIES = 100
"""The framework keeps what it has read of the last thousand of each: without these, a gigabyte of nonsense."""


def stand_before(app: Litestar, settings: Settings) -> None:
    """Nothing reaches the application but through the threshold."""
    app.asgi_handler = Threshold(app.asgi_handler, settings)


class Threshold:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.settings = settings
        # Believes X-Forwarded-For only of a peer in these networks, and takes the last address in it that is in none.
        trusted = [str(network) for network in settings.trusted_proxies]
        self.app: Any = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type]
        self.serves = lru_cache(256)(self._serves)
        self.warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        headers = Headers.from_scope(scope)
        status = self._wrong(scope, headers)
        if status:
            await _refuse(scope, receive, send, status)
            return
        if "x-forwarded-for" in headers:
            self._warn(scope)
        await self.app(scope, receive, send)

    def _wrong(self, scope: Any, headers: Headers) -> int:
        """The status of a refusal; 0 for what may come in. A program of HTTP 1.0 need not name a host."""
        hosts = headers.getall("host", [])
        if len(hosts) > 1 or (hosts and not self.serves(hosts[0])):
            return 421
        if len(scope["path"]) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
            return 414
        if scope["query_string"].count(b"&") >= MOST_QUERIES:
            return 400
        cookies = headers.getall("cookie", [])
        if sum(map(len, cookies)) > LONGEST_COOKIES or sum(one.count(";") for one in cookies) >= MOST_COOKIES:
            return 431
        return 0

    def _serves(self, header: str) -> bool:
        return len(header) < 300 and self.settings.serves(host_of(header))

    def _warn(self, scope: Any) -> None:
        """Once: behind a proxy that is not believed everybody has its address, and is counted as one guesser."""
        peer = address_of(scope["client"][0] if scope["client"] else "")
        if not self.warned and peer is not None and not any(peer in one for one in self.settings.trusted_proxies):
            self.warned = True
            LOG.warning("%s forwards requests and is not believed: is it yours? Then AUFTAKT_TRUSTED_PROXIES", peer)


async def _refuse(scope: Any, receive: Receive, send: Send, status: int) -> None:
    """Without what was wrong: the answer shall not read it again."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    kept = {"path": scope["path"] if status == 421 else "/", "raw_path": b"/", "query_string": b"", "headers": headers}
    request: Request[Any, Any, Any] = Request(scope | kept, receive, send)
    answer = unexpected(request, HTTPException(status_code=status)).to_asgi_response(app=None, request=request)
    await answer(request.scope, receive, send)
