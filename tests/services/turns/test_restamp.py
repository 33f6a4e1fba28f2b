"""Stored moments follow what they depend on, and what is stored is what the rules say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from tests.worlds import answering as answers
from tests.worlds.integrations import LATER, NOW, by, lay
from tracker.domain.terms import WaitKind
from tracker.services.engine.clock import restamp_everything
from tracker.services.tasks.editing import TaskInput, WaitInput, create_task, edit_task
from tracker.services.turns.drift_check import verify_moments
from tracker.services.turns.restamp import restamp, restamp_project
from tracker.tables import Absence, DayOverride, Deadlock, DeadlockTask, Party, Person, Stretch, Task


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


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


def test_a_chain_over_three_parties_has_its_turn_at_the_root_and_moves_up_step_by_step(db, world):
    root = ask(db, world, "Формат номера", world.gleb)
    middle = ask(db, world, "Поле в CRM", world.lena, waiting=WaitInput(WaitKind.TASK, task_id=root))
    end = ask(db, world, "Поле в форме", world.ira, waiting=WaitInput(WaitKind.TASK, task_id=middle))
    assert [stamp(db, task)[0] for task in (root, middle, end)] == [world.gleb] * 3
    with db.writing() as session:
        answers.done(session, by(world.gleb), root, now=LATER)
    assert [stamp(db, task)[0] for task in (root, middle, end)] == [None, world.lena, world.lena]
    with db.writing() as session:
        answers.done(session, by(world.lena), middle, now=LATER + timedelta(hours=1))
    assert stamp(db, end)[0] == world.ira
    assert drifts(db, world) == []


def test_a_circle_is_the_conductors(db, world):
    one = ask(db, world, "Одна", world.ira)
    two = ask(db, world, "Другая", world.gleb, waiting=WaitInput(WaitKind.TASK, task_id=one))
    with db.writing() as session:
        edit_task(session, by(world.anna), one, None, {"waiting": WaitInput(WaitKind.TASK, task_id=two)}, now=LATER)
    assert {stamp(db, task)[0] for task in (one, two)} == {world.anna}


def test_an_open_deadlock_gives_the_turn_to_its_decider(db, world):
    task = ask(db, world, "Одна кнопка или две?", world.ira)
    with db.writing() as session:
        knot = Deadlock(
            project_id=world.project, kind="contradiction", title="Кнопки", decider_id=world.olga,
            created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(knot)
        session.flush()
        session.add(DeadlockTask(deadlock_id=knot.id, task_id=task))
        restamp(session, [task], LATER)
        assert session.get_one(Task, task).turn_id == world.olga
        knot.decided_at = LATER
        session.add(knot)
        restamp(session, [task], LATER + timedelta(hours=1))
        assert session.get_one(Task, task).turn_id == world.ira


def test_a_party_that_gets_a_lead_gets_the_turn(db, world):
    task = ask(db, world, "Ключи", world.ira, waiting=WaitInput(WaitKind.PARTY, party_id=world.crm))
    assert stamp(db, task)[0] == world.anna
    with db.writing() as session:
        party = session.get_one(Party, world.crm)
        party.lead_id = world.lena
        session.add(party)
        restamp_project(session, world.project, LATER)
    assert stamp(db, task)[0] == world.lena and drifts(db, world) == []


def test_an_absence_moves_the_moment_unless_a_deputy_stands_in(db, world):
    task = ask(db, world, "Поле", world.ira)
    before = stamp(db, task)[1]
    with db.writing() as session:
        session.add(Absence(person_id=world.ira, first=date(2026, 11, 24), last=date(2026, 11, 27)))
        restamp_project(session, world.project, LATER)
    moved = stamp(db, task)[1]
    assert moved == before + timedelta(days=6)  # four days away and a weekend
    with db.writing() as session:
        person = session.get_one(Person, world.ira)
        person.deputy_id = world.pavel
        session.add(person)
        restamp_project(session, world.project, LATER)
    assert stamp(db, task) == (world.ira, before)


def test_a_project_can_work_on_a_holiday_and_rest_on_a_working_day(db, world):
    task = ask(db, world, "Поле", world.ira)
    before = stamp(db, task)[1]
    with db.writing() as session:
        session.add(DayOverride(project_id=world.project, day=date(2026, 11, 24), working=False))
        restamp_project(session, world.project, LATER)
    assert stamp(db, task)[1] == before + timedelta(days=1)


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


def test_restamping_twice_changes_nothing(db, world):
    task = ask(db, world, "Поле", world.ira)
    with db.writing() as session:
        restamp(session, [task], LATER)
        restamp_project(session, world.project, LATER + timedelta(days=30))
        row = session.get_one(Task, task)
        assert (row.turn_since, row.episode, row.version) == (NOW, 2, 1)
        assert len(session.exec(select(Stretch)).all()) == 1


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


def test_a_deputy_from_outside_the_project_does_not_keep_the_clock_running(db, world):
    """They can't stand in here, so the days away are nobody's: the clock stands still as without a deputy."""
    with db.writing() as session:
        session.add(Absence(person_id=world.ira, first=date(2026, 11, 24), last=date(2026, 11, 30)))
        session.get_one(Person, world.ira).deputy_id = world.stas
    outside = stamp(db, ask(db, world, "Поле", world.ira))[1]
    with db.writing() as session:
        session.get_one(Person, world.ira).deputy_id = world.pavel
    inside = stamp(db, ask(db, world, "Поле", world.ira))[1]
    assert (outside, inside) == (datetime(2026, 12, 2, 8, tzinfo=UTC), datetime(2026, 11, 25, 8, tzinfo=UTC))


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
