"""Three tasks in the register."""

from datetime import date

import pytest

from tests.services.register.reading import ask
from tests.worlds.integrations import lay
from tracker.domain.terms import WaitKind
from tracker.services.tasks.editing import WaitInput


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def three(db, world):
    ask(db, world, "Ёмкость склада", world.ira, needed_by=date(2026, 12, 1), integration=world.form)
    ask(db, world, "Формат 100%", world.gleb, kind="question", waiting=WaitInput(WaitKind.PERSON, person_id=world.lena))
    ask(db, world, "Кто меняет DNS?")
