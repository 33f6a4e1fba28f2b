"""What is kept while the structure stands: true for who moves it, too, and never longer than it stands."""

import pytest

from tests.worlds.integrations import NOW, lay
from tracker.services.access.loading import conductors_of
from tracker.services.ground.belonging import member_problem, members
from tracker.tables import Membership, Person


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


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
