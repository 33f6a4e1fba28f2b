"""What is kept between requests is made anew when what it is made of has moved, and not before."""

from datetime import timedelta

import pytest

from tests.worlds.integrations import NOW, by, lay
from tracker.services.access.loading import conductors_of
from tracker.services.ground.belonging import member_problem, members
from tracker.services.ground.kept import while_project_stands, while_structure_stands
from tracker.services.people.persons import edit_person
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import Membership, Person


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def made(db, world):
    """Asks for a value of each kind, as one request would; returns how often either has been made so far."""
    counts = {"structure": 0, "project": 0}

    def make(kind):
        counts[kind] += 1
        return counts[kind]

    def asked(now=NOW, until=None):
        with db.reading() as session:
            one = while_structure_stands(session, world.project, "one", lambda: make("structure"))
            two = while_project_stands(session, world.project, "two", lambda: (until, make("project")), now)
        assert (one, two) == tuple(counts.values())
        return one, two

    return asked


def test_it_is_made_once_while_nothing_moves(made):
    assert [made(), made()] == [(1, 1), (1, 1)]


def test_a_change_of_a_task_moves_the_project_and_not_the_structure(db, world, made):
    made()
    with db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("Поле", owner=world.ira), now=NOW)
    assert [made(), made()] == [(1, 2), (1, 2)]


def test_a_change_of_another_project_moves_nothing_here(db, world, made):
    made()
    with db.writing() as session:
        create_task(session, by(world.stas), world.other, TaskInput("Поле", owner=world.stas), now=NOW)
    assert made() == (1, 1)


def test_a_name_that_changes_moves_the_structure_too(db, world, made):
    made()
    with db.writing() as session:
        edit_person(session, by(world.ira), world.ira, None, {"name": "Ирина"}, now=NOW)
    assert made()[0] == 2


def test_what_holds_until_a_moment_is_made_anew_when_it_has_come(made):
    until = NOW + timedelta(hours=1)
    made(until=until)
    assert made(now=until - timedelta(seconds=1), until=until) == (1, 1)
    assert made(now=until, until=until + timedelta(hours=1)) == (1, 2)


def test_in_the_middle_of_a_change_nothing_is_taken_from_before_it(db, world, made):
    made()
    with db.writing() as session:
        edit_person(session, by(world.ira), world.ira, None, {"name": "Ирина"}, now=NOW)
        session.flush()
        assert while_structure_stands(session, world.project, "one", lambda: "made here") == "made here"
    assert made()[0] == 2


def join(session, world, role="contributor"):
    person = Person(name="Rita", created_at=NOW, updated_at=NOW)
    session.add(person)
    session.flush()
    session.add(Membership(project_id=world.project, person_id=person.id, role=role, created_at=NOW))
    return person.id


def test_who_comes_in_this_very_change_can_be_named_before_it_is_written(db, world):
    with db.writing() as session:
        known = len(members(session, world.project))
        rita = join(session, world)
        assert member_problem(session, world.project, rita, "owner") is None
        assert len(members(session, world.project)) == known + 1
    with db.reading() as session:
        assert member_problem(session, world.project, rita, "owner") is None


def test_who_goes_in_this_very_change_can_not_be_named_any_more(db, world):
    with db.writing() as session:
        assert member_problem(session, world.project, world.ira, "owner") is None
        session.get_one(Person, world.ira).archived_at = NOW
        assert member_problem(session, world.project, world.ira, "owner") is not None
        session.get_one(Person, world.ira).archived_at = None
        assert member_problem(session, world.project, world.ira, "owner") is None


def test_what_a_savepoint_takes_back_is_not_kept(db, world):
    with db.writing() as session:
        with pytest.raises(RuntimeError), session.begin_nested():
            join(session, world, role="conductor")
            assert len(conductors_of(session, world.project)) == 2
            raise RuntimeError
        assert conductors_of(session, world.project) == [world.anna]
    with db.reading() as session:
        assert conductors_of(session, world.project) == [world.anna]


def test_a_change_that_came_to_nothing_leaves_nothing_behind(db, world):
    with pytest.raises(RuntimeError), db.writing() as session:
        join(session, world, role="conductor")
        assert len(conductors_of(session, world.project)) == 2
        raise RuntimeError
    with db.reading() as session:
        assert conductors_of(session, world.project) == [world.anna]
