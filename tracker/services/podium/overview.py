"""What the podium shows over all projects that somebody conducts: whose turn, launches, meetings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, select

from tracker.db import rows
from tracker.domain.acceptance import BY_HAND, Questions, questions, readiness
from tracker.domain.alphabet import by_name
from tracker.domain.permissions import Standing
from tracker.domain.terms import IntegrationState, MeetingState, Role
from tracker.services.access.loading import conducting
from tracker.services.ground.directory import directory_of
from tracker.services.ground.kept import read_sequences, while_project_stands
from tracker.services.integrations.launch import facts_of_launches
from tracker.services.register.page import next_stall
from tracker.services.turns.ledger import STEP, counted_to, ledger_of, open_waits
from tracker.services.turns.scope import LedgerFilters
from tracker.tables import (
    Integration,
    Meeting,
    MeetingItem,
    MeetingPerson,
    Membership,
    Person,
    Project,
    Task,
)

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


class ComingLaunch(NamedTuple):
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
    launches: Sequence[ComingLaunch]
    weeks: int
    """Hours that answers were waited for in the last four weeks."""


class ComingMeeting(NamedTuple):
    id: int
    project: int
    title: str
    starts_at: datetime
    people: Sequence[str]
    deciders: Sequence[str]
    lines: int


def conducted(session: Session, person_id: int) -> list[Project]:
    """The living projects that the person conducts, by name."""
    query = (
        select(Project)
        .join(Membership, Membership.project_id == Project.id)
        .where(Membership.person_id == person_id, conducting(), Project.archived_at.is_(None))
        .order_by(Project.id)
    )
    return sorted(session.exec(query), key=lambda one: by_name(one.name))


def standstills(session: Session, projects: Collection[Project], now: datetime, today: date) -> list[Standstill]:
    """Of each project, in their order; one statement for all of them while nothing moves."""
    read_sequences(session, [project.id for project in projects])
    grows = counted_to(now) + STEP

    def read(project: Project) -> tuple[datetime, Standstill]:
        turns, mine = _turns(session, project, now)
        stalls = next_stall(session, project.id, now)
        until = min(grows, stalls) if stalls else grows
        weeks = ledger_of(session, project, _everything(project), LedgerFilters(), now).total.minutes // 60
        return until, Standstill(turns, mine, _launches(session, project, today), weeks)

    return [
        while_project_stands(session, project.id, ("podium", today), partial(read, project), now)
        for project in projects
    ]


def _everything(project: Project) -> Standing:
    """Whoever conducts a project sees all of it."""
    return Standing(None, project.id, Role.CONDUCTOR)


def _turns(session: Session, project: Project, now: datetime) -> tuple[list[PartyTurn], dict[int, int]]:
    """Counted by the database, party by party and person by person; their hours are those of the wait ledger."""
    stalled = sa.func.count(sa.case((Task.stalls_at <= now, 1)))
    query = (
        sa.select(Task.turn_party_id, Task.turn_id, sa.func.count(), stalled)
        .where(Task.project_id == project.id, Task.archived_at.is_(None), Task.turn_id.is_not(None))
        .group_by(Task.turn_party_id, Task.turn_id)
    )
    minutes = open_waits(session, project, _everything(project), now)
    sums: dict[int | None, list[int]] = {}
    persons: dict[int | None, set[int]] = {}
    mine: dict[int, int] = {}
    for party, person, tasks, still in rows(session, query):
        place = sums.setdefault(party, [0, 0])
        place[0] += tasks
        place[1] += still
        mine[person] = mine.get(person, 0) + tasks
        persons.setdefault(party, set()).add(person)
    names = directory_of(session, project.id)
    turns = [
        PartyTurn(
            project.id,
            party,
            names.party(party),
            tasks,
            still,
            minutes.get(party, 0) // 60,
            next(iter(persons[party])) if len(persons[party]) == 1 else None,
        )
        for party, (tasks, still) in sums.items()
    ]
    return sorted(turns, key=lambda one: (-one.hours, by_name(one.party))), mine


def _launches(session: Session, project: Project, today: date) -> list[ComingLaunch]:
    states = BY_HAND - {IntegrationState.STOPPED}
    query = select(Integration).where(
        Integration.project_id == project.id,
        Integration.archived_at.is_(None),
        Integration.state.in_(states),
    )
    found = sorted(session.exec(query.order_by(Integration.id)), key=lambda one: by_name(one.name))
    facts = facts_of_launches(session, project.id, found) if found else {}
    names = directory_of(session, project.id)
    launches: list[ComingLaunch] = []
    for one in found:
        ready = readiness(facts[one.id])
        near = one.launch_on is not None and one.launch_on <= today + SOON and ready.done < ready.of
        launches.append(
            ComingLaunch(
                one.id,
                project.id,
                one.name,
                names.person(one.accountable_id),
                one.launch_on,
                ready.done,
                ready.of,
                questions(facts[one.id]),
                near,
            )
        )
    return launches


def calls_between(
    session: Session, project_ids: Collection[int], first: datetime, last: datetime
) -> list[ComingMeeting]:
    """Planned meetings that begin from `first` on and before `last`."""
    lines = sa.select(sa.func.count()).where(MeetingItem.meeting_id == Meeting.id).correlate(Meeting).scalar_subquery()
    query = (
        sa.select(Meeting.id, Meeting.project_id, Meeting.title, Meeting.starts_at, lines.label("lines"))
        .where(
            Meeting.project_id.in_(project_ids),
            Meeting.state == MeetingState.PLANNED,
            Meeting.archived_at.is_(None),
            Meeting.starts_at >= first,
            Meeting.starts_at < last,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
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
        ComingMeeting(
            row.id,
            row.project_id,
            row.title,
            row.starts_at,
            [name for name, _ in coming[row.id]],
            [name for name, decides in coming[row.id] if decides],
            row.lines,
        )
        for row in found
    ]
