"""The stretches of waiting: one open for each turn, closed with its working time."""

from datetime import timedelta

from sqlmodel import select

from tests.worlds.integrations import LATER, NOW, by
from tests.worlds.stamps import ask
from tracker.services.engine.clock import restamp_everything
from tracker.services.tasks.editing import edit_task
from tracker.tables import Stretch


def test_the_ledger_has_one_open_stretch_for_each_turn_and_closes_it_with_working_time(db, world):
    task = ask(db, world, "Поле", world.ira)
    with db.writing() as session:
        edit_task(session, by(world.anna), task, None, {"owner": world.gleb}, now=NOW + timedelta(days=7))
        edit_task(session, by(world.anna), task, None, {"status": "done"}, now=NOW + timedelta(days=7, hours=2))
    with db.reading() as session:
        kept = [
            (row.person_id, row.party_id, row.ended_by, row.seconds)
            for row in session.exec(select(Stretch).order_by(Stretch.id))
        ]
    assert kept == [
        (world.ira, world.studio, "turn", 5 * 8 * 3600),
        (world.gleb, world.crm, "done", 2 * 3600),
    ]


def test_a_lost_stretch_of_the_ledger_is_begun_anew_by_the_daily_round(db, world):
    task = ask(db, world, "Формат номера", world.gleb)
    with db.writing() as session:
        session.delete(session.exec(select(Stretch).where(Stretch.task_id == task)).one())
    with db.writing() as session:
        # An edit that leaves the turn where it is trusts the ledger, and does not read it.
        edit_task(session, by(world.anna), task, None, {"notes": "Ещё слово"}, now=LATER)
    restamp_everything(db, LATER, alive=lambda: None)
    with db.reading() as session:
        found = session.exec(select(Stretch).where(Stretch.task_id == task)).all()
    assert [(one.person_id, one.ended_at) for one in found] == [(world.gleb, None)]
