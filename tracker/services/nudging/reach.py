"""How people can be reached, and how the nudge policy sees them: read for many persons of many projects at once."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import chunks, rows
from tracker.domain.nudging.cases import NUDGING, PersonCase
from tracker.domain.permissions import may_be_deputy
from tracker.domain.terms import MessageState, Role
from tracker.domain.worktime import Calendar, local_day
from tracker.services.ground.working_calendars import calendars_of
from tracker.services.house.installation import restored_at
from tracker.services.nudging.silence import knows
from tracker.tables import Membership, Message, MessageTask, Person, Project, Task

REACHED = {
    "telegram": sa.and_(col(Person.telegram_chat_id).is_not(None), col(Person.telegram_dead_at).is_(None)),
    "email": sa.and_(sa.func.coalesce(Person.email, "") != "", col(Person.email_dead_at).is_(None)),
}
"""Channel -> the persons who have an address there that works, as `addresses_of` finds it."""
CHANNELS = frozenset(REACHED)
IGNORED_WITHIN = timedelta(days=14)
"""Ten working days."""
STOPPED = "stopped"
"""Why a message is cancelled, where the conductor said so."""
GONE_OUT = (MessageState.SENDING, MessageState.SENT, MessageState.UNKNOWN, MessageState.FAILED)
"""A message in one of these states has spent its person's day."""


class Circle(NamedTuple):
    """`whole`: persons all of whose messages can be composed; `all`: whose tasks have to be read for that."""

    whole: set[int]
    all: set[int]


def circle_of(session: Session, person_ids: Collection[int]) -> Circle:
    """The persons and their deputies; and all whom any of those stands in for."""
    whole = set(person_ids)
    for part in chunks(person_ids):
        deputies = rows(session, sa.select(col(Person.deputy_id)).where(col(Person.id).in_(part)))
        whole |= {deputy for (deputy,) in deputies if deputy is not None}
    everybody = set(whole)
    for part in chunks(whole):
        stood_for = rows(session, sa.select(col(Person.id)).where(col(Person.deputy_id).in_(part)))
        everybody |= {one for (one,) in stood_for}
    return Circle(whole, everybody)


def people_cases(
    session: Session,
    wanted: set[tuple[int, int]],
    projects: dict[int, Project],
    now: datetime,
    channels: Collection[str],
    without_message: int | None,
) -> dict[tuple[int, int], PersonCase]:
    """(project, person) -> the person as the policy sees them, with their deputy in that project."""
    persons = _person_rows(session, {person for _project, person in wanted})
    deputies = {row.deputy_id for row in persons.values() if row.deputy_id is not None}
    persons |= _person_rows(session, deputies - persons.keys())
    members = _members(session, persons.keys(), projects.keys())
    told = _told_days(session, persons.keys(), now, without_message)
    copied = restored_at(session)
    ignored = _ignored(session, persons.keys(), now)
    found: dict[tuple[int, int], PersonCase] = {}
    by_project: dict[int, set[int]] = {}
    for project_id, person_id in wanted:
        deputy_id = persons[person_id].deputy_id
        by_project.setdefault(project_id, set()).update({person_id} if deputy_id is None else {person_id, deputy_id})
    for project_id, ids in by_project.items():
        calendars = calendars_of(session, projects[project_id], ids, now.year)
        alone = {
            person_id: PersonCase(
                id=person_id,
                calendar=calendars[person_id],
                knows_bot=knows(persons[person_id], members.get((project_id, person_id))),
                reachable=bool(addresses_of(persons[person_id]).keys() & set(channels)),
                opted_out=persons[person_id].opted_out_at is not None,
                paused_until=persons[person_id].paused_until,
                is_conductor=_is_conductor(members.get((project_id, person_id))),
                ignored=ignored.get(person_id, 0),
                told_days=told.get(person_id, frozenset()) | _unknown_day(calendars[person_id], copied),
            )
            for person_id in ids
        }
        for person_id, case in alone.items():
            deputy = persons[person_id].deputy_id
            # Only a member of the project who may answer there stands in: the messages tell of its tasks, and ask.
            member = members.get((project_id, deputy)) if deputy in alone else None
            stands_in = member is not None and may_be_deputy(member.role)
            found[project_id, person_id] = case._replace(deputy=alone[deputy]) if stands_in else case
    return found


