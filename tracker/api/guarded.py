"""All resources of the API under one roof: guarded by the token, refusing as problem details."""

from typing import Any

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from tracker.api import (
    answers,
    checks,
    deadlocks,
    evidence,
    integrations,
    journal,
    meetings,
    people,
    projects,
    systems,
    tasks,
)
from tracker.api.http.caller import bearer, caller_of
from tracker.api.http.measure import measured
from tracker.api.http.problems import refused, undecodable, unexpected, unreadable
from tracker.domain.errors import DomainError

RESOURCES: list[Any] = [
    *projects.ROUTES, *people.ROUTES, *systems.ROUTES, *integrations.ROUTES, *checks.ROUTES, *tasks.ROUTES,
    *answers.ROUTES, *evidence.ROUTES, *deadlocks.ROUTES, *meetings.ROUTES, *journal.ROUTES,
]  # fmt: skip


def guarded(path: str) -> Router:
    """A router; made anew each time, since an application takes it for its own."""
    return Router(
        path,
        route_handlers=RESOURCES,
        guards=[bearer, measured],
        # How a table of routes knows who may come in at all.
        opt={"guard": "bearer"},
        dependencies={"caller": Provide(caller_of, sync_to_thread=False)},
        exception_handlers={
            DomainError: refused,
            HTTPException: unreadable,
            UnicodeDecodeError: undecodable,
            RecursionError: undecodable,
            Exception: unexpected,
        },
    )
