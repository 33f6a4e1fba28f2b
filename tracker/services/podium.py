"""What the podium shows over all projects that somebody conducts: whose turn, launches, meetings, the next messages."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, select

from tracker.db import rows
from tracker.domain.acceptance import BY_HAND, Questions, questions, readiness
from tracker.domain.terms import IntegrationState, MeetingState, MessageState, Role
from tracker.domain.worktime import working_time
from tracker.services.calendars import calendars_of
from tracker.services.directory import directory_of, kept_calendars
from tracker.services.launch import facts_of_launches
from tracker.services.register import next_stall
from tracker.services.standstill import read_sequences, while_project_stands
from tracker.tables import (
    Integration,
    Meeting,
    MeetingItem,
    MeetingPerson,
    Membership,
    Message,
    MessageTask,
    Person,
    Project,
    Stretch,
    Task,
)

SHORT = timedelta(minutes=5)
"""How old the sum of hours may be: reckoned anew, it takes a tenth of a second with ten thousand open tasks."""
SOON = timedelta(days=7)


class PartyTurn(NamedTuple):
    """The open tasks whose turn it is in one party, and the working hours that they have waited, all together."""

    project: int
    party_id: int | None
    party: str
    tasks: int
    stalled: int
    hours: int
    person: int | None
    """Whose turn it is in all of them, if it is one person's."""


class Launch(NamedTuple):
    """An integration on its way. `soon`: its launch is near or past, and something is missing."""

    id: int
    project: int
    name: str
    accountable: str
    launch_on: date | None
    done: int
    of: int
    asked: Questions
    soon: bool


class Standstill(NamedTuple):
    """What is kept of one project until it moves."""

    turns: Sequence[PartyTurn]
    mine: Mapping[int, int]
    """Person of the turn -> how many open tasks."""
    launches: Sequence[Launch]


class Call(NamedTuple):
    id: int
    project: int
    title: str
    starts_at: datetime
    people: Sequence[str]
    deciders: Sequence[str]
    lines: int


class NextMessage(NamedTuple):
    """`step`: what its first task is told of; empty for news that no task is named in. `tasks`: their numbers."""

    id: int
    project: int
    person: str
    send_after: datetime
    state: str
    kind: str
    step: str
    tasks: Sequence[int]


def conducted(session: Session, person_id: int) -> list[Project]:
    """The living projects that the person conducts, by name."""
    query = (
        select(Project)
        .join(Membership, Membership.project_id == Project.id)
        .where(
            Membership.person_id == person_id, Membership.role == Role.CONDUCTOR, Membership.archived_at.is_(None),
            Project.archived_at.is_(None),
        )
        .order_by(Project.name, Project.id)
    )  # fmt: skip
    return list(session.exec(query))


def standstills(session: Session, projects: Collection[Project], now: datetime, today: date) -> list[Standstill]:
    """Of each project, in their order; one statement for all of them while nothing moves."""
    read_sequences(session, [project.id for project in projects])
    bucket = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)

    def read(project: Project) -> tuple[datetime, Standstill]:
        turns, mine = _turns(session, project, now)
        stalls = next_stall(session, project.id, now)
        until = min(bucket + SHORT, stalls) if stalls else bucket + SHORT
        return until, Standstill(turns, mine, _launches(session, project, today))

    return [
        while_project_stands(session, project.id, ("podium", today), partial(read, project), now)
        for project in projects
    ]  # fmt: skip


