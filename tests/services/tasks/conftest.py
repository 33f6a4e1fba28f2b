"""A task that the conductor asked of Ira, of the studio."""

import pytest

from tests.worlds.integrations import NOW, by, lay
from tracker.services.tasks.editing import TaskInput, create_task


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def asked(db, world):
    """A task that the conductor asked of Ira, of the studio."""
    with db.writing() as session:
        given = TaskInput("Поле «телефон»", owner=world.ira, integration=world.form)
        return create_task(session, by(world.anna), world.project, given, now=NOW).id
