"""The rows of the outbox before they leave: moved, changed and taken out as things go on."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.telling.answers import done
from tests.worlds.integrations import NOW, by
from tests.worlds.outbox import Wire, ask, at, settle_in
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import DeliveryReport, deliver
from tracker.services.messages.handling import (
    approve_message,
    reword_message,
)
from tracker.services.people.persons import edit_person
from tracker.tables import Event, Message

HOUR = at("2026-11-24T11:00")


@pytest.fixture
def world(db):
    return settle_in(db, messages="approve")


@pytest.fixture
def waiting(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    tick(db, NOW)
    with db.reading() as session:
        return session.exec(select(Message.id)).one()


def count(db, kind):
    with db.reading() as session:
        return len(session.exec(select(Event.id).where(Event.kind == kind)).all())


@pytest.mark.parametrize("approved", [True, False])
def test_the_moment_of_an_approved_message_moves_with_the_hours_of_who_reads_it(db, world, approved):
    ask(db, world, "Прислать поля формы", world.ira)
    tick(db, at("2026-11-23T20:00"))
    with db.writing() as session:
        message = session.exec(select(Message)).one()
        assert at("2026-11-24T10:00") <= message.send_after <= at("2026-11-24T11:00")
        if approved:
            approve_message(session, by(world.anna), message.id, now=at("2026-11-23T20:00"))
        # Ten in Moscow is the evening there.
        edit_person(
            session, by(world.anna), world.ira, None, {"timezone": "Asia/Kamchatka"}, now=at("2026-11-23T20:01")
        )
    tick(db, at("2026-11-23T20:02"))
    with db.reading() as session:
        message = session.exec(select(Message)).one()
    assert at("2026-11-24T01:00") <= message.send_after <= at("2026-11-24T02:00")
    assert message.local_day.isoformat() == "2026-11-24"
    assert (message.approved_at is not None) == approved


def test_own_words_of_two_tasks_are_not_said_when_one_of_them_is_answered(db, world, waiting):
    other = ask(db, world, "Вторая", world.ira)
    tick(db, NOW)
    with db.writing() as session:
        reword_message(session, by(world.anna), waiting, "Нужны поля и вторая", now=NOW)
        approve_message(session, by(world.anna), waiting, now=NOW)
    with db.writing() as session:
        done(session, by(world.ira), other, now=NOW + timedelta(hours=1))
    wire = Wire()
    assert deliver(db, HOUR, {"telegram": wire}) == DeliveryReport(sent=1)
    [outgoing] = wire.got
    assert "вторая" not in outgoing.plain.lower() and "«Прислать поля формы»" in outgoing.plain
    assert count(db, "message.reworded") == 2, "the journal says why they were not"