def _person_rows(session: Session, ids: Collection[int]) -> dict[int, Any]:
    names = (
        "id", "deputy_id", "knows_bot", "opted_out_at", "telegram_chat_id", "telegram_dead_at", "email",
        "email_dead_at", "archived_at", "paused_until",
    )  # fmt: skip
    query = sa.select(*(getattr(Person, name) for name in names))
    return {row.id: row for part in chunks(ids) for row in rows(session, query.where(col(Person.id).in_(part)))}


def _members(session: Session, ids: Collection[int], project_ids: Collection[int]) -> dict[tuple[int, int], Any]:
    query = sa.select(
        col(Membership.project_id), col(Membership.person_id), col(Membership.role), col(Membership.invited_at)
    ).where(col(Membership.archived_at).is_(None), col(Membership.project_id).in_(project_ids))
    found = (row for part in chunks(ids) for row in rows(session, query.where(col(Membership.person_id).in_(part))))
    return {(row.project_id, row.person_id): row for row in found}


def _is_conductor(member: Any) -> bool:
    return member is not None and member.role == Role.CONDUCTOR


def addresses_of(person: Any) -> dict[str, str]:
    """Channel -> address, in the order of preference, without the dead ones. Takes a Person or its columns."""
    found: dict[str, str] = {}
    if person.telegram_chat_id is not None and person.telegram_dead_at is None:
        found["telegram"] = str(person.telegram_chat_id)
    if person.email and person.email_dead_at is None:
        found["email"] = person.email
    return found


def reached(channels: Collection[str] = CHANNELS) -> sa.ColumnElement[bool]:
    """Persons with an address that works in one of these channels."""
    return sa.or_(sa.false(), *(REACHED[channel] for channel in sorted(channels)))


def _unknown_day(cal: Calendar, copied: datetime | None) -> frozenset[date]:
    """The day of a restore: the original may have spent it."""
    return frozenset() if copied is None else frozenset({local_day(cal, copied)})


def _told_days(
    session: Session, ids: Collection[int], now: datetime, without_message: int | None
) -> dict[int, frozenset[date]]:
    query = sa.select(col(Message.person_id), col(Message.local_day)).where(
        sa.true() if without_message is None else col(Message.id) != without_message,
        col(Message.unasked).is_(True),
        col(Message.local_day) >= (now - timedelta(days=2)).date(),
        # One that the conductor stopped has spent its day too: "not today" is what stopping says.
        sa.or_(col(Message.state).in_(GONE_OUT), col(Message.state_reason) == STOPPED),
    )
    found: dict[int, set[date]] = {}
    for part in chunks(ids):
        for person_id, day in rows(session, query.where(col(Message.person_id).in_(part))):
            found.setdefault(person_id, set()).add(day)
    return {person_id: frozenset(days) for person_id, days in found.items()}


def _ignored(session: Session, ids: Collection[int], now: datetime) -> dict[int, int]:
    """Person -> nudges of the last ten working days that had no answer yet."""
    query = (
        sa.select(col(Message.person_id), sa.func.count())
        .join(MessageTask, col(MessageTask.message_id) == col(Message.id))
        .join(Task, col(Task.id) == col(MessageTask.task_id))
        .where(
            col(Message.state) == MessageState.SENT,
            col(Message.sent_at) >= now - IGNORED_WITHIN,
            col(MessageTask.step).in_(sorted(NUDGING)),
            col(MessageTask.cancelled) == "",
            col(Task.turn_id) == col(Message.person_id),
            col(Task.episode) == col(MessageTask.episode),
            sa.or_(col(Task.progress_at).is_(None), col(Task.progress_at) < col(Message.sent_at)),
        )
        .group_by(col(Message.person_id))
    )
    return {
        person_id: count
        for part in chunks(ids)
        for person_id, count in rows(session, query.where(col(Message.person_id).in_(part)))
    }
