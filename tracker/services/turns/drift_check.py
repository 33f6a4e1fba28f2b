"""Stored moments beside those that the rules give now: what `verify` and the tests look for."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from tracker.domain.turns.turns import turn_of
from tracker.services.turns.restamp import facts_of, stalling_moment, world_of
from tracker.services.turns.stretches import project_calendars
from tracker.tables import Task


class Drift(NamedTuple):
    """A stored moment that differs from what the rules say now."""

    task_id: int
    field: str
    stored: object
    computed: object


def verify_moments(session: Session, project_id: int, now: datetime) -> list[Drift]:
    """Compare stored turns and `stalls_at` with computed ones, writing nothing."""
    tasks = list(session.exec(select(Task).where(Task.project_id == project_id, col(Task.archived_at).is_(None))))
    world = world_of(session, project_id)
    facts = {task.id: facts_of(task, world) for task in tasks}
    persons = {task.turn_id for task in tasks if task.turn_id is not None}
    calendars = project_calendars(session, project_id, persons, now)
    drifts: list[Drift] = []
    for task in tasks:
        turn = turn_of(task.id, facts, world.leads, world.conductor)
        if turn.person != task.turn_id:
            drifts.append(Drift(task.id, "turn", task.turn_id, turn.person))
            continue
        moment = stalling_moment(task, turn.person, calendars, world)
        if moment != task.stalls_at:
            drifts.append(Drift(task.id, "stalls_at", task.stalls_at, moment))
    return drifts
