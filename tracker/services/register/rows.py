"""What a stored row of the register shows, and until when: equal rows of the same context are read out alike."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from tracker.db import moment_of
from tracker.domain.names import Directory
from tracker.domain.permissions import Standing
from tracker.domain.terms import OWN_COLUMNS
from tracker.domain.turns.stalling import is_stalled
from tracker.domain.worktime import Calendar, add_working_time, day_in, working_time
from tracker.services.ground.directory import directory_of, kept_calendars
from tracker.services.ground.kept import while_structure_stands
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
    own: tuple[str, ...]
    unconfirmed: bool
    archived: bool
    full: bool
    """False: seen in outline only."""
    editable: str
    """all, owner, answers, or nothing."""


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
        waiting_since=day_in(context.zone, waiting_since) if waiting_since else None,
        waiting_hours=_hours(calendar, waiting_since, now)[0],
        waiting_agreed=bool(row.waiting_agreed), needs_help=row.help_at is not None and full,
        deadlock=row.deadlock or "", evidence=row.evidence, done_means=row.done_means if full else "",
        own=_own(row) if full else NO_OWN,
        unconfirmed=not row.confirmed, archived=row.archived_at is not None, full=full,
        editable=_editable(context.standing, row, full),
    )  # fmt: skip


_own: Callable[[Any], tuple[str, ...]] = attrgetter(*OWN_COLUMNS)
NO_OWN = ("",) * len(OWN_COLUMNS)


class WrittenRow:
    """A task as `row_of` reads a stored row, for whom nothing of it is hidden."""

    awaited, deadlock, full = None, "", True

    def __init__(self, task: Task, evidence: int) -> None:
        self.task, self.evidence = task, evidence

    def __getattr__(self, name: str) -> Any:
        return getattr(self.task, name)


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
