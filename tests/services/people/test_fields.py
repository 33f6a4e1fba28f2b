"""The fields of a person: kept clean, and each wrong one told."""

from datetime import time

import pytest

from tests.worlds.house import NOW, by
from tests.worlds.refused import codes
from tracker.domain.errors import Invalid
from tracker.services.people import memberships
from tracker.services.people import persons as people
from tracker.services.people.persons import PersonInput
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import Task


def test_a_new_member_is_kept_clean(db, house):
    given = PersonInput("  Анна\tБелова ", " Anna@Shop.EXAMPLE ", "+7 (900) 000-00-00", "Анна Сергеевна")
    with db.writing() as session:
        made = memberships.add_member(session, by(house.marina), house.len, given, memberships.Place(), now=NOW)
        assert (made.name, made.email, made.phone) == ("Анна Белова", "anna@shop.example", "+7 (900) 000-00-00")
        assert made.search == "анна белова anna@shop.example"
        assert (made.may_found, made.knows_bot, made.version) == (False, False, 1)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (PersonInput(""), {("name", "required")}),
        (PersonInput("x" * 121), {("name", "too_long")}),
        (PersonInput("Анна", "anna"), {("email", "not_an_email")}),
        (PersonInput("Анна", "anna@shop.example\nBcc: all@shop.example"), {("email", "not_an_email")}),
        (PersonInput("Анна", phone="звоните"), {("phone", "not_a_phone")}),
        (
            PersonInput("Анна", language="de", timezone="Moscow"),
            {("language", "unknown_word"), ("timezone", "unknown_word")},
        ),
    ],
)
def test_each_wrong_field_of_a_person_is_told(db, house, given, wrong):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        memberships.add_member(session, by(house.marina), house.len, given, memberships.Place(), now=NOW)
    assert codes(caught) == wrong


def test_hours_make_sense_and_move_what_is_stored(db, house):
    with db.writing() as session:
        made = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = made.stalls_at
        with pytest.raises(Invalid) as caught:
            people.edit_person(session, by(house.timur), house.timur, None, {"opens": time(18)}, now=NOW)
        assert codes(caught) == {("closes", "ends_before_it_begins")}
        with pytest.raises(Invalid) as caught:
            people.edit_person(session, by(house.timur), house.timur, None, {"weekdays": "7"}, now=NOW)
        people.edit_person(session, by(house.timur), house.timur, None, {"weekdays": "34"}, now=NOW)
        assert session.get_one(Task, made.id).stalls_at > before


def test_an_unknown_field_is_an_error(db, house):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        people.edit_person(session, by(house.olga), house.olga, None, {"password_hash": "x"}, now=NOW)
    assert codes(caught) == {("password_hash", "unknown_field")}
