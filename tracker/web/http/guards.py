"""Who may come in at all, declared by every route; what they may do there is the verbs' question."""

from collections.abc import Iterable
from enum import StrEnum

from litestar.handlers import BaseRouteHandler


class Guard(StrEnum):
    """OPEN: anybody. PERSON: signed in. MEMBER: of the project `key` of the path. CONDUCTOR: who conducts it.

    OBJECT: signed in, and the verb finds the object within the person's sight or raises NotFound.
    LINK: whoever holds the private address. BEARER: the JSON API's token.
    """

    OPEN = "open"
    PERSON = "person"
    MEMBER = "member"
    CONDUCTOR = "conductor"
    OBJECT = "object"
    LINK = "link"
    BEARER = "bearer"


class UnguardedRoute(Exception):
    """A route was added without saying who may come in."""


def require_guards(handlers: Iterable[BaseRouteHandler]) -> None:
    """Refuse to start with a route that declares no guard, or needs a project and has none in its path."""
    for handler in handlers:
        guard = handler.opt.get("guard")
        if guard is None or guard not in set(Guard):
            raise UnguardedRoute(f"{', '.join(sorted(handler.paths))} declares no guard")
        if guard in (Guard.MEMBER, Guard.CONDUCTOR) and not all("{key:str}" in path for path in handler.paths):
            raise UnguardedRoute(f"{', '.join(sorted(handler.paths))} is guarded by a project but names none")
