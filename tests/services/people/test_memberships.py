"""A person's place in a project: given, changed, taken; who may, and who has to stay."""

import pytest
from sqlmodel import select

from tests.worlds.house import LATER, NOBODY, NOW, by
from tests.worlds.journal import seq_of
from tracker.domain.errors import Forbidden, Invalid, NotFound, Refused
from tracker.domain.terms import Role
from tracker.services.access import persons as person_rights
from tracker.services.access.loading import standing
from tracker.services.people import memberships
from tracker.services.people.persons import PersonInput
from tracker.tables import Membership, Party


def test_a_known_address_is_the_same_person_whose_record_stays(db, house):
    with db.writing() as session:
        again = memberships.add_member(
            session,
            by(house.marina),
            house.len,
            PersonInput("Кто-то", "STAS@else.example"),
            memberships.Place(),
            now=NOW,
        )
        assert (again.id, again.name) == (house.stas, "Стас Панин")
        assert sorted(person_rights.projects_of(session, house.stas)) == [house.len, house.other]


def test_adding_a_member_twice_changes_nothing(db, house):
    with db.writing() as session:
        before = seq_of(session, house.len)
        memberships.add_member(
            session,
            by(house.marina),
            house.len,
            PersonInput("Ольга", "olga@shop.example"),
            memberships.Place(Role.OBSERVER),
            now=LATER,
        )
        assert standing(session, by(house.olga), house.len).role == Role.LEAD
    with db.reading() as session:
        assert seq_of(session, house.len) == before


@pytest.mark.parametrize("who", ["olga", "timur", "vera"])
def test_only_who_conducts_brings_people_in(db, house, who):
    with db.writing() as session, pytest.raises(Forbidden):
        memberships.add_member(
            session, by(getattr(house, who)), house.len, PersonInput("Анна"), memberships.Place(), now=NOW
        )


def test_outsiders_do_not_even_find_the_project(db, house):
    for project in (house.len, NOBODY):
        with db.writing() as session, pytest.raises(NotFound):
            memberships.add_member(session, by(house.gleb), project, PersonInput("Анна"), memberships.Place(), now=NOW)


def test_a_role_is_changed_and_the_last_conductor_stays(db, house):
    with db.writing() as session:
        memberships.edit_member(session, by(house.marina), house.len, house.timur, {"role": "observer"}, now=NOW)
        assert standing(session, by(house.timur), house.len).role == Role.OBSERVER
        for refused in (
            lambda: memberships.edit_member(
                session, by(house.marina), house.len, house.marina, {"role": "lead"}, now=NOW
            ),
            lambda: memberships.remove_member(session, by(house.marina), house.len, house.marina, now=NOW),
        ):
            with pytest.raises(Refused, match="last_conductor"):
                refused()
        memberships.edit_member(session, by(house.marina), house.len, house.olga, {"role": "conductor"}, now=NOW)
        memberships.edit_member(session, by(house.marina), house.len, house.marina, {"role": "lead"}, now=NOW)
        with pytest.raises(Forbidden):
            memberships.edit_member(session, by(house.marina), house.len, house.marina, {"role": "conductor"}, now=NOW)


def test_a_place_is_within_the_project(db, house):
    with db.writing() as session:
        foreign = Party(project_id=house.other, name="Чужая", created_at=NOW, updated_at=NOW)
        session.add(foreign)
        session.flush()
        cases: list[tuple[dict[str, object], str]] = [
            ({"party": foreign.id}, "unknown_choice"),
            ({"party": NOBODY}, "unknown_choice"),
            ({"role": "king"}, "unknown_word"),
            ({"joined": 1}, "unknown_field"),
        ]
        for changes, code in cases:
            with pytest.raises(Invalid) as caught:
                memberships.edit_member(session, by(house.marina), house.len, house.timur, changes, now=NOW)
            assert {one.code for one in caught.value.errors} == {code}


@pytest.mark.parametrize("verb", ["edit", "remove"])
def test_places_by_role_outsider_and_nonsense(db, house, verb):
    def act(who, project, whom):
        with db.writing() as session:
            if verb == "edit":
                memberships.edit_member(session, by(who), project, whom, {"why": "Делает сайт"}, now=NOW)
            else:
                memberships.remove_member(session, by(who), project, whom, now=NOW)

    for who in (house.olga, house.petr, house.timur, house.vera):
        with pytest.raises(Forbidden):
            act(who, house.len, house.timur)
    for who, project, whom in [
        (house.gleb, house.len, house.timur),
        (house.marina, NOBODY, house.timur),
        (house.marina, house.len, house.stas),
        (house.marina, house.len, NOBODY),
    ]:
        with pytest.raises(NotFound):
            act(who, project, whom)
    act(house.marina, house.len, house.timur)
    if verb == "edit":
        act(house.marina, house.len, house.timur)
    else:
        with pytest.raises(NotFound):
            act(house.marina, house.len, house.timur)


def test_a_lead_who_leaves_leaves_the_lead(db, house):
    from tracker.services.people.parties import edit_party

    with db.writing() as session:
        edit_party(session, by(house.marina), house.studio, None, {"lead": house.petr}, now=NOW)
        memberships.remove_member(session, by(house.marina), house.len, house.petr, now=NOW)
        assert session.get_one(Party, house.studio).lead_id is None
        with pytest.raises(NotFound):
            standing(session, by(house.petr), house.len)
    with db.writing() as session:
        again = PersonInput("Пётр Соколов", "petr@studio.example")
        memberships.add_member(session, by(house.marina), house.len, again, memberships.Place(), now=LATER)
        assert standing(session, by(house.petr), house.len).role == Role.CONTRIBUTOR
        assert len(session.exec(select(Membership).where(Membership.person_id == house.petr)).all()) == 1
