"""A row that is written, stored and read is one row."""

from datetime import date

import pytest

from tests.services.register.reading import ask, look
from tests.worlds.integrations import LATER, NOW, by
from tracker.domain.errors import Forbidden, NotFound
from tracker.domain.terms import WaitKind
from tracker.services.access.loading import find_task, project_by_id
from tracker.services.integrations.deadlocks import DeadlockInput, open_deadlock
from tracker.services.register.page import one_row, row_written
from tracker.services.tasks.editing import WaitInput, edit_task
from tracker.services.tasks.evidence import add_evidence


def test_the_row_after_an_edit_is_the_row_of_the_page(db, world, three):
    with db.writing() as session:
        edit_task(session, by(world.anna), 1, None, {"owner": world.gleb}, now=LATER)
    with db.reading() as session:
        project, mine = project_by_id(session, by(world.anna), world.project)
        row = one_row(session, project, mine, 1, LATER)
    assert row == look(db, world).rows[0] and row.owner == "Gleb" and row.version == 2


@pytest.mark.parametrize("who", ["anna", "ira"])
@pytest.mark.parametrize(
    ("task", "changes"),
    [
        (1, {"status": "in_progress"}),
        (1, {"promised_on": date(2026, 11, 30)}),
        (1, {"waiting": WaitInput(WaitKind.OUTSIDE, note="письмо в банк")}),
        (1, {"waiting": WaitInput(WaitKind.TASK, task_id=2)}),
        (1, {"status": "done"}),
        (2, {"waiting": None, "own_1": "да", "priority": "high"}),
        (3, {"title": "Кто платит за DNS?", "done_means": "есть счёт"}),
        (4, {"status": "in_progress"}),
    ],
)
def test_the_row_that_was_written_is_the_row_that_is_stored(db, world, three, who, task, changes):
    """Task 1 has evidence, task 4 is blocked by a deadlock."""
    ask(db, world, "Одна кнопка или две", world.ira, integration=world.form)
    anna = by(world.anna)
    with db.writing() as session:
        add_evidence(session, anna, 1, url="https://test.example/1", now=NOW)
        knot = DeadlockInput("Кнопки", decider=world.lena, tasks=[4], parties=[world.shop, world.studio])
        open_deadlock(session, anna, world.project, knot, now=NOW)
    actor = by(getattr(world, who))
    with db.writing() as session:
        try:
            seen = find_task(session, actor, task, lock=True)
            edit_task(session, actor, seen, None, changes, now=LATER, accepted=("own_check",))
        except (NotFound, Forbidden):
            assert who == "ira"
            return
    with db.reading() as session:
        project, mine = project_by_id(session, actor, world.project)
        written = row_written(session, project, mine, seen, LATER)
        assert written == one_row(session, project, mine, task, LATER)
    assert written is not None and written.version == seen.task.version
