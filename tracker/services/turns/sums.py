"""How the sums of the wait ledger are made: what has long ended is summed once, what goes on is counted each time.

Ten thousand stretches that go on, and many more that ended, are no reason to wait for a page. What ended before this
hour changes no more, so its sums are kept; of what goes on, the working time up to its beginning is kept, so that one
subtraction tells how long it has been.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import as_stored, columns, moment_of
from tracker.domain.worktime import Calendar, worked_by, working_time
from tracker.services.ground.directory import kept_calendars
from tracker.services.ground.kept import while_structure_stands
from tracker.services.ground.working_calendars import calendars_of
from tracker.tables import Project, Stretch

Key = tuple[int | None, int]
"""(party, person)."""
Going = tuple[int, int, int]
"""(minutes in the period, stretches, minutes from their beginning)."""
Scope = Sequence[sa.ColumnElement[bool]]
MINUTE = timedelta(minutes=1)
NO_ANSWERS = array("l")
NOTHING = (0, 0, 0)


class Sum(NamedTuple):
    """Of one person in one party: minutes, stretches, and the seconds of each answer, in order."""

    minutes: int
    stretches: int
    answers: "array[int]"


class Period(NamedTuple):
    """What of each stretch counts: from `since` on (None: from its own beginning), up to `until` where it goes on."""

    since: datetime | None
    until: datetime


def sums_of(session: Session, project: Project, scope: Scope, name: Any, period: Period) -> dict[Key, Sum]:
    """`name`: what the scope is made of, to keep its settled part by."""
    settled, hour = _settled(session, project, scope, name, period)
    found = dict(settled)
    fresh = _sum_ended(session, project, [*scope, Stretch.ended_at >= hour], period)
    going = {
        key: Sum(minutes, count, NO_ANSWERS)
        for key, (minutes, count, _) in goes_on(session, project, scope, name, period).items()
    }
    for more in (fresh, going):
        for key, one in more.items():
            found[key] = _both(found[key], one) if key in found else one
    return found


def _both(one: Sum, other: Sum) -> Sum:
    answers = one.answers if not other.answers else array("l", sorted((*one.answers, *other.answers)))
    return Sum(one.minutes + other.minutes, one.stretches + other.stretches, answers)


def minutes_of(
    calendar: Calendar | None, started: datetime, ended: datetime | None, seconds: int | None, period: Period
) -> int:
    """What one stretch counts. Never more than was counted when it ended, whatever has become of the calendar since."""
    cut = period.since is not None and started < period.since
    if ended is not None and not cut:
        return (seconds or 0) // 60
    if calendar is None:
        return 0
    begin = period.since if period.since is not None and cut else started
    found = working_time(calendar, begin, period.until if ended is None else ended)
    return found // MINUTE if ended is None else min(found, timedelta(seconds=seconds or 0)) // MINUTE


class Calendars:
    """Of the project's people, and of those who have left it."""

    def __init__(self, session: Session, project: Project, year: int, persons: Iterable[int]) -> None:
        known: Mapping[int, Calendar] = kept_calendars(session, project.id, year)
        strangers = set(persons) - known.keys()
        self.known = {**known, **calendars_of(session, project, strangers, year)} if strangers else known

    def of(self, person: int) -> Calendar | None:
        return self.known.get(person)


def _settled(
    session: Session, project: Project, scope: Scope, name: Any, period: Period
) -> tuple[Mapping[Key, Sum], datetime]:
    """(what had ended when this hour began, that hour). Somebody may have ended a stretch as of earlier all the same,
    by a clock that was set back: then there are more of them."""
    hour = period.until.replace(minute=0)
    before = sa.select(sa.func.count()).where(Stretch.project_id == project.id, Stretch.ended_at < hour)
    many = columns(session, before)[0][0]
    read = partial(_sum_ended, session, project, [*scope, Stretch.ended_at < hour], period)
    return while_structure_stands(session, project.id, ("settled waits", name, period.since, hour, many), read), hour


