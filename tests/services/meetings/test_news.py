"""What people are told of a meeting that is planned, moved, dropped or ended."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by
from tests.worlds.meetings import TUESDAY
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.closing import ItemEnd, close_meeting, drop_meeting
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.inviting import answer_invitation, invite
from tracker.services.meetings.planning import MeetingInput, archive_meeting, edit_meeting, plan_meeting
from tracker.tables import Message, Person, Project


@pytest.fixture
def told(db, world):
    """Everybody knows the bot, and messages are on: what people are told of the meeting, newest state."""
    with db.writing() as session:
        for person in session.exec(select(Person)):
            person.knows_bot = True
            session.add(person)
        project = session.get_one(Project, world.project)
        project.messages = "on"
        session.add(project)

    def read():
        with db.reading() as session:
            found = session.exec(select(Message).where(Message.kind == "meeting").order_by(Message.person_id))
            return {message.person_id: message.facts["change"] for message in found}

    return read


def test_a_meeting_of_the_next_24_hours_is_told_to_whom_it_invites(db, world, told):
    with db.writing() as session:
        people = [Invited(world.ira)]
        plan_meeting(session, by(world.anna), world.project, MeetingInput("Скоро", TUESDAY, people=people), now=NOW)
        later = MeetingInput("Нескоро", NOW + timedelta(hours=25), people=[Invited(world.gleb)])
        plan_meeting(session, by(world.anna), world.project, later, now=NOW)
    assert told() == {world.ira: "planned"}


def test_a_meeting_moved_away_from_today_is_told_before_its_former_time(db, world, told):
    with db.writing() as session:
        soon = NOW + timedelta(hours=2)
        given = MeetingInput("Сегодня", soon, people=[Invited(world.ira), Invited(world.gleb)])
        made = plan_meeting(session, by(world.anna), world.project, given, now=NOW - timedelta(days=3)).id
        answer_invitation(session, by(world.gleb), made, "no", now=NOW)
    assert told() == {}, "it was far away then"
    with db.writing() as session:
        edit_meeting(session, by(world.anna), made, None, {"title": "Созвон", "minutes": 45}, now=NOW)
    assert told() == {}, "a longer title is no news"
    with db.writing() as session:
        edit_meeting(session, by(world.anna), made, None, {"starts_at": soon + timedelta(days=7)}, now=NOW)
    assert told() == {world.ira: "moved"}
    with db.reading() as session:
        message = session.exec(select(Message).where(Message.kind == "meeting")).one()
        assert message.send_after < soon


@pytest.mark.parametrize("way", ["dropped", "put away"])
def test_a_meeting_that_will_not_take_place_is_told(db, world, told, way):
    with db.writing() as session:
        soon = MeetingInput("Сегодня", NOW + timedelta(hours=2), people=[Invited(world.ira)])
        made = plan_meeting(session, by(world.anna), world.project, soon, now=NOW - timedelta(days=3)).id
        if way == "dropped":
            drop_meeting(session, by(world.anna), made, None, "Болеет заказчик", now=NOW)
        else:
            archive_meeting(session, by(world.anna), made, now=NOW)
    assert told() == {world.ira: "cancelled"}


def test_who_is_invited_late_is_told_and_closing_tells_nobody(db, world, told):
    with db.writing() as session:
        soon = MeetingInput("Сегодня", NOW + timedelta(hours=2), people=[Invited(world.ira)])
        made = plan_meeting(session, by(world.anna), world.project, soon, now=NOW - timedelta(days=3)).id
        invite(session, by(world.anna), made, [Invited(world.gleb)], now=NOW)
        line = add_items(session, by(world.anna), made, [ItemInput("Маска")], now=NOW)[0].id
        close_meeting(session, by(world.anna), made, None, [ItemEnd(line, moved=True)], now=NOW)
    assert told() == {world.gleb: "planned"}
