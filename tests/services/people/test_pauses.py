"""Pauses: no message through the day that was asked for, a card before the conductor, and the ledger runs on."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests.telling.answers import in_progress
from tests.worlds.integrations import NOW, by
from tests.worlds.outbox import Wire, ask, at, pass_time, settle_in
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.domain.terms import MessageKind
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import DeliveryReport, deliver
from tracker.services.messages.handling import queue
from tracker.services.people.pauses import end_pause, pause, paused_through
from tracker.tables import Card, Event, Message, Person, Stretch, Task

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def world(db):
    return settle_in(db)


def paused(db, world, through=FRIDAY, *, actor=None, now=NOW):
    with db.writing() as session:
        pause(session, actor or by(world.ira), world.ira, through, now=now)


def cards(db):
    with db.reading() as session:
        found = session.exec(select(Card).order_by(Card.id)).all()
        return [(one.kind, one.person_id, one.settled_how) for one in found]


def test_a_pause_is_put_before_the_conductor_once_and_ends_with_it(db, world):
    paused(db, world)
    paused(db, world)
    assert cards(db) == [("pause", world.ira, "")]
    with db.writing() as session:
        assert paused_through(session.get_one(Person, world.ira), NOW) == FRIDAY
        for _ in range(2):
            end_pause(session, by(world.ira), world.ira, now=NOW)
        assert paused_through(session.get_one(Person, world.ira), NOW) is None
    with db.reading() as session:
        kinds = session.exec(select(Event.kind).where(Event.project_id == world.project).order_by(Event.seq)).all()
    assert cards(db) == [("pause", world.ira, "resumed")]
    assert [kinds.count(kind) for kind in ("person.paused", "person.resumed")] == [1, 1]


def test_a_pause_ends_with_its_last_day_there(db, world):
    paused(db, world)
    with db.reading() as session:
        ira = session.get_one(Person, world.ira)
    assert paused_through(ira, at("2026-11-27T23:59:59")) == FRIDAY
    assert paused_through(ira, at("2026-11-28T00:00")) is None


def test_what_a_conductor_notes_needs_no_card(db, world):
    paused(db, world, actor=by(world.anna))
    assert cards(db) == []


def test_others_note_no_pause_and_strangers_know_of_nobody(db, world):
    for who, refusal in ((world.gleb, Forbidden), (world.vera, Forbidden), (world.stas, NotFound)):
        with pytest.raises(refusal), db.writing() as session:
            pause(session, by(who), world.ira, FRIDAY, now=NOW)
        with pytest.raises(refusal), db.writing() as session:
            end_pause(session, by(who), world.ira, now=NOW)
    with pytest.raises(NotFound), db.writing() as session:
        pause(session, by(world.anna), 10**6, FRIDAY, now=NOW)
    for wrong in (NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=400)):
        with pytest.raises(Invalid), db.writing() as session:
            pause(session, by(world.ira), world.ira, wrong, now=NOW)


def test_nobody_writes_during_a_pause_and_what_stalls_then_is_the_conductors(db, world):
    asked = ask(db, world, "Прислать поля формы", world.ira)
    paused(db, world)
    assert pass_time(db, Wire(), NOW, at("2026-11-27T19:00")) == []
    [(kind, person, _)] = cards(db)
    assert (kind, person) == ("pause", world.ira), "the same card tells which tasks stand"
    with db.reading() as session:
        assert session.exec(select(Card)).one().facts["tasks"] == [asked]
        assert session.get_one(Task, asked).escalated_at is not None


def test_when_a_pause_is_over_the_bot_speaks_again(db, world):
    ask(db, world, "Прислать поля формы", world.ira, priority="low")
    paused(db, world, date(2026, 11, 24))
    sent = pass_time(db, Wire(), NOW, at("2026-11-25T18:00"))
    assert [now.date() for now, _ in sent] == [date(2026, 11, 25)]


def test_ending_a_pause_early_lets_the_bot_speak_the_same_day(db, world):
    ask(db, world, "Прислать поля формы", world.ira, priority="low")
    paused(db, world)
    tick(db, NOW)
    with db.writing() as session:
        end_pause(session, by(world.ira), world.ira, now=NOW)
    assert len(tick(db, NOW).queued) == 1


def test_a_message_that_waited_is_taken_back_by_a_pause(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    tick(db, NOW)
    with db.writing() as session:
        news = MessageKind.MEETING, {"meeting": 1}
        queue(session, by(world.anna), world.project, world.ira, *news, send_after=NOW, now=NOW)
    paused(db, world)
    wire = Wire()
    assert deliver(db, NOW + timedelta(days=1), {"telegram": wire}) == DeliveryReport(cancelled=2)
    with db.reading() as session:
        assert {message.state_reason for message in session.exec(select(Message))} == {"paused"}


def test_the_ledger_and_the_clock_of_the_turn_run_on_through_a_pause(db, world):
    asked = ask(db, world, "Прислать поля формы", world.ira)
    with db.reading() as session:
        before = session.get_one(Task, asked).stalls_at
    paused(db, world)
    with db.reading() as session:
        assert session.get_one(Task, asked).stalls_at == before
    with db.writing() as session:
        in_progress(session, by(world.ira), asked, now=NOW + timedelta(days=2))
    with db.reading() as session:
        first = session.exec(select(Stretch).order_by(sa.asc(Stretch.id))).first()
    assert (first.ended_by, first.seconds) == ("answer", 2 * 8 * 3600)
