"""Whom a person finds, and with which of their contacts."""

import pytest

from tests.worlds.house import NOBODY, NOW, by
from tracker.domain.errors import Forbidden, NotFound
from tracker.services.access import persons as person_rights
from tracker.services.access.loading import standing
from tracker.services.people import memberships
from tracker.services.people import persons as people


def test_a_member_sees_people_of_their_projects_only_and_contacts_by_right(db, house):
    with db.reading() as session:
        assert person_rights.find_person(session, by(house.timur), house.olga).contacts is False
        assert person_rights.find_person(session, by(house.vera), house.olga).contacts is True
        assert person_rights.find_person(session, by(house.marina), house.olga).contacts is True
        assert person_rights.find_person(session, by(house.olga), house.olga).contacts is True
        for stranger in (house.stas, NOBODY):
            with pytest.raises(NotFound):
                person_rights.find_person(session, by(house.olga), stranger)


def test_contacts_stand_in_the_list_where_the_reader_may_see_them(db, house):
    def emails(who):
        with db.reading() as session:
            listed = memberships.members_of(session, standing(session, by(who), house.len))
            return {one.name: one.email for one in listed}

    assert set(emails(house.timur)) == set(emails(house.marina))
    assert {name for name, email in emails(house.timur).items() if email} == {"Тимур Азаров"}
    assert None not in emails(house.marina).values()


def test_whose_record_somebody_may_change(db, house):
    def try_it(who, whom):
        with db.writing() as session:
            people.edit_person(session, by(who), whom, None, {"salutation": "!"}, now=NOW)

    try_it(house.olga, house.olga)
    try_it(house.marina, house.timur)
    for who, whom in [(house.olga, house.timur), (house.vera, house.olga), (house.petr, house.timur)]:
        with pytest.raises(Forbidden):
            try_it(who, whom)
    for who, whom in [(house.stas, house.olga), (house.gleb, house.olga), (house.marina, NOBODY)]:
        with pytest.raises(NotFound):
            try_it(who, whom)
