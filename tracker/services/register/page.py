"""The register: the rows of a project's tasks, as one person may see them.

Columns into NamedTuples, from one table: names of persons, parties and integrations come from a small directory that
is kept as long as the journal's sequence stands still.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import columns
from tracker.domain.permissions import Standing
from tracker.domain.terms import FINISHED
from tracker.services.access.loading import SeenTask, own_tasks, visible_tasks
from tracker.services.ground.directory import directory_of
from tracker.services.ground.kept import while_project_stands
from tracker.services.register.filters import (
    AHEAD_IS_OVER,
    COLUMNS,
    PAGE,
    Filters,
    Shape,
    count_statement,
    page_statement,
    shape_of,
    values_of,
)
from tracker.services.register.rows import Context, RegisterRow, WrittenRow, context_of, row_of
from tracker.services.turns.restamp import world_of
from tracker.tables import Project, Task


class RegisterPage(NamedTuple):
    rows: list[RegisterRow]
    total: int
    more: int | None
    """The `after` of the next page."""


class FoundPage(NamedTuple):
    """A page before its rows are read out: who keeps what was drawn of a row need not read it again."""

    rows: Sequence[Any]
    """As stored; equal rows of the same context are the same `RegisterRow` until `stands_until`."""
    context: Context
    total: int
    more: int | None


class Counts(NamedTuple):
    """What the head of the register says."""

    unfinished: int
    waiting: int
    unclear: int
    stalled: int


def register_page(
    session: Session, project: Project, standing: Standing, filters: Filters, now: datetime
) -> RegisterPage:
    """Fifty rows and what comes after them."""
    found = find_page(session, project, standing, filters, now)
    return RegisterPage([row_of(row, found.context, now) for row in found.rows], found.total, found.more)


def find_page(session: Session, project: Project, standing: Standing, filters: Filters, now: datetime) -> FoundPage:
    """The same, its rows not yet read out."""
    directory = directory_of(session, project.id)
    shape, key = shape_of(filters), tuple(standing)
    values = values_of(filters, directory, project, now)
    found = columns(session, page_statement(shape, key), values)
    shown = found[:PAGE]
    more = shown[-1].number if len(found) > PAGE else None
    context = context_of(session, project, standing, now)
    # A first page that is not full has told how many there are.
    total = len(found) if more is None and not shape.after else _total(session, project, shape, key, values, now)
    return FoundPage(shown, context, total, more)


def _total(
    session: Session, project: Project, shape: Shape, key: tuple[Any, ...], values: dict[str, Any], now: datetime
) -> int:
    shape = shape._replace(sort="number", after=False)

    def count() -> tuple[None, int]:
        return None, columns(session, count_statement(shape, key), values)[0][0]

    if shape.stalled or shape.waiting:
        return count()[1]
    asked = {name: value for name, value in values.items() if name not in ("now", "after", "limit")}
    return while_project_stands(session, project.id, ("total", shape, key, str(asked)), count, now)


def one_row(session: Session, project: Project, standing: Standing, task_id: int, now: datetime) -> RegisterRow | None:
    """A single row, as the page shows it: the answer to an edit. None when it is out of this person's sight."""
    found = columns(session, _one_statement(tuple(standing)), {"task": task_id})
    return row_of(found[0], context_of(session, project, standing, now), now) if found else None


def row_written(
    session: Session, project: Project, standing: Standing, seen: SeenTask, now: datetime
) -> RegisterRow | None:
    """`one_row` of a task that this request itself has just written. Mostly all that it shows stands in the task, and
    nothing is read again."""
    task = seen.task
    elsewhere = task.waiting_task_id is not None or task.id in world_of(session, project.id).deciders
    if elsewhere or not standing.sees_all:
        return one_row(session, project, standing, task.id, now)
    return row_of(WrittenRow(task, seen.evidence), context_of(session, project, standing, now), now)


@lru_cache(maxsize=64)
def _one_statement(standing_key: tuple[Any, ...]) -> Any:
    standing = Standing(*standing_key)
    wanted = Task.id == sa.bindparam("task", type_=sa.Integer)
    return sa.select(*COLUMNS, own_tasks(standing).label("full")).where(visible_tasks(standing), wanted)


def counts_of(session: Session, standing: Standing, now: datetime) -> Counts:
    """The figures of the head; each is the total of the register with that filter."""

    def count() -> tuple[datetime | None, Counts]:
        query = sa.select(
            sa.func.count(),
            sa.func.count(sa.case((sa.and_(Task.waiting_kind.is_not(None), sa.not_(AHEAD_IS_OVER)), 1))),
            sa.func.count(sa.case((Task.owner_id.is_(None), 1))),
            sa.func.count(sa.case((Task.stalls_at <= now, 1))),
        ).where(visible_tasks(standing), Task.archived_at.is_(None), Task.status.not_in(FINISHED))
        return next_stall(session, standing.project_id, now), Counts(*columns(session, query)[0])

    return while_project_stands(session, standing.project_id, ("counts", standing), count, now)


def next_stall(session: Session, project_id: int, now: datetime) -> datetime | None:
    """The next moment at which a task of the project stalls: until then nothing looks different by itself."""

    def read() -> tuple[datetime | None, datetime | None]:
        moment: datetime | None = columns(session, _NEXT_STALL, {"project": project_id, "now": now})[0][0]
        return moment, moment

    return while_project_stands(session, project_id, "next stall", read, now)


_NEXT_STALL = sa.select(sa.func.min(Task.stalls_at)).where(
    Task.project_id == sa.bindparam("project", type_=sa.Integer),
    Task.stalls_at > sa.bindparam("now", type_=Task.stalls_at.type),
)