def _turns(session: Session, project: Project, now: datetime) -> tuple[list[PartyTurn], dict[int, int]]:
    query = (
        sa.select(Task.turn_party_id, Task.turn_id, Task.stalls_at, Stretch.started_at)
        .outerjoin(Stretch, sa.and_(Stretch.task_id == Task.id, Stretch.ended_at.is_(None)))
        .where(Task.project_id == project.id, Task.archived_at.is_(None), Task.turn_id.is_not(None))
    )
    found = rows(session, query)
    calendars = kept_calendars(session, project.id, now.year)
    strangers = {row.turn_id for row in found} - calendars.keys()
    calendars = {**calendars, **calendars_of(session, project, strangers, now.year)}
    known: dict[tuple[int, datetime], timedelta] = {}
    parties: dict[int | None, list[Any]] = {}
    persons: dict[int | None, set[int]] = {}
    mine: dict[int, int] = {}
    for party, person, stalls, since in found:
        place = parties.setdefault(party, [0, 0, timedelta(0)])
        place[0] += 1
        place[1] += stalls is not None and stalls <= now
        if since is not None:
            if (person, since) not in known:
                known[person, since] = working_time(calendars[person], since, now)
            place[2] += known[person, since]
        mine[person] = mine.get(person, 0) + 1
        persons.setdefault(party, set()).add(person)
    names = directory_of(session, project.id)
    turns = [
        PartyTurn(
            project.id, party, names.party(party), tasks, stalled, int(hours.total_seconds() // 3600),
            next(iter(persons[party])) if len(persons[party]) == 1 else None,
        )
        for party, (tasks, stalled, hours) in parties.items()
    ]  # fmt: skip
    return sorted(turns, key=lambda one: (-one.hours, one.party)), mine


def _launches(session: Session, project: Project, today: date) -> list[Launch]:
    states = BY_HAND - {IntegrationState.STOPPED}
    query = select(Integration).where(
        Integration.project_id == project.id,
        Integration.archived_at.is_(None),
        Integration.state.in_(states),
    )
    found = list(session.exec(query.order_by(Integration.name)))
    facts = facts_of_launches(session, project.id, found) if found else {}
    names = directory_of(session, project.id)
    launches: list[Launch] = []
    for one in found:
        ready = readiness(facts[one.id])
        near = one.launch_on is not None and one.launch_on <= today + SOON and ready.done < ready.of
        launches.append(
            Launch(one.id, project.id, one.name, names.person(one.accountable_id), one.launch_on, ready.done, ready.of,
                   questions(facts[one.id]), near)
        )  # fmt: skip
    return launches


def calls_between(session: Session, project_ids: Collection[int], first: datetime, last: datetime) -> list[Call]:
    """Planned meetings that begin from `first` on and before `last`."""
    lines = (
        sa.select(sa.func.count())
        .where(MeetingItem.meeting_id == Meeting.id)
        .correlate(Meeting)
        .scalar_subquery()
    )  # fmt: skip
    query = (
        sa.select(Meeting.id, Meeting.project_id, Meeting.title, Meeting.starts_at, lines.label("lines"))
        .where(
            Meeting.project_id.in_(project_ids), Meeting.state == MeetingState.PLANNED, Meeting.archived_at.is_(None),
            Meeting.starts_at >= first, Meeting.starts_at < last,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )  # fmt: skip
    found = rows(session, query)
    coming: dict[int, list[tuple[str, bool]]] = {row.id: [] for row in found}
    invited = (
        sa.select(MeetingPerson.meeting_id, Person.name, MeetingPerson.decides)
        .join(Person, Person.id == MeetingPerson.person_id)
        .where(MeetingPerson.meeting_id.in_(coming))
        .order_by(MeetingPerson.id)
    )
    for meeting, name, decides in rows(session, invited):
        coming[meeting].append((name, decides))
    return [
        Call(
            row.id, row.project_id, row.title, row.starts_at, [name for name, _ in coming[row.id]],
            [name for name, decides in coming[row.id] if decides], row.lines,
        )
        for row in found
    ]  # fmt: skip


def next_messages(session: Session, project_ids: Collection[int], limit: int) -> list[NextMessage]:
    """What leaves next, soonest first. A message may name tasks of other projects too: those are left out."""
    query = (
        sa.select(Message.id, Message.project_id, Person.name, Message.send_after, Message.state, Message.kind)
        .join(Person, Person.id == Message.person_id)
        .where(Message.project_id.in_(project_ids), Message.state.in_((MessageState.QUEUED, MessageState.HELD)))
        .order_by(Message.send_after, Message.id)
        .limit(limit)
    )
    found = rows(session, query)
    named = (
        sa.select(MessageTask.message_id, MessageTask.step, Task.number)
        .join(Task, Task.id == MessageTask.task_id)
        .where(
            MessageTask.message_id.in_([row.id for row in found]), MessageTask.cancelled == "",
            Task.project_id.in_(project_ids),
        )
        .order_by(MessageTask.position, MessageTask.id)
    )  # fmt: skip
    told: dict[int, list[tuple[str, int]]] = {row.id: [] for row in found}
    for message, step, number in rows(session, named):
        told[message].append((step, number))
    return [
        NextMessage(
            row.id, row.project_id, row.name, row.send_after, row.state, row.kind,
            next((step for step, _ in told[row.id]), ""), [number for _, number in told[row.id]],
        )
        for row in found
    ]  # fmt: skip
