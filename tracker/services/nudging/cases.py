"""The facts of the nudge policy, read for whole persons at a time: what is due to one person decides what is told."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from tracker.db import chunks, rows
from tracker.domain.nudging.cases import NUDGING, NudgeDecision, NudgeStep, PersonCase, Policy, TaskCase
from tracker.domain.nudging.policy import decide
from tracker.domain.terms import FINISHED, IntegrationState, MeetingState, MessageKind, Status
from tracker.domain.turns.stalling import Gaps
from tracker.domain.worktime import local_day
from tracker.services.nudging.reach import CHANNELS, GONE_OUT, IGNORED_WITHIN, people_cases
from tracker.services.nudging.silence import speaking_projects
from tracker.tables import (
    Deadlock,
    DeadlockTask,
    Integration,
    Meeting,
    MeetingItem,
    Message,
    MessageTask,
    Project,
    Task,
)


class Stored(NamedTuple):
    """A task's case with what the round writes back: it only writes what is still as it was read."""

    case: TaskCase
    project_id: int
    episode: int
    next_at: datetime | None


class Cases(NamedTuple):
    """Everything that `decide` and `compose` need for some persons. People are keyed by (project, person)."""

    tasks: list[Stored]
    people: dict[tuple[int, int], PersonCase]
    policies: dict[int, Policy]

    def decisions(self, now: datetime) -> Iterator[tuple[Stored, NudgeDecision]]:
        for stored in self.tasks:
            person = self.people.get((stored.project_id, stored.case.turn or 0))
            if person is not None:
                yield stored, decide(stored.case, person, self.policies[stored.project_id], now)


def policy_of(project: Project) -> Policy:
    return Policy(
        messages=project.messages,
        approve_until=project.approve_until,
        paused=project.paused_at is not None,
        gaps=Gaps(normal=project.stall_days),
        second_days=project.second_days,
        escalate_days=project.escalate_days,
    )


def running_projects(session: Session) -> dict[int, Project]:
    """The projects whose people may be written to at all."""
    return {one.id: one for one in session.scalars(sa.select(Project).where(speaking_projects()))}


class Surroundings(NamedTuple):
    """What lies around the tasks of the running projects; read once for a round."""

    projects: dict[int, Project]
    events: dict[int, datetime]
    launches: dict[int, date]
    deciding: dict[int, date | None]
    blocks: dict[int, int]
    heads_up: set[tuple[int, int]]


def surroundings(session: Session, now: datetime, projects: dict[int, Project] | None = None) -> Surroundings:
    """Of these projects, else of all whose people may be written to."""
    if projects is None:
        projects = running_projects(session)
    ids = projects.keys()
    return Surroundings(
        projects=projects,
        events=_events(session, ids, now),
        launches=_launches(session, ids),
        deciding=_decide_by(session, ids),
        blocks=_blocks(session, ids),
        heads_up=_heads_up_told(session, now),
    )


def load_cases(
    session: Session,
    around: Surroundings,
    person_ids: Collection[int],
    now: datetime,
    *,
    channels: Collection[str] = CHANNELS,
    without_message: int | None = None,
    only_due: bool = False,
    due_by: datetime | None = None,
) -> Cases:
    """All open tasks whose turn is with one of these persons, and the persons themselves.

    `only_due`: without the tasks about which there is certainly nothing to say now (most of them, in a round);
    `due_by`: nor until then.
    `without_message`: a message on its way does not count as the day's message when it is asked about itself.
    """
    found = _task_rows(session, person_ids, around.projects.keys(), due_by or (now if only_due else None))
    wanted = {(row.project_id, row.turn_id) for row in found}
    people = people_cases(session, wanted, around.projects, now, channels, without_message)
    tasks = [_stored(row, people[row.project_id, row.turn_id], around) for row in found]
    policies = {key: policy_of(project) for key, project in around.projects.items()}
    return Cases(tasks, people, policies)


DUE = sa.bindparam("due", type_=Task.__table__.c.next_at.type)  # type: ignore[attr-defined]


