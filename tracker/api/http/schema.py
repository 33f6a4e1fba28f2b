"""The description of the API (OpenAPI 3.1), made from the routes themselves; open to everybody."""

from functools import cache
from importlib.metadata import version

from litestar import Litestar, MediaType, Response, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.serialization import encode_json

from tracker.api.guarded import guarded

ADDRESS = "/api/v1"

DESCRIPTION = """Auftakt for programs. Everything is done as the person whose token is sent, with their rights.

Lists are `{items, next}`: send `next` as `after` to go on. References are `{id, name}`; in bodies an id will do.
A PATCH says which version it was made on, as `version` or by `If-Match`; a stale one merges, unless a field that it
sends has changed since. Refusals are problem details (RFC 9457) with a stable `code`, worded by `Accept-Language`."""


@cache
def description() -> bytes:
    """Made once, by an application that is made for this alone: the one that serves has pages besides."""
    config = OpenAPIConfig(
        title="Auftakt",
        version=version("auftakt"),
        description=DESCRIPTION,
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
    )
    return encode_json(
        Litestar([guarded(ADDRESS)], openapi_config=config, logging_config=None).openapi_schema.to_schema()
    )


@get("/openapi.json", opt={"guard": "open"}, include_in_schema=False, media_type=MediaType.JSON, sync_to_thread=True)
def openapi() -> Response[bytes]:
    return Response(description(), headers={"cache-control": "no-cache"})
