"""Tasks that wait for one another, and the moments stored of them."""

from tests.worlds.integrations import LATER, NOW, by
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.services.turns.drift_check import verify_moments
from tracker.tables import Task


def ask(db, world, title, owner, **named):
    with db.writing() as session:
        return create_task(session, by(world.anna), world.project, TaskInput(title, owner=owner, **named), now=NOW).id


def stamp(db, task_id):
    with db.reading() as session:
        task = session.get_one(Task, task_id)
        return task.turn_id, task.stalls_at


def drifts(db, world, now=LATER):
    with db.reading() as session:
        return [(drift.task_id, drift.field) for drift in verify_moments(session, world.project, now)]