def _worth_a_look() -> sa.ColumnElement[bool]:
    """It may have to be told in a message that waits for what else is due: untold of its turn, stalled, promised."""
    stalled = sa.and_(col(Task.stalls_at) <= DUE, col(Task.escalated_at).is_(None))
    untold = sa.or_(col(Task.told_turn_at).is_(None), col(Task.told_turn_at) < col(Task.turn_since))
    return sa.or_(stalled, untold, col(Task.promised_on).is_not(None), col(Task.reminder_at).is_not(None))


def _task_rows(
    session: Session, person_ids: Collection[int], project_ids: Collection[int], due_at: datetime | None
) -> list[Any]:
    values: dict[str, Any] = {"projects": list(project_ids)} | ({} if due_at is None else {"due": due_at})
    query = _tasks_query(due_at is not None)
    return [row for part in chunks(person_ids) for row in rows(session, query, {**values, "persons": part})]


@cache
def _tasks_query(only_due: bool) -> sa.Select[Any]:
    """Built once: to build it takes ten times as long as to run it for one person, and delivery asks for each."""
    ahead = aliased(Task)
    columns = [
        getattr(Task, name)
        for name in (
            "id", "project_id", "status", "turn_id", "turn_since", "turn_via", "stalls_at", "priority", "progress_at",
            "others_act_at", "needed_by", "promised_on", "promised_at", "snoozed_until", "muted", "told_turn_at",
            "nudges", "last_nudge_at", "escalated_at", "episode", "next_at", "integration_id", "waiting_task_id",
            "reminder_at",
        )
    ]  # fmt: skip
    # When a question of this episode was first queued, or the person was first sent others that took its place.
    queued = (
        sa.select(sa.func.min(col(Message.queued_at)))
        .join(MessageTask, col(MessageTask.message_id) == col(Message.id))
        .where(
            col(MessageTask.task_id) == col(Task.id), col(MessageTask.episode) == col(Task.episode),
            col(MessageTask.step).in_(sorted(NUDGING)),
        )
        .correlate(Task)
        .scalar_subquery()
    )  # fmt: skip
    crowded = (
        sa.select(sa.func.min(col(Message.sent_at)))
        .where(
            col(Message.person_id) == col(Task.turn_id), col(Message.unasked).is_(True),
            col(Message.kind) != MessageKind.PODIUM, col(Message.sent_at) >= col(Task.stalls_at),
        )
        .correlate(Task)
        .scalar_subquery()
    )  # fmt: skip
    query = (
        sa.select(
            *columns,
            queued.label("queued_at"),
            crowded.label("crowded_at"),
            col(ahead.status).label("ahead_status"),
            col(ahead.archived_at).label("ahead_archived"),
        )
        .outerjoin(ahead, col(ahead.id) == col(Task.waiting_task_id))
        .where(
            col(Task.project_id).in_(sa.bindparam("projects", expanding=True, type_=sa.Integer)),
            col(Task.turn_id).in_(sa.bindparam("persons", expanding=True, type_=sa.Integer)),
        )
    )
    moving = sa.and_(
        col(Task.archived_at).is_(None),
        col(Task.status).not_in([*FINISHED, Status.DRAFT]),
        col(Task.stalls_at).is_not(None),
    )
    if not only_due:
        return query.where(moving)
    # What is due is always looked at, if only to be told that it rests: else it would be due in every round.
    return query.where(sa.or_(col(Task.next_at) <= DUE, sa.and_(moving, _worth_a_look())))


