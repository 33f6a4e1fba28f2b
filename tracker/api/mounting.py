"""What the root mounts."""

from litestar import Router

from tracker.api.guarded import guarded
from tracker.api.http.schema import ADDRESS, openapi


def routes() -> Router:
    """The whole API; made anew each time, since an application takes it for its own."""
    return Router(ADDRESS, route_handlers=[openapi, guarded("/")])
