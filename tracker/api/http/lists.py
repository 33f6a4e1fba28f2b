"""Lists: `{items, next}`, walked by `?after=`; over one project, or over all of the caller's one after another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from litestar.params import PathParameter, QueryParameter
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.inputs import BIGGEST
from tracker.domain.errors import FieldError, Invalid, NotFound
from tracker.domain.permissions import Standing
from tracker.services.access.loading import project_by_id, project_by_key, standings_of
from tracker.tables import Project

T = TypeVar("T")

MOST = 200
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="At most so many items.")]
After = Annotated[str | None, QueryParameter(description="The `next` of the list before this one.")]
InProject = Annotated[str | None, QueryParameter(name="project", description="A project's key or id; left out: all.")]
Filter = Annotated[int | None, QueryParameter(ge=0, le=BIGGEST)]
PathId = Annotated[int, PathParameter(ge=1, le=BIGGEST)]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One stretch of a list. `next`: what to send as `after`; null at the end."""

    items: Sequence[T]
    next: str | None


class Cursor:
    """Where a list goes on: `<project>.<last>`; of one project the last alone will do."""

    def __init__(self, text: str | None) -> None:
        self.project, self.last = 0, None
        if not text:
            return
        project, _, last = text.rpartition(".")
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (project or "0", last)):
            raise Invalid(FieldError("after", "unknown_choice"))
        self.project, self.last = int(project or 0), int(last)


Read = Callable[[Session, Standing, int | None, int], Sequence[Any]]
"""(session, standing, last of the page before, how many) -> rows, each with the `place` that comes after it."""


def walk(caller: Caller, session: Session, project: str | None, after: str | None, limit: int, read: Read) -> Page[Any]:
    """Rows of the project, or of all of the caller's projects in the order of their ids."""
    place = Cursor(after)
    one = project is not None
    found: list[tuple[int, Any]] = []
    for mine in places_of(caller, session, project):
        if mine.project_id < place.project and not one:
            continue
        last = place.last if one or mine.project_id == place.project else None
        wanted = limit + 1 - len(found)
        found += [(mine.project_id, row) for row in read(session, mine, last, wanted)]
        if len(found) > limit:
            last_project, row = found[limit - 1]
            return Page([row for _, row in found[:limit]], f"{last_project}.{row.place}")
    return Page([row for _, row in found], None)


def places_of(caller: Caller, session: Session, project: str | None) -> list[Standing]:
    """What the caller is in this project, or in all of theirs."""
    if project is None:
        return standings_of(session, caller.actor)
    return [project_named(caller, session, project)[1]]


def project_named(caller: Caller, session: Session, name: str | int) -> tuple[Project, Standing]:
    """A project by its key or id; NotFound for one that is not the caller's."""
    text = str(name).strip()
    if text.isascii() and text.isdigit():
        if len(text) > 9:
            raise NotFound("project")
        return project_by_id(session, caller.actor, int(text))
    return project_by_key(session, caller.actor, text)


def project_given(caller: Caller, session: Session, name: str | int) -> int:
    """The project that a body names: a wrong one is a wrong field."""
    try:
        return project_named(caller, session, name)[0].id
    except NotFound:
        raise Invalid(FieldError("project", "unknown_project")) from None
