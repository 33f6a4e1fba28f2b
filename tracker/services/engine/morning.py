"""The conductor's own message at ten: what waits for their decision, if anything does, and nothing otherwise.

It is their one unasked message of the day; where the bot has something to ask of them that day (they may be a
contractor elsewhere), it goes inside that message.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from tracker.db import Database, rows
from tracker.domain.nudging.morning import day_to_look
from tracker.domain.nudging.silence import is_paused, silence_of_person
from tracker.domain.terms import MessageKind, MessageState
from tracker.domain.worktime import day_ends, is_working_day, local_day
from tracker.services.access.loading import conducting
from tracker.services.ground.journal import ENGINE, About, record
from tracker.services.ground.working_calendars import calendar_of
from tracker.services.messages.queue import WAITING, Queued, cancel
from tracker.services.nudging.message_facts import PODIUM
from tracker.services.nudging.reach import reached
from tracker.services.nudging.silence import speaking_projects, willing_members
from tracker.services.podium.needs import needs_of
from tracker.tables import Membership, Message, Person, Project

CARRIERS = frozenset({"telegram"})


class _Conductor(NamedTuple):
    person: int
    day: date
    projects: tuple[int, ...]
    counts: dict[str, int]
    """Kind of a need -> how many; empty: nothing waits."""
    of_project: int | None
    """The project that all of it is in, if it is one."""


def tell_conductors(
    database: Database, now: datetime, *, dry_run: bool = False, channels: Collection[str] = CARRIERS
) -> list[Queued]:
    """Queue what is due to be told. Only Telegram carries it: the podium itself is a page that they open every day."""
    carriers = CARRIERS & set(channels)
    if not carriers:
        return []
    with database.reading() as session:
        due = _due(session, now, carriers)
    written: list[Queued] = []
    for one in due:
        if dry_run:
            written += [_queued(one, None, now)] if one.counts else []
            continue
        with database.writing() as session:
            if _claim(session, one) and one.counts:
                written += _put(session, one, now)
    return written


def podium_verdict(session: Session, message: Message, person: Person, now: datetime) -> str:
    """Asked once more before it leaves: the name of the count that it falls under, or nothing if it goes out."""
    conducted = _conducted(session, person.id)
    zone_day = None if not conducted else _working_day(session, conducted[0], person.id, now)
    # Whether they know of the bot was asked of the projects that they conduct.
    reason = silence_of_person(
        opted_out=person.opted_out_at is not None,
        knows_bot=person.archived_at is None,
        paused_until=person.paused_until,
        today=message.local_day,
    )
    if not reason and zone_day != message.local_day:
        # Yesterday's is no news: today has its own.
        reason = "past"
    elif not reason and not renew_counts(session, message, now):
        reason = "nothing_due"
    if not reason:
        return ""
    cancel(session, ENGINE, message, reason, now)
    return "cancelled"


def renew_counts(session: Session, message: Message, now: datetime) -> bool:
    """Count anew what a message tells of the podium; whether anything waits."""
    counts, _project = _counted(session, _conducted(session, message.person_id), now, message.local_day)
    message.facts = {name: value for name, value in message.facts.items() if name != PODIUM}
    if counts:
        message.facts = {**message.facts, PODIUM: counts}
    session.add(message)
    return bool(counts)


def _due(session: Session, now: datetime, channels: Collection[str]) -> list[_Conductor]:
    columns: tuple[Any, ...] = (
        col(Person.id), col(Person.timezone), col(Person.opens), col(Person.closes), col(Person.podium_on),
        col(Person.paused_until), col(Membership.project_id),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Project, col(Project.id) == col(Membership.project_id))
        .where(_written_to(), reached(channels))
        .order_by(col(Person.id), col(Membership.project_id))
    )
    places: dict[tuple[int, date], list[int]] = {}
    for row in rows(session, query):
        day = day_to_look(row.timezone, row.opens, row.closes, row.podium_on, now)
        if day is not None and not is_paused(row.paused_until, day):
            places.setdefault((row.id, day), []).append(row.project_id)
    return [_looked_at(session, person, day, projects, now) for (person, day), projects in places.items()]


def _written_to() -> sa.ColumnElement[bool]:
    """Places of conductors who may be written to, in projects that speak."""
    return sa.and_(conducting(), speaking_projects(), willing_members())


def _conducted(session: Session, person_id: int) -> list[int]:
    query = (
        sa.select(col(Project.id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(_written_to(), col(Person.id) == person_id)
        .order_by(col(Project.id))
    )
    return [project for (project,) in rows(session, query)]


def _looked_at(session: Session, person: int, day: date, projects: Sequence[int], now: datetime) -> _Conductor:
    at_work = _working_day(session, projects[0], person, now) == day
    counts, project = _counted(session, projects, now, day) if at_work else ({}, None)
    return _Conductor(person, day, tuple(projects), counts, project)


def _working_day(session: Session, project_id: int, person_id: int, now: datetime) -> date | None:
    """Their local day, if they work on it and its hours are not over."""
    calendar = calendar_of(session, session.get_one(Project, project_id), person_id, now.year)
    today = local_day(calendar, now)
    return today if is_working_day(calendar, today) and now < day_ends(calendar, today) else None


def _counted(
    session: Session, project_ids: Sequence[int], now: datetime, today: date
) -> tuple[dict[str, int], int | None]:
    """As the podium lists it; of messages to approve it counts the messages."""
    counts: Counter[str] = Counter()
    places = set()
    for need in needs_of(session, project_ids, now=now, today=today) if project_ids else ():
        counts[str(need.kind)] += need.messages or 1
        places.add(need.project)
    return dict(counts), places.pop() if len(places) == 1 else None


def _claim(session: Session, one: _Conductor) -> bool:
    """This day is looked at, by one process."""
    mark = sa.or_(col(Person.podium_on).is_(None), col(Person.podium_on) != one.day)
    claimed = sa.update(Person).where(col(Person.id) == one.person, mark).values(podium_on=one.day)
    return bool(session.connection().execute(claimed).rowcount)


def _put(session: Session, one: _Conductor, now: datetime) -> list[Queued]:
    of_today = sa.select(Message).where(
        col(Message.person_id) == one.person,
        col(Message.local_day) == one.day,
        col(Message.unasked).is_(True),
        col(Message.state) != MessageState.CANCELLED,
    )
    there = session.scalars(of_today.with_for_update()).first()
    if there is not None:
        if there.state in WAITING:
            there.facts = {**there.facts, PODIUM: one.counts}
            session.add(there)
        return []
    message = Message(
        project_id=one.of_project,
        person_id=one.person,
        kind=MessageKind.PODIUM,
        rule=MessageKind.PODIUM,
        facts={PODIUM: one.counts},
        local_day=one.day,
        queued_at=now,
        send_after=now,
        state=MessageState.QUEUED,
        updated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(message)
            session.flush()
    except IntegrityError:  # something else has just taken the day: it is theirs to read on the page
        return []
    record(
        session,
        ENGINE,
        "message.queued",
        About("message", message.id, one.of_project or 0),
        now=now,
        person=one.person,
        message_kind=message.kind,
        rule=message.rule,
    )
    return [_queued(one, message.id, now)]


def _queued(one: _Conductor, message_id: int | None, now: datetime) -> Queued:
    return Queued(
        message_id,
        one.person,
        one.of_project or one.projects[0],
        MessageKind.PODIUM,
        MessageKind.PODIUM,
        (),
        one.day,
        now,
        MessageState.QUEUED,
        0,
    )
