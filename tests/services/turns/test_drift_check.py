"""What is stored beside what the rules give."""

from tests.worlds.integrations import NOW
from tests.worlds.stamps import ask, drifts
from tracker.tables import Task


def test_verify_finds_a_stored_turn_that_the_rules_do_not_give(db, world):
    task = ask(db, world, "Поле", world.ira)
    assert drifts(db, world) == []
    with db.writing() as session:
        row = session.get_one(Task, task)
        row.stalls_at = NOW
        session.add(row)
    assert drifts(db, world) == [(task, "stalls_at")]
    with db.writing() as session:
        row = session.get_one(Task, task)
        row.turn_id = world.vera
        session.add(row)
    assert drifts(db, world) == [(task, "turn")]
