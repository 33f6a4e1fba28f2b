"""Deadlocks: two positions side by side, one decision, and a turn that stands at the decider meanwhile."""

from datetime import date

import pytest
from sqlmodel import select

from tests.worlds.integrations import LATER, NOW, by, put_task
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound
from tracker.domain.permissions import may_see_deadlock
from tracker.services.access.loading import standing
from tracker.services.integrations.deadlocks import (
    DeadlockInput,
    decide,
    edit_deadlock,
    find_deadlock,
    open_deadlock,
    people_of_deadlock,
    reopen_deadlock,
    sides_of,
    state_position,
    tasks_of_deadlock,
    visible_deadlocks,
)
from tracker.tables import Deadlock, Event, Task


@pytest.fixture
def task(db, world):
    with db.writing() as session:
        return put_task(session, world, world.ira, integration=world.form, party=world.studio)


@pytest.fixture
def buttons(db, world, task):
    """One button or two: the studio against the integrator, Olga decides."""
    with db.writing() as session:
        given = DeadlockInput(
            "Одна кнопка или две",
            integration=world.form,
            decider=world.olga,
            decide_by=date(2026, 11, 27),
            tasks=[task],
            parties=[world.studio, world.crm],
        )
        return open_deadlock(session, by(world.anna), world.project, given, now=NOW).id


def test_an_open_deadlock_moves_the_turn_to_its_decider_and_a_decision_moves_it_back(db, world, task, buttons):
    with db.reading() as session:
        row = session.get_one(Task, task)
        assert (row.turn_id, row.turn_via) == (world.olga, "deadlock")
    with db.writing() as session:
        decide(session, by(world.olga), buttons, "Одна кнопка", now=LATER)
        decide(session, by(world.olga), buttons, " Одна кнопка ", now=LATER)
    with db.reading() as session:
        assert session.get_one(Task, task).turn_id == world.ira
        row = session.get_one(Deadlock, buttons)
        assert (row.decision, row.decided_by_id, row.decided_at) == ("Одна кнопка", world.olga, LATER)
        kinds = session.exec(select(Event.kind).where(Event.object_type == "deadlock")).all()
        assert kinds == ["deadlock.opened", "deadlock.decided"]
    with db.writing() as session:
        reopen_deadlock(session, by(world.anna), buttons, now=LATER)
        reopen_deadlock(session, by(world.anna), buttons, now=LATER)
    with db.reading() as session:
        assert session.get_one(Task, task).turn_id == world.olga


def test_the_conductor_notes_the_deciders_word(db, world, buttons):
    with db.writing() as session:
        decide(session, by(world.anna, behalf=world.olga), buttons, "Две кнопки", now=LATER)
    with db.reading() as session:
        assert session.get_one(Deadlock, buttons).decided_by_id == world.olga


def test_another_decider_takes_the_turn(db, world, task, buttons):
    with db.writing() as session:
        edit_deadlock(session, by(world.anna), buttons, 1, {"decider": world.pavel}, now=LATER)
    with db.reading() as session:
        assert session.get_one(Task, task).turn_id == world.pavel
    with db.writing() as session:
        freed = edit_deadlock(session, by(world.anna), buttons, 2, {"tasks": []}, now=LATER)
        assert freed.version == 3, "what it blocks is a part of it, too"
    with db.reading() as session:
        assert session.get_one(Task, task).turn_id == world.ira
        assert tasks_of_deadlock(session, buttons) == []


def test_each_party_words_its_own_position(db, world, buttons):
    with db.writing() as session:
        state_position(session, by(world.ira), buttons, world.studio, "Одна: так короче", now=LATER)
        state_position(session, by(world.ira), buttons, world.studio, "Одна: так короче", now=LATER)
        state_position(session, by(world.anna, behalf=world.gleb), buttons, world.crm, "Две: разные заявки", now=LATER)
    with db.reading() as session:
        sides = [(side.party_id, side.text, side.by_id) for side in sides_of(session, buttons)]
        assert sides == [(world.studio, "Одна: так короче", world.ira), (world.crm, "Две: разные заявки", world.gleb)]
        kinds = session.exec(select(Event.kind).where(Event.object_type == "deadlock")).all()
        assert kinds.count("deadlock.position_stated") == 2


