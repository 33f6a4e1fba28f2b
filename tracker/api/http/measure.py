"""The measure of a JSON body, taken in a thread before anything is made of it: how deep, how many fields and values.

Reading a megabyte is quick; telling sixty thousand unknown fields apart takes seconds, for everybody at once.
"""

from typing import Any

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import SerializationException
from litestar.handlers import BaseRouteHandler
from litestar.serialization import decode_json

from tracker.api.http.errors import Malformed
from tracker.domain.errors import FieldError, Invalid

MOST_FIELDS = 1_000
"""Of one object."""
MOST_VALUES = 10_000
"""Of the whole body."""
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


async def measured(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Litestar's guard behind the one of the token: the body is read here, and kept for the handler."""
    if isinstance(connection, Request) and connection.method not in BODILESS:
        body = await connection.body()
        if body:
            await sync_to_thread(read_json, body)


def read_json(body: bytes) -> Any:
    """What the body says. Raises Malformed for what is no JSON or is nested without end, Invalid for too much of it."""
    try:
        said = decode_json(body)
    except (SerializationException, UnicodeDecodeError, RecursionError):
        raise Malformed from None
    _measure(said)
    return said


def _measure(said: Any) -> None:
    left, count = [said], 0
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if len(one) > MOST_FIELDS:
                raise Invalid(FieldError("body", "too_many"))
            left += one.values()
        elif isinstance(one, list):
            count += len(one)
            if count <= MOST_VALUES:
                left += one
        count += 1
        if count > MOST_VALUES:
            raise Invalid(FieldError("body", "too_many"))
