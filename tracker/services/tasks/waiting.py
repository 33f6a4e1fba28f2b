"""Waiting: on a person, a party, a task, or something outside. The turn itself is `domain.turns`' affair."""

from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.permissions import Standing, require_conductor
from tracker.domain.terms import CardKind, WaitKind
from tracker.services.access.loading import SeenTask, conductors_of
from tracker.services.ground.belonging import party_of
from tracker.services.ground.journal import Actor
from tracker.services.tasks.acts import Act, held, mark_progress, touch
from tracker.services.tasks.cards import open_card, settle_cards_of
from tracker.services.tasks.fields import WaitInput
from tracker.services.turns.restamp import facts_now, restamp_one
from tracker.tables import Task


def waiting_of(task: Task) -> WaitInput | None:
    """The wait as it was put in."""
    if task.waiting_kind is None:
        return None
    return WaitInput(
        WaitKind(task.waiting_kind),
        task.waiting_person_id,
        task.waiting_party_id,
        task.waiting_task_id,
        task.waiting_note,
    )


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


def put_waiting(act: Act, waiting: WaitInput | None) -> None:
    """Set the columns of the wait (the caller journals and restamps)."""
    task = act.task
    if waiting is None:
        clear_waiting(task)
        return
    task.waiting_kind = waiting.kind
    task.waiting_person_id = waiting.person_id if waiting.kind == WaitKind.PERSON else None
    task.waiting_party_id = waiting.party_id if waiting.kind == WaitKind.PARTY else None
    task.waiting_task_id = waiting.task_id if waiting.kind == WaitKind.TASK else None
    task.waiting_note = waiting.note.strip()
    task.waiting_since = act.now
    task.waiting_from_id = act.actor.mover_id
    task.waiting_agreed = not needs_passing_on(act.session, task, waiting, act.seen.standing)
    if not task.waiting_agreed:
        open_card(
            act.session,
            act.actor,
            task.project_id,
            CardKind.HANDOVER,
            now=act.now,
            task_id=task.id,
            note=task.waiting_note,
            by=act.actor.mover_id,
        )


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


def pass_back(act: Act) -> None:
    """The awaited side has acted: the wait ends by itself, and who waited has the turn again."""
    task = act.task
    before, ended = facts_now(act.session, task), waiting_of(task)
    if act.actor.mover_id is not None:
        mark_progress(act)
    clear_waiting(task)
    task.help_at, task.help_note = None, ""
    touch(act, "task.passed_back", waiting=plain_waiting(ended))
    restamp_one(act.session, task, before, act.now)


def pass_on(session: Session, actor: Actor, task: int | SeenTask, *, now: datetime) -> Task:
    """The conductor's one tap: the wait across parties holds, and the turn goes over."""
    seen = held(session, actor, task)
    require_conductor(seen.standing)
    if seen.task.waiting_kind is None or seen.task.waiting_agreed:
        return seen.task
    before = facts_now(session, seen.task)
    seen.task.waiting_agreed = True
    touch(Act(session, actor, seen, now), "task.passed_on", waiting=plain_waiting(waiting_of(seen.task)))
    settle_cards_of(session, actor, seen.task.id, "passed_on", now=now)
    restamp_one(session, seen.task, before, now)
    return seen.task


def waiters_of(session: Session, task_id: int) -> list[Task]:
    """The tasks that wait on this one."""
    return list(session.exec(select(Task).where(Task.waiting_task_id == task_id).order_by(col(Task.number))))
