"""Who and what can be named in a project: what lives there."""

from tests.worlds.integrations import NOW, lay
from tracker.services.ground.belonging import belongs_problem, member_problem, party_of
from tracker.tables import Integration, Party, Person


def codes(*problems):
    return [problem and (problem.field, problem.code) for problem in problems]


def test_a_living_member_can_be_named_and_nobody_else(db):
    with db.writing() as session:
        world = lay(session)
        found = [member_problem(session, world.project, one, "owner") for one in (None, world.ira, world.stas, 999)]
        assert codes(*found) == [None, None, ("owner", "not_a_member"), ("owner", "not_a_member")]
        session.get_one(Person, world.ira).archived_at = NOW
        session.flush()
        assert codes(member_problem(session, world.project, world.ira, "owner")) == [("owner", "not_a_member")]


def test_a_party_and_an_integration_are_of_the_project_and_not_put_away(db):
    with db.writing() as session:
        world = lay(session)
        assert codes(
            belongs_problem(session, Party, world.project, world.studio, "party"),
            belongs_problem(session, Party, world.project, None, "party"),
            belongs_problem(session, Party, world.other, world.studio, "party"),
            belongs_problem(session, Integration, world.project, 999, "integration"),
        ) == [None, None, ("party", "unknown"), ("integration", "unknown")]
        session.get_one(Integration, world.form).archived_at = NOW
        problem = belongs_problem(session, Integration, world.project, world.form, "integration")
        assert codes(problem) == [("integration", "archived")]


def test_a_persons_party_is_that_of_their_place_in_this_project(db):
    with db.writing() as session:
        world = lay(session)
        assert party_of(session, world.project, world.ira) == world.studio
        assert party_of(session, world.other, world.ira) is None
        assert party_of(session, world.project, None) is None
