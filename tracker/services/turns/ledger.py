"""The wait ledger: how long an answer was waited for, by party and by person; the rows that each sum is made of.

Everything is counted in whole minutes of the working time of the person of the turn, each stretch for itself: so a sum
is the sum of its rows to the minute, wherever it stands. A stretch that ended has its time stored; one that goes on is
counted up to the last whole five minutes, as everything is that grows by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.alphabet import by_name
from tracker.domain.permissions import Standing
from tracker.services.ground.directory import directory_of
from tracker.services.ground.kept import while_project_stands
from tracker.services.turns.scope import LASTING, LedgerFilters, begins, scope_of
from tracker.services.turns.sums import Calendars, Key, Period, Sum, goes_on, median, minutes_of, sums_of
from tracker.tables import Project, Stretch, Task

PAGE = 50
STEP = timedelta(minutes=5)


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


def ledger_of(session: Session, project: Project, standing: Standing, filters: LedgerFilters, now: datetime) -> Ledger:
    """The sums of what the reader may see of the ledger."""
    name, period = _asked(project, standing, filters, now)

    def read() -> tuple[datetime, Ledger]:
        scope = scope_of(standing, filters, period.since)
        return period.until + STEP, _ledger(session, project, sums_of(session, project, scope, name, period))

    return while_project_stands(session, project.id, ("ledger", name, period.since), read, now)


def _asked(project: Project, standing: Standing, filters: LedgerFilters, now: datetime) -> tuple[Any, Period]:
    """What sums are kept by, and the period: equal for all who may see all."""
    place = "all" if standing.sees_all else standing
    return (place, filters._replace(after=None)), Period(begins(filters, project, now), counted_to(now))


def open_waits(session: Session, project: Project, standing: Standing, now: datetime) -> dict[int | None, int]:
    """Party -> minutes of what is waited for now. The same count serves the sum of four weeks."""
    name, period = _asked(project, standing, LedgerFilters(), now)
    found: dict[int | None, int] = {}
    scope = scope_of(standing, LedgerFilters(), period.since)
    for (party, _), (_, _, minutes) in goes_on(session, project, scope, name, period).items():
        found[party] = found.get(party, 0) + minutes
    return found


def _ledger(session: Session, project: Project, sums: Mapping[Key, Sum]) -> Ledger:
    names = directory_of(session, project.id)

    def gathered(place: int, called: Callable[[Any], str]) -> list[Waited]:
        groups: dict[int | None, list[Sum]] = {}
        for key, one in sums.items():
            groups.setdefault(key[place], []).append(one)
        shown = [_waited(one, called(one), parts) for one, parts in groups.items()]
        # Who has only answers within a minute was not waited for.
        return sorted(
            (one for one in shown if one.stretches), key=lambda one: (-one.minutes, by_name(one.name), one.id or 0)
        )

    return Ledger(_waited(None, "", list(sums.values())), gathered(0, names.party), gathered(1, names.person))


def _waited(key: int | None, name: str, parts: Sequence[Sum]) -> Waited:
    answers = parts[0].answers if len(parts) == 1 else sorted(chain.from_iterable(one.answers for one in parts))
    return Waited(key, name, sum(one.minutes for one in parts), sum(one.stretches for one in parts), median(answers))


def ledger_rows(
    session: Session, project: Project, standing: Standing, filters: LedgerFilters, now: datetime
) -> LedgerRows:
    """The stretches behind the sums: those that go on by age, others the newest first."""
    period = Period(begins(filters, project, now), counted_to(now))
    columns = (
        Stretch.id, Task.number, Task.title, Stretch.person_id, Stretch.party_id, Stretch.started_at,
        Stretch.ended_at, Stretch.ended_by, Stretch.seconds,
    )  # fmt: skip
    query = sa.select(*columns).join(Task, Task.id == Stretch.task_id)
    query = query.where(LASTING, *scope_of(standing, filters, period.since))
    place = sa.tuple_(Stretch.started_at, Stretch.id)
    oldest_first = filters.period == "now"
    if filters.after is not None:
        last = sa.select(Stretch.started_at).where(Stretch.id == filters.after).scalar_subquery()
        beyond = sa.tuple_(last, sa.literal(filters.after))
        query = query.where(place > beyond if oldest_first else place < beyond)
    order = (Stretch.started_at, Stretch.id) if oldest_first else (Stretch.started_at.desc(), Stretch.id.desc())
    found = rows(session, query.order_by(*order).limit(PAGE + 1))
    calendars = Calendars(session, project, now.year, {row.person_id for row in found})
    names = directory_of(session, project.id)
    shown = [
        StretchRow(
            row.id,
            row.number,
            row.title,
            names.person(row.person_id),
            names.party(row.party_id),
            row.started_at,
            row.ended_at,
            row.ended_by,
            minutes_of(calendars.of(row.person_id), row.started_at, row.ended_at, row.seconds, period),
            period.since is not None and row.started_at < period.since,
        )
        for row in found[:PAGE]
    ]
    return LedgerRows(shown, shown[-1].id if len(found) > PAGE else None)