def _stored(row: Any, person: PersonCase, around: Surroundings) -> Stored:
    meeting = around.events.get(row.id)
    met_on = None if meeting is None else local_day(person.calendar, meeting)
    dates = [day for day in (met_on, around.launches.get(row.integration_id)) if day is not None]
    case = TaskCase(
        id=row.id,
        status=row.status,
        turn=row.turn_id,
        turn_since=row.turn_since,
        stalls_at=row.stalls_at,
        root=_root(row, around.deciding),
        via=row.turn_via,
        priority=row.priority,
        progress_at=row.progress_at,
        others_at=row.others_act_at,
        needed_by=row.needed_by,
        promised_on=row.promised_on,
        promised_at=row.promised_at,
        event_on=min(dates, default=None),
        decide_by=around.deciding.get(row.id),
        snoozed_until=row.snoozed_until,
        muted=row.muted,
        told_turn_at=row.told_turn_at,
        heads_up_told=(row.id, row.episode) in around.heads_up,
        nudges=row.nudges,
        last_nudge_at=row.last_nudge_at,
        tried_at=min((one for one in (row.queued_at, row.crowded_at) if one is not None), default=None),
        escalated_at=row.escalated_at,
        reminder_at=row.reminder_at,
        blocks=around.blocks.get(row.id, 0),
    )
    return Stored(case, row.project_id, row.episode, row.next_at)


def _root(row: Any, deciding: dict[int, date | None]) -> int:
    """Another task's id where the turn came over a chain: then its person is asked there, and not here."""
    if row.waiting_task_id is None or row.ahead_status is None or row.id in deciding:
        return int(row.id)
    over = row.ahead_archived is not None or row.ahead_status in FINISHED
    # These are the conductor's, who is asked about this very task.
    return int(row.id if over or row.turn_via in ("unconfirmed", "cycle", "unclear") else row.waiting_task_id)


def _events(session: Session, project_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """Task -> the nearest planned meeting that has it on the agenda."""
    query = (
        sa.select(col(MeetingItem.task_id), sa.func.min(col(Meeting.starts_at)))
        .join(Meeting, col(Meeting.id) == col(MeetingItem.meeting_id))
        .where(
            col(Meeting.project_id).in_(project_ids),
            col(Meeting.state) == MeetingState.PLANNED,
            col(Meeting.archived_at).is_(None),
            col(Meeting.starts_at) > now,
            col(MeetingItem.task_id).is_not(None),
        )
        .group_by(col(MeetingItem.task_id))
    )
    return dict(rows(session, query))


def _launches(session: Session, project_ids: Collection[int]) -> dict[int, date]:
    query = sa.select(col(Integration.id), col(Integration.launch_on)).where(
        col(Integration.project_id).in_(project_ids),
        col(Integration.launch_on).is_not(None),
        col(Integration.archived_at).is_(None),
        col(Integration.state).in_([IntegrationState.PLANNED, IntegrationState.BUILDING, IntegrationState.TESTING]),
    )
    return dict(rows(session, query))


def _decide_by(session: Session, project_ids: Collection[int]) -> dict[int, date | None]:
    """Task -> decide-by of the open deadlock that blocks it."""
    query = (
        sa.select(col(DeadlockTask.task_id), col(Deadlock.decide_by))
        .join(Deadlock, col(Deadlock.id) == col(DeadlockTask.deadlock_id))
        .where(col(Deadlock.project_id).in_(project_ids), col(Deadlock.decided_at).is_(None))
        .order_by(col(Deadlock.id).desc())
    )
    return dict(rows(session, query))


def _blocks(session: Session, project_ids: Collection[int]) -> dict[int, int]:
    """Task -> how many open tasks wait on it."""
    query = (
        sa.select(col(Task.waiting_task_id), sa.func.count())
        .where(
            col(Task.waiting_task_id).is_not(None),
            col(Task.project_id).in_(project_ids),
            col(Task.archived_at).is_(None),
            col(Task.status).not_in(FINISHED),
        )
        .group_by(col(Task.waiting_task_id))
    )
    return dict(rows(session, query))


def _heads_up_told(session: Session, now: datetime) -> set[tuple[int, int]]:
    """(task, episode) whose promise has had its word on the eve."""
    query = (
        sa.select(col(MessageTask.task_id), col(MessageTask.episode))
        .join(Message, col(Message.id) == col(MessageTask.message_id))
        .where(
            col(MessageTask.step) == NudgeStep.HEADS_UP,
            col(MessageTask.cancelled) == "",
            col(Message.state).in_(GONE_OUT),
            col(Message.local_day) >= (now - IGNORED_WITHIN).date(),
        )
    )
    return {(task_id, episode) for task_id, episode in rows(session, query)}
