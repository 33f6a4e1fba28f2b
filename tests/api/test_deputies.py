"""A token of a deputy answers for who is away, as the person themself would anywhere else."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.worlds.integrations import NOW, by
from tracker.services.people.absences import add_absence
from tracker.services.people.persons import edit_person
from tracker.services.tasks.editing import TaskInput, create_task


@pytest.fixture
def task(db, world):
    """Ira's task; Ira is away around today, Lena stands in."""
    today = datetime.now(UTC).date()
    with db.writing() as session:
        edit_person(session, by(world.anna), world.ira, None, {"deputy": world.lena}, now=NOW)
        around = (today - timedelta(days=2), today + timedelta(days=2))
        add_absence(session, by(world.anna), world.ira, *around, now=NOW)
        return create_task(session, by(world.anna), world.project, TaskInput("Поле", owner=world.ira), now=NOW).id


def test_a_deputy_reads_changes_and_answers(callers, world, task):
    lena = callers.lena
    seen = lena.get(f"/tasks/{task}")
    assert seen.status_code == 200
    assert [one["id"] for one in lena.get("/tasks", project="LAVKA").json()["items"]] == [task]
    changed = lena.patch(f"/tasks/{task}", {"version": 1, "status": "in_progress"})
    assert changed.status_code == 200, changed.text
    said = lena.post(f"/tasks/{task}/comments", {"text": "Смотрим"})
    assert said.status_code == 201
    answered = lena.post(f"/tasks/{task}/answers", {"kind": "done"})
    assert (answered.status_code, answered.json()["outcome"], answered.json()["task"]) == (200, "done", None)
    events = callers.anna.get("/events", project="LAVKA").json()["items"]
    acts = [(one["actor"]["name"], one["behalf"] and one["behalf"]["name"]) for one in events[-2:]]
    assert ("Lena", "Ira") in acts


def test_a_deputy_changes_nothing_that_is_the_conductors(callers, task):
    assert callers.lena.patch(f"/tasks/{task}", {"version": 1, "title": "Иначе"}).status_code == 403


def test_others_still_find_nothing(callers, task):
    assert callers.olga.post(f"/tasks/{task}/answers", {"kind": "done"}).status_code == 404
    assert callers.stas.get(f"/tasks/{task}").status_code == 404
