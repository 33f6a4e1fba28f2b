"""Deadlocks (тупики): opened with their sides, worded by each, ended by a decision; the turn is moved meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from tracker.domain.deadlocks import SIDES, missing_sides, missing_to_decide
from tracker.domain.errors import FieldError, NotFound
from tracker.domain.permissions import (
    DeadlockPeople,
    Standing,
    is_named,
    may_see_deadlock,
    may_state_position,
    require,
    require_conductor,
)
from tracker.domain.terms import DeadlockKind
from tracker.services.access.loading import find_row, standing
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.belonging import belongs_problem
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.versions import change, require_no_conflict
from tracker.services.turns.restamp import restamp
from tracker.tables import Deadlock, DeadlockTask, Integration, Party, Position, Task


@dataclass(frozen=True)
class DeadlockInput:
    """`parties`: whom it is between; left empty, those of the blocked tasks."""

    title: str
    kind: str = DeadlockKind.CONTRADICTION
    integration: int | None = None
    decider: int | None = None
    decide_by: date | None = None
    tasks: Sequence[int] = ()
    parties: Sequence[int] = ()


class SeenDeadlock(NamedTuple):
    deadlock: Deadlock
    standing: Standing


class Side(NamedTuple):
    """A party's position; `text` is empty until they have spoken."""

    party_id: int
    party: str
    text: str
    by_id: int | None
    at: datetime


def people_of_deadlock(session: Session, deadlock: Deadlock) -> DeadlockPeople:
    parties = frozenset(session.exec(select(Position.party_id).where(Position.deadlock_id == deadlock.id)))
    blocked = session.exec(
        select(Task.owner_id, Task.turn_id)
        .join(DeadlockTask, col(DeadlockTask.task_id) == col(Task.id))
        .where(DeadlockTask.deadlock_id == deadlock.id)
    )
    persons = {person for row in blocked for person in row} | {deadlock.decider_id}
    return DeadlockPeople(
        deadlock.project_id, deadlock.integration_id, parties, frozenset(one for one in persons if one is not None)
    )


def visible_deadlocks(mine: Standing) -> ColumnElement[bool]:
    """The scope that mirrors `permissions.may_see_deadlock`."""
    here = col(Deadlock.project_id) == mine.project_id
    if mine.sees_all:
        return here
    me = mine.person_id
    parties = sorted(mine.parties | ({mine.party_id} if mine.party_id is not None else set()))
    sides = sa.select(col(Position.deadlock_id)).where(col(Position.party_id).in_(parties))
    blocked = (
        sa.select(col(DeadlockTask.deadlock_id))
        .join(Task, col(Task.id) == col(DeadlockTask.task_id))
        .where(or_(col(Task.owner_id) == me, col(Task.turn_id) == me))
    )
    ids = col(Deadlock.id)
    return here & or_(
        col(Deadlock.decider_id) == me,
        col(Deadlock.integration_id).in_(sorted(mine.integrations)),
        ids.in_(sides),
        ids.in_(blocked),
    )


def find_deadlock(session: Session, actor: Actor, deadlock_id: int, *, lock: bool = False) -> SeenDeadlock:
    deadlock, mine = find_row(session, actor, Deadlock, deadlock_id, lock=lock)
    if not may_see_deadlock(mine, people_of_deadlock(session, deadlock)):
        raise NotFound("deadlock")
    return SeenDeadlock(deadlock, mine)


def sides_of(session: Session, deadlock_id: int) -> list[Side]:
    query = (
        select(Position, Party.name)
        .join(Party, col(Party.id) == col(Position.party_id))
        .where(Position.deadlock_id == deadlock_id)
        .order_by(col(Position.id))
    )
    return [Side(one.party_id, name, one.text, one.by_id, one.at) for one, name in session.exec(query)]


def tasks_of_deadlock(session: Session, deadlock_id: int) -> list[int]:
    query = select(DeadlockTask.task_id).where(DeadlockTask.deadlock_id == deadlock_id).order_by(col(DeadlockTask.id))
    return list(session.exec(query))


def open_deadlock(session: Session, actor: Actor, project_id: int, given: DeadlockInput, *, now: datetime) -> Deadlock:
    mine = standing(session, actor, project_id)
    require_conductor(mine)
    values = _clean(
        session,
        project_id,
        {
            "title": given.title,
            "kind": given.kind,
            "integration": given.integration,
            "decider": given.decider,
            "decide_by": given.decide_by,
            "tasks": given.tasks,
            "parties": given.parties or _parties_of(session, given),
        },
        now,
    )
    tasks, parties = values.pop("tasks"), values.pop("parties")
    deadlock = Deadlock(project_id=project_id, created_at=now, updated_at=now, **values)
    session.add(deadlock)
    session.flush()
    _put_tasks(session, deadlock, tasks)
    _put_sides(session, deadlock, parties, now)
    record(
        session,
        actor,
        "deadlock.opened",
        deadlock,
        now=now,
        title=deadlock.title,
        version=1,
        tasks=tasks,
        parties=parties,
        decider=deadlock.decider_id,
    )
    restamp(session, tasks, now)
    return deadlock