def test_who_may_not(db, world, buttons):
    with db.writing() as session:
        for act in (
            lambda: state_position(session, by(world.ira), buttons, world.crm, "x", now=LATER),
            lambda: state_position(session, by(world.vera), buttons, world.shop, "x", now=LATER),
            lambda: decide(session, by(world.ira), buttons, "x", now=LATER),
            lambda: decide(session, by(world.ira, behalf=world.olga), buttons, "x", now=LATER),
            lambda: edit_deadlock(session, by(world.ira), buttons, 1, {"title": "x"}, now=LATER),
            lambda: reopen_deadlock(session, by(world.vera), buttons, now=LATER),
            lambda: open_deadlock(session, by(world.ira), world.project, DeadlockInput("x"), now=LATER),
        ):
            with pytest.raises(Forbidden):
                act()


def test_an_outsider_and_a_nonsense_id_find_nothing(db, world, buttons):
    with db.writing() as session:
        for act in (
            lambda: find_deadlock(session, by(world.stas), buttons),
            lambda: decide(session, by(world.stas), buttons, "x", now=LATER),
            lambda: state_position(session, by(world.anna), 10_000, world.crm, "x", now=LATER),
            lambda: open_deadlock(session, by(world.stas), world.project, DeadlockInput("x"), now=LATER),
        ):
            with pytest.raises(NotFound):
                act()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title": ""}, "title", "required"),
        ({"kind": "war"}, "kind", "unknown_word"),
        ({"decider": 10_000}, "decider", "not_a_member"),
        ({"tasks": [10_000]}, "tasks", "unknown"),
        ({"parties": [10_000, 10_001]}, "parties", "unknown"),
        ({"integration": 10_000}, "integration", "unknown"),
        ({"nonsense": 1}, "nonsense", "unknown_field"),
    ],
)
def test_what_can_not_be_taken(db, world, buttons, changes, field, code):
    with db.writing() as session, pytest.raises(Invalid) as refused:
        edit_deadlock(session, by(world.anna), buttons, 1, changes, now=LATER)
    assert (refused.value.errors[0].field, refused.value.errors[0].code) == (field, code)


def test_a_contradiction_needs_two_parties_and_a_block_takes_its_tasks_one(db, world, task):
    with db.writing() as session:
        with pytest.raises(Invalid) as refused:
            open_deadlock(session, by(world.anna), world.project, DeadlockInput("x", tasks=[task]), now=NOW)
        assert refused.value.errors[0].code == "too_few_parties"
        made = open_deadlock(
            session, by(world.anna), world.project, DeadlockInput("Банк молчит", "block", tasks=[task]), now=NOW
        )
        assert [side.party_id for side in sides_of(session, made.id)] == [world.studio]
    with db.reading() as session:
        assert session.get_one(Task, task).turn_id == world.anna, "without a decider it is the conductor's"


def test_a_decision_needs_words_and_ends_the_positions(db, world, buttons):
    with db.writing() as session:
        with pytest.raises(Invalid):
            decide(session, by(world.olga), buttons, "  ", now=LATER)
        decide(session, by(world.olga), buttons, "Одна", now=LATER)
        with pytest.raises(Invalid):
            state_position(session, by(world.ira), buttons, world.studio, "И всё же", now=LATER)
        with pytest.raises(Invalid):
            state_position(session, by(world.anna), buttons, world.shop, "Не сторона", now=LATER)


def test_two_editors_of_one_title_meet(db, world, buttons):
    with db.writing() as session:
        edit_deadlock(session, by(world.anna), buttons, 1, {"title": "Кнопки"}, now=LATER)
    with db.writing() as session:
        edit_deadlock(session, by(world.anna), buttons, 1, {"decide_by": date(2026, 12, 1)}, now=LATER)
        with pytest.raises(Conflict) as refused:
            edit_deadlock(session, by(world.anna), buttons, 1, {"title": "Кнопка"}, now=LATER)
    assert refused.value.both == {"title": ("Кнопки", "Кнопка")}


def test_it_is_seen_by_its_sides_its_decider_and_whom_it_blocks(db, world, buttons):
    with db.writing() as session:
        lone = put_task(session, world, world.lena, number=101)
        given = DeadlockInput("Доступ", "block", parties=[world.shop], tasks=[lone])
        access = open_deadlock(session, by(world.anna), world.project, given, now=NOW).id
    expected = {
        world.anna: {buttons, access},
        world.vera: {buttons, access},
        world.olga: {buttons, access},
        world.ira: {buttons},
        world.pavel: {buttons},
        world.gleb: {buttons},
        world.lena: {buttons, access},
    }
    with db.reading() as session:
        for person, seen in expected.items():
            mine = standing(session, by(person), world.project)
            assert set(session.exec(select(Deadlock.id).where(visible_deadlocks(mine)))) == seen
            rows = session.exec(select(Deadlock)).all()
            assert {one.id for one in rows if may_see_deadlock(mine, people_of_deadlock(session, one))} == seen
