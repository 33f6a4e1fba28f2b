"""A change that waits for the database keeps no page waiting."""

import threading

from sqlmodel import select

from tracker.db import Database
from tracker.tables import Task


def test_a_page_comes_while_a_change_waits_for_its_turn_to_write(vera, world, db: Database):
    task, edited = world.tasks[1], []
    version = vera.get(f"/tasks/{task}/row", htmx=True).text.partition('data-version="')[2].partition('"')[0]

    def edit() -> None:
        sent = {"version": version, "priority": "high"}
        edited.append(vera.post(f"/tasks/{task}/edit", data=sent, htmx=True).status_code)

    change = threading.Thread(target=edit)
    with db.writing() as session:
        session.exec(select(Task).where(Task.id == task).with_for_update()).one()
        change.start()
        assert [vera.get("/projects/LEN/register").status_code for _ in range(3)] == [200] * 3
        change.join(0.2)
        assert change.is_alive() and not edited
    change.join(10)
    assert edited == [200]
