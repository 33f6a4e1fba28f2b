"""Lists ask the database equally often, however long they are."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.worlds.shop import NOW
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.integrations.checks import CheckInput, add_check
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput


def grow(db, world, start):
    """Ten more of everything."""
    me = Actor(world.conductor, Way.WEB)
    with db.writing() as session:
        for number in range(start, start + 10):
            party = create_party(session, me, world.project, PartyInput(f"Сторона {number}"), now=NOW).id
            place = Place(party=party)
            person = add_member(session, me, world.project, PersonInput(f"Человек {number}"), place, now=NOW).id
            given = IntegrationInput(f"Стык {number}", accountable=person)
            joint = create_integration(session, me, world.project, given, now=NOW).id
            add_check(session, me, joint, CheckInput(f"Проверка {number}", expected="видно", tester=person), now=NOW)
            add_check(session, me, world.joint, CheckInput(f"Проверка {number}", tester=person), now=NOW)
            at = NOW + timedelta(days=number)
            meeting = MeetingInput(f"Созвон {number}", at, integrations=[joint], people=[Invited(person)])
            made = plan_meeting(session, me, world.project, meeting, now=NOW).id
            add_items(session, me, made, [ItemInput(f"Вопрос {number}")], now=NOW)


def asked(db, browser, path):
    """How many statements the page takes, once its names are known."""
    browser.get(path)
    counted: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        counted.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(counted)


@pytest.mark.parametrize("page", ["people", "integrations", "integrations/1", "meetings"])
def test_ten_rows_and_twenty_take_the_same_number_of_statements(vera, world, db, page):
    path = f"/projects/LEN/{page}"
    grow(db, world, 10)
    ten = asked(db, vera, path)
    grow(db, world, 20)
    assert asked(db, vera, path) == ten
