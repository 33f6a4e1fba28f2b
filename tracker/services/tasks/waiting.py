"""Waiting: on a person, a party, a task, or something outside. The turn itself is `domain.turns`' affair."""

from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.lines import legible
from tracker.domain.permissions import Standing, may_conduct, require
from tracker.domain.terms import CardKind, WaitKind
from tracker.services.access.loading import conductors_of, find_task
from tracker.services.ground.belonging import party_of
from tracker.services.ground.journal import Actor, record
from tracker.services.tasks.cards import open_card, settle_cards_of
from tracker.services.tasks.fields import WaitInput
from tracker.services.turns.restamp import restamp
from tracker.tables import Task


def waiting_of(task: Task) -> WaitInput | None:
    """The wait as it was put in."""
    if task.waiting_kind is None:
        return None
    return WaitInput(
        WaitKind(task.waiting_kind), task.waiting_person_id, task.waiting_party_id, task.waiting_task_id,
        task.waiting_note,
    )  # fmt: skip


def plain_waiting(waiting: WaitInput | None) -> dict[str, object] | None:
    """The wait as the journal keeps it."""
    if waiting is None:
        return None
    facts = {"kind": str(waiting.kind), "person": waiting.person_id, "party": waiting.party_id,
             "task": waiting.task_id, "note": waiting.note}  # fmt: skip
    return {name: value for name, value in facts.items() if value}


def needs_passing_on(session: Session, task: Task, waiting: WaitInput, standing: Standing) -> bool:
    """A wait on another party, asked by a contractor, goes over the conductor: the bot relays no accusations."""
    if standing.runs or waiting.kind == WaitKind.OUTSIDE:
        return False
    party = waiting.party_id
    if waiting.kind == WaitKind.PERSON:
        if waiting.person_id in conductors_of(session, task.project_id):
            return False
        party = party_of(session, task.project_id, waiting.person_id)
    elif waiting.kind == WaitKind.TASK:
        other = session.get(Task, waiting.task_id)
        party = other.party_id if other is not None else None
    return party != task.party_id


def put_waiting(
    session: Session, actor: Actor, task: Task, waiting: WaitInput | None, standing: Standing, now: datetime
) -> None:
    """Set the columns of the wait (the caller journals and restamps)."""
    if waiting is None:
        clear_waiting(task)
        return
    task.waiting_kind = waiting.kind
    task.waiting_person_id = waiting.person_id if waiting.kind == WaitKind.PERSON else None
    task.waiting_party_id = waiting.party_id if waiting.kind == WaitKind.PARTY else None
    task.waiting_task_id = waiting.task_id if waiting.kind == WaitKind.TASK else None
    task.waiting_note = legible(waiting.note)
    task.waiting_since = now
    task.waiting_from_id = actor.mover_id
    task.waiting_agreed = not needs_passing_on(session, task, waiting, standing)
    if not task.waiting_agreed:
        open_card(
            session, actor, task.project_id, CardKind.HANDOVER, now=now, task_id=task.id,
            note=task.waiting_note, by=actor.mover_id,
        )  # fmt: skip


def clear_waiting(task: Task) -> None:
    task.waiting_kind = task.waiting_person_id = task.waiting_party_id = task.waiting_task_id = None
    task.waiting_note = ""
    task.waiting_since = task.waiting_from_id = None
    task.waiting_agreed = True


def is_awaited(session: Session, task: Task, person_id: int | None) -> bool:
    """Whether the task waits for this person, or for the party they belong to."""
    if person_id is None or task.waiting_kind is None:
        return False
    if task.waiting_kind == WaitKind.PERSON:
        return task.waiting_person_id == person_id
    if task.waiting_kind == WaitKind.PARTY:
        return task.waiting_party_id == party_of(session, task.project_id, person_id)
    return False


def pass_on(session: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    """The conductor's one tap: the wait across parties holds, and the turn goes over."""
    seen = find_task(session, actor, task_id, lock=True)
    require(may_conduct(seen.standing))
    task = seen.task
    if task.waiting_kind is None or task.waiting_agreed:
        return task
    task.waiting_agreed = True
    task.version += 1
    task.updated_at = now
    session.add(task)
    record(
        session, actor, "task.passed_on", task, now=now, waiting=plain_waiting(waiting_of(task)), version=task.version
    )
    settle_cards_of(session, actor, task.id, "passed_on", now=now)
    restamp(session, [task.id], now)
    return task


def waiters_of(session: Session, task_id: int) -> list[Task]:
    """The tasks that wait on this one."""
    return list(session.exec(select(Task).where(Task.waiting_task_id == task_id).order_by(col(Task.number))))
