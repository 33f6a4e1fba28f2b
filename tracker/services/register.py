"""The register: the rows of a project's tasks, as one person may see them.

Columns into NamedTuples, from one table: names of persons, parties and integrations come from a small directory that
is kept as long as the journal's sequence stands still.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import columns
from tracker.domain.permissions import Standing
from tracker.domain.terms import FINISHED
from tracker.domain.worktime import Calendar, working_time
from tracker.services.directory import Directory, directory_of, kept_calendars
from tracker.services.register_filters import (
    COLUMNS,
    PAGE,
    Filters,
    Shape,
    count_statement,
    page_statement,
    shape_of,
    values_of,
)
from tracker.services.rights import own_tasks, visible_tasks
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
    """Working hours of the person of the turn since it came."""
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
    directory = directory_of(session, project.id)
    shape, key = shape_of(filters), tuple(standing)
    values = values_of(filters, directory, project, now)
    found = columns(session, page_statement(shape, key), values)
    shown = _rows(session, project, standing, found[:PAGE], now)
    more = shown[-1].number if len(found) > PAGE else None
    return RegisterPage(shown, _total(session, project, shape, key, values, now), more)


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
    return _rows(session, project, standing, found, now)[0] if found else None


@lru_cache(maxsize=64)
def _one_statement(standing_key: tuple[Any, ...]) -> Any:
    standing = Standing(*standing_key)
    wanted = Task.id == sa.bindparam("task", type_=sa.Integer)
    return sa.select(*COLUMNS, own_tasks(standing).label("full")).where(visible_tasks(standing), wanted)


def counts_of(session: Session, standing: Standing, now: datetime) -> Counts:
    """The figures of the head; each is the total of the register with that filter."""
    unfinished = sa.and_(Task.archived_at.is_(None), Task.status.not_in(FINISHED))

    def count() -> tuple[datetime | None, Counts]:
        query = sa.select(
            sa.func.count(),
            sa.func.count(sa.case((Task.waiting_kind.is_not(None), 1))),
            sa.func.count(sa.case((Task.owner_id.is_(None), 1))),
            sa.func.count(sa.case((Task.stalls_at <= now, 1))),
        ).where(visible_tasks(standing), unfinished)
        return next_stall(session, standing.project_id, now), Counts(*columns(session, query)[0])

    return while_project_stands(session, standing.project_id, ("counts", standing), count, now)


def next_stall(session: Session, project_id: int, now: datetime) -> datetime | None:
    """The next moment at which a task of the project stalls: until then nothing looks different by itself."""
    moment: datetime | None = columns(session, _NEXT_STALL, {"project": project_id, "now": now})[0][0]
    return moment


_NEXT_STALL = sa.select(sa.func.min(Task.stalls_at)).where(
    Task.project_id == sa.bindparam("project", type_=sa.Integer),
    Task.stalls_at > sa.bindparam("now", type_=Task.stalls_at.type),
)


class _Context:
    """What a row's tuple depends on besides the row itself: one and the same object while that stands still."""

    def __init__(self, session: Session, project: Project, standing: Standing, year: int) -> None:
        self.directory = directory_of(session, project.id)
        self.calendars = kept_calendars(session, project.id, year)
        self.standing = standing
        self.zone = ZoneInfo(project.timezone)


def _rows(session: Session, project: Project, standing: Standing, found: Any, now: datetime) -> list[RegisterRow]:
    context = while_structure_stands(
        session, project.id, ("rows", standing, now.year), lambda: _Context(session, project, standing, now.year)
    )
    # Whole five minutes: the same row is then the same tuple for a while, and its HTML is there already.
    until = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    return [_row(row, row.stalls_at is not None and row.stalls_at <= now, until, context) for row in found]


def _hours(calendar: Calendar | None, since: datetime | None, until: datetime) -> int:
    if calendar is None or since is None:
        return 0
    return int(working_time(calendar, since, until).total_seconds() // 3600)


@lru_cache(maxsize=5000)
def _row(row: Any, stalled: bool, until: datetime, context: _Context) -> RegisterRow:
    full = bool(row.full)
    names = context.directory
    calendar = context.calendars.get(row.turn_id)
    return RegisterRow(
        id=row.id, number=row.number, version=row.version, title=row.title, kind=row.kind, status=row.status,
        priority=row.priority, integration_id=row.integration_id,
        integration=names.integration(row.integration_id), party=names.party(row.party_id),
        owner_id=row.owner_id if full else None, owner=names.person(row.owner_id) if full else "",
        checker=names.person(row.checker_id) if full else "",
        turn_id=row.turn_id if full else None, turn=names.person(row.turn_id) if full else "",
        turn_party=names.party(row.turn_party_id), turn_via=row.turn_via,
        waited_hours=_hours(calendar, row.turn_since, until), stalled=stalled,
        needed_by=row.needed_by, promised_on=row.promised_on,
        waiting=_waiting(row, names) if full else "", waiting_kind=row.waiting_kind or "",
        waiting_since=row.waiting_since.astimezone(context.zone).date() if row.waiting_since else None,
        waiting_hours=_hours(calendar, row.waiting_since, until),
        waiting_agreed=bool(row.waiting_agreed), needs_help=row.help_at is not None and full,
        deadlock=row.deadlock or "", evidence=row.evidence, done_means=row.done_means if full else "",
        own=(row.own_1, row.own_2, row.own_3) if full else ("", "", ""),
        unconfirmed=not row.confirmed, archived=row.archived_at is not None, full=full,
        editable=_editable(context.standing, row, full),
    )  # fmt: skip


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
