"""The wait ledger: how long an answer was waited for, by party and by person; the rows that each sum is made of.

Everything is counted in whole minutes of the working time of the person of the turn, each stretch for itself: so a sum
is the sum of its rows to the minute, wherever it stands. A stretch that ended has its time stored; one that goes on is
counted up to the last whole five minutes, as everything is that grows by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.permissions import Standing
from tracker.domain.worktime import Calendar, local_day, waited
from tracker.services.calendars import calendars_of
from tracker.services.directory import directory_of, kept_calendars
from tracker.services.ledger_medians import medians_of
from tracker.services.ledger_scope import LASTING, LedgerFilters, begins, scope_of
from tracker.services.standstill import while_project_stands
from tracker.tables import Project, Stretch, Task

PAGE = 50
STEP = timedelta(minutes=5)
MINUTE = 60


class Waited(NamedTuple):
    """What was waited for one party, person, or all. `median`: minutes to an answer; None where none came."""

    id: int | None
    name: str
    minutes: int
    stretches: int
    median: int | None


class Ledger(NamedTuple):
    """`parties` and `persons`: who has most of it first."""

    total: Waited
    parties: Sequence[Waited]
    persons: Sequence[Waited]


class StretchRow(NamedTuple):
    """One stretch of turn. `began_before`: only what lies in the period is counted."""

    id: int
    number: int
    title: str
    person: str
    party: str
    started_at: datetime
    ended_at: datetime | None
    ended_by: str
    minutes: int
    began_before: bool


class LedgerRows(NamedTuple):
    rows: Sequence[StretchRow]
    more: int | None
    """The `after` of the next page."""


def counted_to(now: datetime) -> datetime:
    """The moment up to which stretches that go on are counted."""
    return now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)


def ledger_of(
    session: Session, project: Project, standing: Standing, filters: LedgerFilters, now: datetime
) -> Ledger:  # fmt: skip
    """The sums of what the reader may see of the ledger."""
    place = "all" if standing.sees_all else standing
    read = partial(_read, session, project, standing, filters, now)
    name = ("ledger", place, filters._replace(after=None), _today(project, now))
    return while_project_stands(session, project.id, name, lambda: (counted_to(now) + STEP, read()), now)


def open_waits(session: Session, project: Project, now: datetime) -> dict[tuple[int | None, int], tuple[int, int]]:
    """(party, person of the turn) -> (minutes, stretches) of what is waited for now."""
    goes_on = sa.and_(Stretch.project_id == project.id, Stretch.ended_at.is_(None))
    found: dict[tuple[int | None, int], tuple[int, int]] = {}
    for key, minutes, count in _counted(session, project, goes_on, None, now):
        before = found.get(key, (0, 0))
        found[key] = before[0] + minutes, before[1] + count
    return found


def ledger_rows(
    session: Session, project: Project, standing: Standing, filters: LedgerFilters, now: datetime
) -> LedgerRows:
    """The stretches behind the sums: those that go on by age, others the newest first."""
    since, until = begins(filters, project, now), counted_to(now)
    columns = (
        Stretch.id, Task.number, Task.title, Stretch.person_id, Stretch.party_id, Stretch.started_at,
        Stretch.ended_at, Stretch.ended_by, Stretch.seconds,
    )  # fmt: skip
    query = sa.select(*columns).join(Task, Task.id == Stretch.task_id).where(LASTING)
    query = query.where(*scope_of(standing, filters, since))
    place = sa.tuple_(Stretch.started_at, Stretch.id)
    oldest_first = filters.period == "now"
    if filters.after is not None:
        last = sa.select(Stretch.started_at).where(Stretch.id == filters.after).scalar_subquery()
        beyond = sa.tuple_(last, sa.literal(filters.after))
        query = query.where(place > beyond if oldest_first else place < beyond)
    order = (Stretch.started_at, Stretch.id) if oldest_first else (Stretch.started_at.desc(), Stretch.id.desc())
    found = rows(session, query.order_by(*order).limit(PAGE + 1))
    names, calendars = directory_of(session, project.id), _Calendars(session, project, now.year)
    calendars.need(row.person_id for row in found)
    shown = [
        StretchRow(
            row.id, row.number, row.title, names.person(row.person_id), names.party(row.party_id), row.started_at,
            row.ended_at, row.ended_by,
            minutes_of(calendars.of(row.person_id), row.started_at, row.ended_at, row.seconds, since, until),
            since is not None and row.started_at < since,
        )
        for row in found[:PAGE]
    ]  # fmt: skip
    return LedgerRows(shown, shown[-1].id if len(found) > PAGE else None)


def minutes_of(
    calendar: Calendar | None, started: datetime, ended: datetime | None, seconds: int | None,
    since: datetime | None, until: datetime,
) -> int:  # fmt: skip
    """What a stretch counts from `since` on. Never more than was counted when it ended, whatever has become of the
    calendar since."""
    cut = since is not None and started < since
    if ended is not None and not cut:
        return (seconds or 0) // MINUTE
    if calendar is None:
        return 0
    begin = since if since is not None and cut else started
    found = int(waited(calendar, begin, until if ended is None else ended).total_seconds())
    return (found if ended is None else min(found, seconds or 0)) // MINUTE


class _Calendars:
    """Of the project's people, and of those who have left it."""

    def __init__(self, session: Session, project: Project, year: int) -> None:
        self.session, self.project, self.year = session, project, year
        self.known: Mapping[int, Calendar] = kept_calendars(session, project.id, year)

    def need(self, persons: Any) -> None:
        strangers = set(persons) - self.known.keys()
        if strangers:
            self.known = {**self.known, **calendars_of(self.session, self.project, strangers, self.year)}

    def of(self, person: int) -> Calendar | None:
        return self.known.get(person)


