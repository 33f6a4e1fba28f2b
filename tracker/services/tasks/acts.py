"""An act on a task: who does it, on what they have found, and what every act leaves behind."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session

from tracker.db import connection_of
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Sight
from tracker.services.access.loading import SeenTask, find_task
from tracker.services.ground.journal import Actor, record
from tracker.services.turns.stretches import end_stretch_by_answer
from tracker.tables import Person, Task


class Act(NamedTuple):
    """Somebody acts on a task. `actor`: as whose act it counts (a deputy answers for the person of the turn)."""

    session: Session
    actor: Actor
    seen: SeenTask
    """As it was found, and held against other writers."""
    now: datetime

    @property
    def task(self) -> Task:
        return self.seen.task

    @property
    def is_the_turns(self) -> bool:
        """Whether it is an act of the person of the turn."""
        return self.actor.mover_id is not None and self.actor.mover_id == self.task.turn_id


def held(session: Session, actor: Actor, task: int | SeenTask) -> SeenTask:
    """The task to act on. A client that has found it already, locked and in this very transaction, hands it on."""
    if not isinstance(task, SeenTask):
        return find_task(session, actor, task, lock=True)
    if task.sight is Sight.NONE:
        raise NotFound("task")
    return task


def touch(act: Act, kind: str, **facts: Any) -> None:
    """The task has another version from now on; the journal says by what."""
    task = act.task
    task.version += 1
    task.updated_at = act.now
    act.session.add(task)
    record(act.session, act.actor, kind, task, now=act.now, version=task.version, **facts)


def mark_progress(act: Act) -> None:
    """An act of the person of the turn, by themselves or on their behalf: the clock of silence starts afresh."""
    task, now, person_id = act.task, act.now, act.actor.mover_id
    assert person_id is not None, "only a person moves on"
    task.progress_at = now
    task.snoozes = task.snoozed_days = 0
    task.nudges = 0
    task.last_nudge_at = task.escalated_at = None
    task.told_turn_at = task.told_turn_at or now
    if person_id == task.owner_id:
        # A step agreed in their absence is theirs from the first answer on.
        task.confirmed = True
    end_stretch_by_answer(act.session, task, now)
    _remember_answer(act.session, person_id, now)


def _remember_answer(session: Session, person_id: int, now: datetime) -> None:
    """On the person's row, which need not be read for it."""
    person = session.identity_map.get(identity_key(Person, person_id))
    if isinstance(person, Person):
        person.last_answer_at = now
    else:
        connection_of(session).execute(_ANSWERED, {"person": person_id, "at": now})


_PERSONS: sa.Table = Person.__table__  # type: ignore[attr-defined]
_ANSWERED = (
    sa.update(_PERSONS)
    .where(_PERSONS.c.id == sa.bindparam("person", type_=sa.Integer))
    .values(last_answer_at=sa.bindparam("at", type_=_PERSONS.c.last_answer_at.type))
)
