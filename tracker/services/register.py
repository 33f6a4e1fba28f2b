"""The register: the rows of a project's tasks, as one person may see them.

Columns into NamedTuples, from one table: names of persons, parties and integrations come from a small directory that
is kept as long as the journal's sequence stands still.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import columns, moment_of
from tracker.domain.permissions import Standing
from tracker.domain.stalling import is_stalled
from tracker.domain.terms import FINISHED
from tracker.domain.worktime import Calendar, add_working_time, working_time
from tracker.services.directory import Directory, directory_of, kept_calendars
from tracker.services.register_filters import (
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
from tracker.services.restamp import world_of
from tracker.services.rights import SeenTask, own_tasks, visible_tasks
from tracker.services.standstill import while_project_stands, while_structure_stands
from tracker.tables import Project, Task


class RegisterRow(NamedTuple):
    """Every shown value of a row, and nothing else: a row's HTML depends on this tuple (and the language) alone."""

    id: int
    number: int
    version: int
    title: str
    kind: str
    status: str
    priority: str
    integration_id: int | None
    integration: str
    party: str
    owner_id: int | None
    owner: str
    checker: str
    turn_id: int | None
    turn: str
    turn_party: str
    turn_via: str
    waited_hours: int
    """Working hours of the person of the turn since it came; whole days of eight from the first on."""
    stalled: bool
    needed_by: date | None
    promised_on: date | None
    waiting: str
    """Whom or what it waits for, in a word."""
    waiting_kind: str
    waiting_since: date | None
    waiting_hours: int
    waiting_agreed: bool
    needs_help: bool
    deadlock: str
    """Title of the open deadlock that blocks it."""
    evidence: int
    done_means: str
    own: tuple[str, str, str]
    unconfirmed: bool
    archived: bool
    full: bool
    """False: seen in outline only."""
    editable: str
    """all, owner, answers, or nothing."""


class RegisterPage(NamedTuple):
    rows: list[RegisterRow]
    total: int
    more: int | None
    """The `after` of the next page."""


class Found(NamedTuple):
    """A page before its rows are read out: who keeps what was drawn of a row need not read it again."""

    rows: Sequence[Any]
    """As stored; equal rows of the same context are the same `RegisterRow` until `stands_until`."""
    context: "Context"
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


def find_page(session: Session, project: Project, standing: Standing, filters: Filters, now: datetime) -> Found:
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
    return Found(shown, context, total, more)


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


class _Written:
    """A task as `row_of` reads a stored row, for whom nothing of it is hidden."""

    awaited, deadlock, full = None, "", True

    def __init__(self, task: Task, evidence: int) -> None:
        self.task, self.evidence = task, evidence

    def __getattr__(self, name: str) -> Any:
        return getattr(self.task, name)


def row_written(
    session: Session, project: Project, standing: Standing, seen: SeenTask, now: datetime
) -> RegisterRow | None:
    """`one_row` of a task that this request itself has just written. Mostly all that it shows stands in the task, and
    nothing is read again."""
    task = seen.task
    elsewhere = task.waiting_task_id is not None or task.id in world_of(session, project.id).deciders
    if elsewhere or not standing.sees_all:
        return one_row(session, project, standing, task.id, now)
    return row_of(_Written(task, seen.evidence), context_of(session, project, standing, now), now)


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


class Context:
    """What a row's tuple depends on besides the row itself: one and the same object while that stands still."""

    def __init__(self, session: Session, project: Project, standing: Standing, year: int) -> None:
        self.directory = directory_of(session, project.id)
        self.calendars = kept_calendars(session, project.id, year)
        self.standing = standing
        self.zone = ZoneInfo(project.timezone)


def context_of(session: Session, project: Project, standing: Standing, now: datetime) -> Context:
    """Shared by all who may do the same here."""
    alike = standing._replace(person_id=None, party_id=None, integrations=frozenset())
    return while_structure_stands(
        session, project.id, ("rows", alike, now.year), lambda: Context(session, project, alike, now.year)
    )


def row_of(row: Any, context: Context, now: datetime) -> RegisterRow:
    """A stored row, read out."""
    full = bool(row.full)
    names = context.directory
    calendar = context.calendars.get(row.turn_id)
    waits = row.waiting_task_id is None or row.awaited is not None
    stalls_at, waiting_since = moment_of(row.stalls_at), moment_of(row.waiting_since) if waits else None
    return RegisterRow(
        id=row.id, number=row.number, version=row.version, title=row.title, kind=row.kind, status=row.status,
        priority=row.priority, integration_id=row.integration_id,
        integration=names.integration(row.integration_id), party=names.party(row.party_id),
        owner_id=row.owner_id if full else None, owner=names.person(row.owner_id) if full else "",
        checker=names.person(row.checker_id) if full else "",
        turn_id=row.turn_id if full else None, turn=names.person(row.turn_id) if full else "",
        turn_party=names.party(row.turn_party_id), turn_via=row.turn_via,
        waited_hours=_hours(calendar, moment_of(row.turn_since), now)[0],
        stalled=is_stalled(stalls_at, now),
        needed_by=row.needed_by, promised_on=row.promised_on,
        waiting=_waiting(row, names) if full and waits else "", waiting_kind=row.waiting_kind or "" if waits else "",
        waiting_since=waiting_since.astimezone(context.zone).date() if waiting_since else None,
        waiting_hours=_hours(calendar, waiting_since, now)[0],
        waiting_agreed=bool(row.waiting_agreed), needs_help=row.help_at is not None and full,
        deadlock=row.deadlock or "", evidence=row.evidence, done_means=row.done_means if full else "",
        own=(row.own_1, row.own_2, row.own_3) if full else ("", "", ""),
        unconfirmed=not row.confirmed, archived=row.archived_at is not None, full=full,
        editable=_editable(context.standing, row, full),
    )  # fmt: skip


def stands_until(row: Any, context: Context, now: datetime) -> datetime | None:
    """When the same stored row is read out differently: it stalls, or its hours are more. None: by time alone never."""
    calendar = context.calendars.get(row.turn_id)
    stalls_at = moment_of(row.stalls_at)
    changes = [stalls_at] if stalls_at is not None and stalls_at > now else []
    for since in (moment_of(row.turn_since), moment_of(row.waiting_since)):
        if calendar is not None and since is not None:
            later = add_working_time(calendar, now, _hours(calendar, since, now)[1])
            changes += [later] if later is not None else []
    return min(changes, default=None)


def _hours(calendar: Calendar | None, since: datetime | None, until: datetime) -> tuple[int, timedelta]:
    """Hours as they are said: whole ones up to a working day, then days of eight. And what the next step takes."""
    if calendar is None or since is None:
        return 0, timedelta(0)
    worked = working_time(calendar, since, until)
    step = timedelta(hours=1 if worked < DAY else 8)
    steps = worked // step
    return int(steps * step.total_seconds() // 3600), (steps + 1) * step - worked


DAY = timedelta(hours=8)


def _waiting(row: Any, directory: Directory) -> str:
    if row.waiting_kind is None:
        return ""
    if row.waiting_person_id is not None:
        return directory.person(row.waiting_person_id)
    if row.waiting_party_id is not None:
        return directory.party(row.waiting_party_id)
    if row.waiting_task_id is not None:
        return f"№ {row.awaited}"
    return str(row.waiting_note)


def _editable(standing: Standing, row: Any, full: bool) -> str:
    if standing.runs:
        return "all"
    if standing.role == "observer" or not full:
        return ""
    return "owner" if row.party_id in standing.parties else "answers"
