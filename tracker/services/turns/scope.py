"""Which stretches of the wait ledger are asked for, and which of them the reader may see."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from tracker.domain.permissions import Standing
from tracker.domain.worktime import Calendar, local_day, wall
from tracker.services.access.loading import own_tasks
from tracker.tables import Project, Stretch, Task

PERIODS = ("now", "week", "weeks", "all")
"""What goes on now, in full; this week; four weeks; everything."""
WEEKS = timedelta(days=27)
NOBODY = "none"
"""A filter's word for persons without a party."""
LASTING = sa.or_(Stretch.seconds.is_(None), Stretch.seconds >= 60)
"""What took no minute was not waited for, and is no row. It counts among the answers: it was a quick one."""


class LedgerFilters(NamedTuple):
    """What the address asks for; broken values are dropped by `ledger_filters`."""

    person: int | None = None
    party: str = ""
    integration: int | None = None
    period: str = "weeks"
    after: int | None = None
    """The id of the last stretch shown."""


def ledger_filters(given: Mapping[str, str], me: int | None = None) -> LedgerFilters:
    """Read the address. `person=me` is the reader."""
    person = str(me) if given.get("person") == "me" and me else given.get("person", "")
    party, period = given.get("party", ""), given.get("period", "")
    return LedgerFilters(
        _number(person),
        party if party == NOBODY or _number(party) is not None else "",
        _number(given.get("integration", "")),
        period if period in PERIODS else "weeks",
        _number(given.get("after", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def begins(filters: LedgerFilters, project: Project, now: datetime) -> datetime | None:
    """Where the period begins, on the project's clock. None: stretches count from their own beginning."""
    calendar = Calendar(zone=project.timezone)
    today = local_day(calendar, now)
    if filters.period == "week":
        return wall(calendar, today - timedelta(days=today.weekday()), time(0))
    return wall(calendar, today - WEEKS, time(0)) if filters.period == "weeks" else None


def scope_of(standing: Standing, filters: LedgerFilters, since: datetime | None) -> list[sa.ColumnElement[bool]]:
    """Whoever sees all sees the ledger; a lead what their own parties were waited for, others what they were, each
    as far as the task is theirs to see."""
    found: list[sa.ColumnElement[bool]] = [Stretch.project_id == standing.project_id]
    if not standing.sees_all:
        seen = sa.select(Task.id).where(Task.project_id == standing.project_id, own_tasks(standing))
        theirs = sa.or_(Stretch.person_id == standing.person_id, Stretch.party_id.in_(sorted(standing.parties)))
        found += [theirs, Stretch.task_id.in_(seen)]
    if filters.person is not None:
        found.append(Stretch.person_id == filters.person)
    if filters.party:
        found.append(Stretch.party_id.is_(None) if filters.party == NOBODY else Stretch.party_id == int(filters.party))
    if filters.integration is not None:
        of_it = sa.select(Task.id).where(
            Task.project_id == standing.project_id, Task.integration_id == filters.integration
        )
        found.append(Stretch.task_id.in_(of_it))
    if filters.period == "now":
        found.append(Stretch.ended_at.is_(None))
    elif since is not None:
        found.append(sa.or_(Stretch.ended_at.is_(None), Stretch.ended_at > since))
    return found
