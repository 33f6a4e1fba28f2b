"""All routes of the API under one roof: guarded by the token, refusing as problem details."""

from typing import Any

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from tracker.api import checks, evidence, integrations, people, projects, tasks
from tracker.api.asking import bearer, caller_of
from tracker.api.problems import refused, unexpected, unreadable
from tracker.domain.errors import DomainError

ADDRESS = "/api/v1"
HANDLERS: list[Any] = [
    *projects.ROUTES, *people.ROUTES, *integrations.ROUTES, *checks.ROUTES, *tasks.ROUTES, *evidence.ROUTES,
]  # fmt: skip


def routes() -> Router:
    """The router; made anew each time, since an application takes it for its own."""
    return Router(
        ADDRESS,
        route_handlers=HANDLERS,
        guards=[bearer],
        # How the route matrix knows who may come in at all.
        opt={"guard": "bearer"},
        dependencies={"caller": Provide(caller_of, sync_to_thread=False)},
        exception_handlers={
            DomainError: refused,
            HTTPException: unreadable,
            Exception: unexpected,
        },
    )