def _today(project: Project, now: datetime) -> date:
    return local_day(Calendar(zone=project.timezone), now)


def _read(session: Session, project: Project, standing: Standing, filters: LedgerFilters, now: datetime) -> Ledger:
    since = begins(filters, project, now)
    scope = scope_of(standing, filters, since)
    sums: dict[tuple[int | None, int], list[int]] = {}

    def add(key: tuple[int | None, int], minutes: int, count: int) -> None:
        place = sums.setdefault(key, [0, 0])
        place[0] += minutes
        place[1] += count

    in_whole = Stretch.ended_at.is_not(None)
    partly: sa.ColumnElement[bool] = Stretch.ended_at.is_(None)
    if since is not None:
        in_whole = sa.and_(in_whole, Stretch.started_at >= since)
        partly = sa.or_(partly, Stretch.started_at < since)
    if filters.period != "now":
        minutes = sa.func.sum(Stretch.seconds // MINUTE)
        query = sa.select(Stretch.party_id, Stretch.person_id, minutes, sa.func.count())
        for party, person, sum_of, count in rows(
            session, query.where(*scope, LASTING, in_whole).group_by(Stretch.party_id, Stretch.person_id)
        ):
            add((party, person), int(sum_of or 0), count)
    for key, sum_of, count in _counted(session, project, sa.and_(*scope, LASTING, partly), since, now):
        add(key, sum_of, count)
    return _summed(session, project, sums, medians_of(session, scope))


def _counted(
    session: Session, project: Project, which: sa.ColumnElement[bool], since: datetime | None, now: datetime
) -> list[tuple[tuple[int | None, int], int, int]]:
    """Stretches whose time is not simply stored: those that go on, and those cut by the beginning of the period.

    What began at the same moment with the same person is counted once, for all of them: an import makes thousands.
    """
    columns = (Stretch.party_id, Stretch.person_id, Stretch.started_at, Stretch.ended_at, Stretch.seconds)
    query = sa.select(*columns, sa.func.count().label("count")).where(which).group_by(*columns)
    found = rows(session, query)
    calendars, until = _Calendars(session, project, now.year), counted_to(now)
    calendars.need(row.person_id for row in found)
    return [
        (
            (party, person),
            minutes_of(calendars.of(person), started, ended, seconds, since, until) * count,
            count,
        )
        for party, person, started, ended, seconds, count in found
    ]  # fmt: skip


def _summed(
    session: Session, project: Project, sums: Mapping[tuple[int | None, int], Sequence[int]], medians: Any
) -> Ledger:
    names = directory_of(session, project.id)

    def gathered(place: int, called: Any, median: Mapping[int | None, int]) -> list[Waited]:
        found: dict[int | None, list[int]] = {}
        for key, (minutes, count) in sums.items():
            mine = found.setdefault(key[place], [0, 0])
            mine[0] += minutes
            mine[1] += count
        shown = [Waited(one, called(one), *both, median.get(one)) for one, both in found.items()]
        return sorted(shown, key=lambda one: (-one.minutes, one.name, one.id or 0))

    minutes, stretches = (sum(both[place] for both in sums.values()) for place in (0, 1))
    return Ledger(
        Waited(None, "", minutes, stretches, medians.all), gathered(0, names.party, medians.parties),
        gathered(1, names.person, medians.persons),
    )  # fmt: skip