def _sum_ended(session: Session, project: Project, scope: Scope, period: Period) -> dict[Key, Sum]:
    minutes: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    answers: dict[Key, list[int]] = {}
    for key, counted, answer in _ended(session, project, scope, period):
        if counted is not None:
            minutes[key] = minutes.get(key, 0) + counted
            counts[key] = counts.get(key, 0) + 1
        if answer is not None:
            answers.setdefault(key, []).append(answer)
    return {
        key: Sum(minutes.get(key, 0), counts.get(key, 0), array("l", sorted(answers.get(key, ()))))
        for key in minutes.keys() | answers.keys()
    }


def _ended(
    session: Session, project: Project, scope: Scope, period: Period
) -> list[tuple[Key, int | None, int | None]]:
    """(whose, minutes or None for what took none, seconds of an answer or None) of stretches that ended."""
    since = period.since
    cut = sa.false() if since is None else Stretch.started_at < since
    query = sa.select(
        Stretch.party_id,
        Stretch.person_id,
        Stretch.seconds,
        Stretch.ended_by,
        cut,
        sa.case((cut, as_stored(Stretch.started_at).element)),
        sa.case((cut, as_stored(Stretch.ended_at).element)),
    )
    found = columns(session, query.where(*scope))
    calendars = Calendars(session, project, period.until.year, {row[1] for row in found if row[4]})
    shown: list[tuple[Key, int | None, int | None]] = []
    for party, person, seconds, why, is_cut, started, ended in found:
        minutes = None if (seconds or 0) < 60 else seconds // 60
        if is_cut and minutes is not None:
            begin, end = moment_of(started), moment_of(ended)
            assert begin is not None
            minutes = minutes_of(calendars.of(person), begin, end, seconds, period)
        shown.append(((party, person), minutes, seconds if why == "answer" else None))
    return shown


def goes_on(session: Session, project: Project, scope: Scope, name: Any, period: Period) -> Mapping[Key, Going]:
    """What has not ended, kept until something begins or ends, or five minutes more are to be counted."""
    open_now = sa.and_(Stretch.project_id == project.id, Stretch.ended_at.is_(None))
    which = columns(session, sa.select(sa.func.count(), sa.func.sum(Stretch.id)).where(open_now))[0]
    read = partial(_count_going, session, project, scope, period)
    return while_structure_stands(session, project.id, ("waits", name, period, tuple(which)), read)


def _count_going(session: Session, project: Project, scope: Scope, period: Period) -> dict[Key, Going]:
    query = sa.select(Stretch.id, Stretch.party_id, Stretch.person_id, as_stored(Stretch.started_at))
    found = columns(session, query.where(*scope, Stretch.ended_at.is_(None)))
    year = period.until.year
    persons = {row[2] for row in found}
    calendars = Calendars(session, project, year, persons)
    begun: dict[int, timedelta | None] = while_structure_stands(session, project.id, ("waits begun", year), dict)
    bounds: dict[Calendar | None, tuple[timedelta | None, timedelta | None]] = {}
    by_person = {}
    for person in persons:
        calendar = calendars.of(person)
        if calendar not in bounds:
            bounds[calendar] = _worked(calendar, period.since), _worked(calendar, period.until)
        by_person[person] = bounds[calendar]
    sums: dict[Key, Going] = {}
    for stretch, party, person, started in found:
        if stretch not in begun:
            begun[stretch] = _worked(calendars.of(person), moment_of(started))
        begin, (floor, end) = begun[stretch], by_person[person]
        if begin is None or end is None:
            moment = moment_of(started)
            assert moment is not None
            minutes = minutes_of(calendars.of(person), moment, None, None, period)
            in_full = minutes_of(calendars.of(person), moment, None, None, period._replace(since=None))
        else:
            in_full = (end - begin) // MINUTE if end > begin else 0
            minutes = in_full if floor is None or begin > floor else (end - floor) // MINUTE
        key = (party, person)
        was = sums.get(key, NOTHING)
        sums[key] = (was[0] + minutes, was[1] + 1, was[2] + in_full)
    return sums


def _worked(calendar: Calendar | None, moment: datetime | None) -> timedelta | None:
    return None if calendar is None or moment is None else worked_by(calendar, moment)


def median(answers: Sequence[int]) -> int | None:
    """Minutes, of seconds in order: of the one in the middle, or between the two."""
    if not answers:
        return None
    middle = len(answers) // 2
    return (answers[middle] if len(answers) % 2 else (answers[middle - 1] + answers[middle]) // 2) // 60
