"""Bodies that are not small: read only from whom we know, one at a time from each of them and few at once from all.

Whoever waits is not read from meanwhile: what they send stays with them, and not in our memory.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from litestar import Request
from sqlmodel import Session

from tracker.domain.errors import NotFound
from tracker.domain.terms import Scope
from tracker.services.access.entrance import enter
from tracker.services.access.tokens import find_token
from tracker.web.http.guards import Guard

Asked = Request[Any, Any, Any]

SMALL = 150_000
"""Bytes: the longest text that is taken, in Cyrillic and written in percents; a thousand may send so much at once."""
AT_ONCE = 4


class Bodies:
    """The line in which large bodies wait; one for each application."""

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(AT_ONCE)
        self._of: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def one_of(self, whose: str) -> AsyncIterator[None]:
        """While somebody's body is read and worked at; `whose`: what they came with."""
        lock = self._of.setdefault(whose, asyncio.Lock())
        async with lock, self._all:
            yield


def is_small(request: Asked) -> bool:
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= SMALL


def comes_with(request: Asked, guard: Guard, cookie: str) -> str:
    """The secret that opens the way: of the private address, or of the session; empty without any."""
    return str(request.path_params.get("token", "") if guard is Guard.LINK else request.cookies.get(cookie, ""))


def is_known(session: Session, secret: str, guard: Guard, wall_now: datetime, *, demo: bool) -> bool:
    """Whether the secret opens anything at all; what it opens is asked when the work is done."""
    if guard is Guard.OPEN:
        return True
    entrance = enter(session, "" if guard is Guard.LINK else secret, "", wall_now, demo=demo)
    if guard is not Guard.LINK:
        return entrance.person is not None
    try:
        find_token(session, Scope.PAGE, secret, now=entrance.now)
    except NotFound:
        return False
    return True
