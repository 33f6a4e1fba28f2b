"""Meetings and deadlocks as programs read them: a fixed number of statements for any number of rows."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.permissions import Standing
from tracker.services.facts.tasks import Reference
from tracker.services.ground.directory import directory_of
from tracker.services.integrations.deadlocks import visible_deadlocks
from tracker.services.meetings.planning import visible_meetings
from tracker.tables import (
    Deadlock,
    DeadlockTask,
    Meeting,
    MeetingIntegration,
    MeetingItem,
    MeetingPerson,
    Position,
    Project,
    Task,
)


class GuestFacts(NamedTuple):
    person: Reference
    why: str
    decides: bool
    rsvp: str


class ItemFacts(NamedTuple):
    """A line of the agenda. `task`: the next step that it ended in, else what it is about."""

    id: int
    title: str
    task: Reference | None
    outcome: str | None
    reason: str


class MeetingFacts(NamedTuple):
    id: int
    project: Reference
    integrations: Sequence[Reference]
    title: str
    starts_at: datetime
    minutes: int
    place_text: str
    people: Sequence[GuestFacts]
    items: Sequence[ItemFacts]
    state: str
    version: int

    @property
    def place(self) -> int:
        return self.id


class PositionFacts(NamedTuple):
    party: Reference
    text: str
    at: datetime


class DeadlockFacts(NamedTuple):
    id: int
    project: Reference
    integration: Reference | None
    kind: str
    title: str
    decider: Reference | None
    decide_by: date | None
    positions: Sequence[PositionFacts]
    tasks: Sequence[Reference]
    decision: str
    decided_at: datetime | None
    version: int

    @property
    def place(self) -> int:
        return self.id


def list_meetings(
    session: Session, mine: Standing, after: int | None, limit: int, *, state: str = "",
    integration: int | None = None, only: int | None = None,
) -> list[MeetingFacts]:  # fmt: skip
    """Living meetings that this person sees; `only` this one, put away or not."""
    columns: tuple[Any, ...] = (
        Meeting.id, Project.name.label("project"), Meeting.title, Meeting.starts_at, Meeting.minutes, Meeting.place,
        Meeting.state, Meeting.version,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Project, Project.id == Meeting.project_id)
        .where(visible_meetings(mine))
        .order_by(Meeting.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(Meeting.id == only)
    else:
        query = query.where(Meeting.archived_at.is_(None), Meeting.id > (after or 0))
    if state:
        query = query.where(Meeting.state == state)
    if integration is not None:
        about = sa.select(MeetingIntegration.meeting_id).where(MeetingIntegration.integration_id == integration)
        query = query.where(Meeting.id.in_(about))
    found = rows(session, query)
    ids = [row.id for row in found]
    joints, guests, items = _joints(session, mine, ids), _guests(session, mine, ids), _items(session, ids)
    return [
        MeetingFacts(
            row.id, Reference(mine.project_id, row.project), joints[row.id], row.title, row.starts_at, row.minutes,
            row.place, guests[row.id], items[row.id], row.state, row.version,
        )
        for row in found
    ]  # fmt: skip


def _joints(session: Session, mine: Standing, ids: Collection[int]) -> dict[int, list[Reference]]:
    names = directory_of(session, mine.project_id)
    query = (
        sa.select(MeetingIntegration.meeting_id, MeetingIntegration.integration_id)
        .where(MeetingIntegration.meeting_id.in_(ids))
        .order_by(MeetingIntegration.id)
    )
    found: dict[int, list[Reference]] = defaultdict(list)
    for meeting_id, joint in rows(session, query):
        found[meeting_id].append(Reference(joint, names.integration(joint)))
    return found


def _guests(session: Session, mine: Standing, ids: Collection[int]) -> dict[int, list[GuestFacts]]:
    names = directory_of(session, mine.project_id)
    columns: tuple[Any, ...] = (
        MeetingPerson.meeting_id,
        MeetingPerson.person_id,
        MeetingPerson.why,
        MeetingPerson.decides,
        MeetingPerson.rsvp,
    )
    query = sa.select(*columns).where(MeetingPerson.meeting_id.in_(ids)).order_by(MeetingPerson.id)
    found: dict[int, list[GuestFacts]] = defaultdict(list)
    for row in rows(session, query):
        person = Reference(row.person_id, names.person(row.person_id))
        found[row.meeting_id].append(GuestFacts(person, row.why, row.decides, row.rsvp))
    return found


def _items(session: Session, ids: Collection[int]) -> dict[int, list[ItemFacts]]:
    columns: tuple[Any, ...] = (
        MeetingItem.meeting_id, MeetingItem.id, MeetingItem.title, MeetingItem.outcome, MeetingItem.reason,
        Task.id.label("task_id"), Task.title.label("task"),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .outerjoin(Task, Task.id == sa.func.coalesce(MeetingItem.step_task_id, MeetingItem.task_id))
        .where(MeetingItem.meeting_id.in_(ids))
        .order_by(MeetingItem.position, MeetingItem.id)
    )
    found: dict[int, list[ItemFacts]] = defaultdict(list)
    for row in rows(session, query):
        task = Reference(row.task_id, row.task) if row.task_id is not None else None
        found[row.meeting_id].append(ItemFacts(row.id, row.title, task, row.outcome, row.reason))
    return found


def list_deadlocks(
    session: Session, mine: Standing, after: int | None, limit: int, *, open_only: bool = False, only: int | None = None
) -> list[DeadlockFacts]:
    """Deadlocks that this person sees."""
    columns: tuple[Any, ...] = (
        Deadlock.id, Project.name.label("project"), Deadlock.integration_id, Deadlock.kind, Deadlock.title,
        Deadlock.decider_id, Deadlock.decide_by, Deadlock.decision, Deadlock.decided_at, Deadlock.version,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Project, Project.id == Deadlock.project_id)
        .where(visible_deadlocks(mine), Deadlock.id > (after or 0))
        .order_by(Deadlock.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(Deadlock.id == only)
    if open_only:
        query = query.where(Deadlock.decided_at.is_(None))
    found = rows(session, query)
    names = directory_of(session, mine.project_id)
    ids = [row.id for row in found]
    positions, tasks = _positions(session, mine, ids), _blocked(session, ids)
    return [
        DeadlockFacts(
            row.id,
            Reference(mine.project_id, row.project),
            Reference(row.integration_id, names.integration(row.integration_id)) if row.integration_id else None,
            row.kind,
            row.title,
            Reference(row.decider_id, names.person(row.decider_id)) if row.decider_id else None,
            row.decide_by,
            positions[row.id],
            tasks[row.id],
            row.decision,
            row.decided_at,
            row.version,
        )
        for row in found
    ]


def _positions(session: Session, mine: Standing, ids: Collection[int]) -> dict[int, list[PositionFacts]]:
    names = directory_of(session, mine.project_id)
    columns: tuple[Any, ...] = (Position.deadlock_id, Position.party_id, Position.text, Position.at)
    query = sa.select(*columns).where(Position.deadlock_id.in_(ids)).order_by(Position.id)
    found: dict[int, list[PositionFacts]] = defaultdict(list)
    for row in rows(session, query):
        found[row.deadlock_id].append(
            PositionFacts(Reference(row.party_id, names.party(row.party_id)), row.text, row.at)
        )
    return found


def _blocked(session: Session, ids: Collection[int]) -> dict[int, list[Reference]]:
    query = (
        sa.select(DeadlockTask.deadlock_id, Task.id, Task.title)
        .join(Task, Task.id == DeadlockTask.task_id)
        .where(DeadlockTask.deadlock_id.in_(ids))
        .order_by(DeadlockTask.id)
    )
    found: dict[int, list[Reference]] = defaultdict(list)
    for deadlock_id, task_id, title in rows(session, query):
        found[deadlock_id].append(Reference(task_id, title))
    return found