def edit_deadlock(
    session: Session, actor: Actor, deadlock_id: int, version: int | None, changes: Mapping[str, Any], *, now: datetime
) -> Deadlock:
    """`changes`: title, kind, integration, decider, decide_by, tasks (all of them), parties (all of them)."""
    deadlock, mine = find_deadlock(session, actor, deadlock_id, lock=True)
    require_conductor(mine)
    sides, blocked = [side.party_id for side in sides_of(session, deadlock.id)], tasks_of_deadlock(session, deadlock.id)
    values = _clean(session, deadlock.project_id, {"kind": deadlock.kind, "parties": sides, **changes}, now)
    tasks, parties = values.pop("tasks", blocked), values.pop("parties")
    require_no_conflict(session, "deadlock", deadlock, version, values)
    moved = {"tasks": (blocked, tasks), "parties": (sides, parties)}
    moved = {name: both for name, both in moved.items() if sorted(both[0]) != sorted(both[1])}
    if moved.keys() & {"tasks"}:
        _put_tasks(session, deadlock, tasks)
    if moved.keys() & {"parties"}:
        _put_sides(session, deadlock, parties, now)
    change(session, actor, deadlock, values, "deadlock.changed", now, moved=moved)
    restamp(session, {*blocked, *tasks}, now)
    return deadlock


def state_position(
    session: Session, actor: Actor, deadlock_id: int, party_id: int, text: str, *, now: datetime
) -> None:
    """What a party holds, in its own words; the conductor may note it down for them."""
    deadlock, mine = find_deadlock(session, actor, deadlock_id, lock=True)
    require(may_state_position(mine, party_id), "own_position_only")
    require_voice(session, actor, mine)
    errors: list[FieldError] = []
    words = fields.long_text(errors, "position", text)
    row = session.exec(
        select(Position).where(Position.deadlock_id == deadlock.id, Position.party_id == party_id)
    ).first()
    if row is None:
        errors.append(FieldError("party", "unknown_party"))
    if deadlock.decided_at is not None:
        errors.append(FieldError("position", "decided"))
    fields.refuse(errors)
    if row is None or row.text == words:
        return
    old, row.text, row.by_id, row.at = row.text, words, actor.mover_id, now
    session.add(row)
    record(
        session,
        actor,
        "deadlock.position_stated",
        deadlock,
        now=now,
        party=party_id,
        changes={"position": (old, words)},
    )


def decide(session: Session, actor: Actor, deadlock_id: int, decision: str, *, now: datetime) -> Deadlock:
    """The decision, in words, by the decider or noted by the conductor. What was blocked moves on."""
    deadlock, mine = find_deadlock(session, actor, deadlock_id, lock=True)
    require(mine.runs or is_named(mine, actor.mover_id, deadlock.decider_id), "decider_only")
    require_voice(session, actor, mine)
    errors: list[FieldError] = []
    words = fields.long_text(errors, "decision", decision)
    errors += [FieldError(name, "required") for name in missing_to_decide(words)]
    fields.refuse(errors)
    if deadlock.decided_at is not None and deadlock.decision == words:
        return deadlock
    values = {"decision": words, "decided_at": now, "decided_by_id": actor.mover_id}
    change(session, actor, deadlock, values, "deadlock.decided", now)
    restamp(session, tasks_of_deadlock(session, deadlock.id), now)
    return deadlock


def reopen_deadlock(session: Session, actor: Actor, deadlock_id: int, *, now: datetime) -> Deadlock:
    """It was no decision after all. The words stay, to be changed."""
    deadlock, mine = find_deadlock(session, actor, deadlock_id, lock=True)
    require_conductor(mine)
    change(session, actor, deadlock, {"decided_at": None, "decided_by_id": None}, "deadlock.reopened", now)
    restamp(session, tasks_of_deadlock(session, deadlock.id), now)
    return deadlock


def _parties_of(session: Session, given: DeadlockInput) -> list[int]:
    found = session.exec(select(Task.party_id).where(col(Task.id).in_(given.tasks)).order_by(col(Task.id)))
    return list(dict.fromkeys(party for party in found if party is not None))


def _clean(session: Session, project_id: int, changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "title":
            values[name] = fields.one_line(errors, name, value, required=True)
        elif name == "kind":
            values[name] = fields.one_of(errors, name, value, DeadlockKind)
        elif name == "integration":
            values["integration_id"] = value
            fields.note(errors, belongs_problem(session, Integration, project_id, value, name))
        elif name == "decider":
            values["decider_id"] = fields.member(session, errors, name, project_id, value)
        elif name == "decide_by":
            values[name] = fields.day(errors, name, value, now)
        elif name == "tasks":
            values[name] = list(dict.fromkeys(value))
            query = select(Task.id).where(Task.project_id == project_id, col(Task.id).in_(values[name]))
            if set(session.exec(query)) != set(values[name]):
                errors.append(FieldError(name, "unknown"))
        elif name == "parties":
            values[name] = list(dict.fromkeys(value))
            for one in values[name]:
                fields.note(errors, belongs_problem(session, Party, project_id, one, name))
        else:
            errors.append(FieldError(name, "unknown_field"))
    if not errors and missing_sides(values["kind"], values["parties"]):
        errors.append(FieldError("parties", "too_few_parties", {"least": SIDES[DeadlockKind(values["kind"])]}))
    fields.refuse(errors)
    return values


def _put_tasks(session: Session, deadlock: Deadlock, tasks: Sequence[int]) -> None:
    rows = {
        row.task_id: row for row in session.exec(select(DeadlockTask).where(DeadlockTask.deadlock_id == deadlock.id))
    }
    for task_id in rows.keys() - set(tasks):
        session.delete(rows[task_id])
    session.add_all(DeadlockTask(deadlock_id=deadlock.id, task_id=one) for one in tasks if one not in rows)
    session.flush()


def _put_sides(session: Session, deadlock: Deadlock, parties: Sequence[int], now: datetime) -> None:
    rows = {row.party_id: row for row in session.exec(select(Position).where(Position.deadlock_id == deadlock.id))}
    for party_id in rows.keys() - set(parties):
        session.delete(rows[party_id])
    session.add_all(
        Position(deadlock_id=deadlock.id, party_id=one, text="", at=now) for one in parties if one not in rows
    )
    session.flush()
