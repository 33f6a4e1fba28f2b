"""Stored moments follow what they depend on, and what is stored is what the rules say."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import LATER, NOW, by
from tests.worlds.stamps import ask, drifts, stamp
from tracker.domain.terms import WaitKind
from tracker.services.tasks.editing import WaitInput, edit_task
from tracker.services.turns.restamp import restamp, restamp_project
from tracker.tables import Absence, DayOverride, Deadlock, DeadlockTask, Party, Person, Stretch, Task


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
            project_id=world.project,
            kind="contradiction",
            title="Кнопки",
            decider_id=world.olga,
            created_at=NOW,
            updated_at=NOW,
        )
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


def test_restamping_twice_changes_nothing(db, world):
    task = ask(db, world, "Поле", world.ira)
    with db.writing() as session:
        restamp(session, [task], LATER)
        restamp_project(session, world.project, LATER + timedelta(days=30))
        row = session.get_one(Task, task)
        assert (row.turn_since, row.episode, row.version) == (NOW, 2, 1)
        assert len(session.exec(select(Stretch)).all()) == 1


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
