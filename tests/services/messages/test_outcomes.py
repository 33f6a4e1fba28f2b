"""Every end that sending can have, and what it leaves behind."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import NOW, by, change
from tests.worlds.outbox import Wire, ask, at
from tests.worlds.rounds import HOUR, kinds_of_cards, message, send, task
from tracker.domain.nudging.sending import Delivered, Moved, NotConnected, RefusedForEver, RetryAt, Unknown
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import DeliveryReport
from tracker.tables import Card, Event, MessageTask, Person, Task


@pytest.fixture
def asked(db, world):
    """One task of Ira's, its notice queued for Tuesday's digest hour."""
    one = ask(db, world, "Прислать <поля> формы", world.ira)
    tick(db, NOW)
    return one


def test_a_nudge_is_counted_when_it_was_sent_and_not_before(db, asked):
    wire = Wire()
    send(db, wire)
    stalled = task(db, asked).stalls_at
    tick(db, stalled)
    assert task(db, asked).nudges == 0
    now = at("2026-11-26T11:00")
    send(db, wire, now)
    assert (task(db, asked).nudges, task(db, asked).last_nudge_at) == (1, now)
    assert wire.got[-1].kind == "nudge" and message(db).rule == "silence"


def test_an_answer_that_came_while_the_message_was_on_its_way_counts(db, world, asked):
    tick(db, at("2026-11-25T11:00"))

    def answered_meanwhile(outgoing):
        with db.writing() as session:
            answers.in_progress(session, by(world.ira), asked, now=at("2026-11-26T11:00:05"))
        return Delivered(1, 1)

    with db.writing() as session:
        session.execute(sa.update(Task).values(told_turn_at=NOW))
        session.execute(sa.update(MessageTask).values(step="n1_nodate"))
    assert send(db, answered_meanwhile, at("2026-11-26T11:00")) == DeliveryReport(sent=1)
    stored = task(db, asked)
    assert stored.last_nudge_at < stored.progress_at
    tick(db, at("2026-11-27T12:00"))
    assert message(db).state == "sent", "the count starts from the answer"


def test_asked_to_wait_it_is_retried_then(db, asked):
    wire = Wire([RetryAt(HOUR + timedelta(seconds=40))])
    assert send(db, wire) == DeliveryReport(held=1)
    assert send(db, wire, HOUR + timedelta(seconds=39)) == DeliveryReport()
    assert send(db, wire, HOUR + timedelta(seconds=40)) == DeliveryReport(sent=1)


def test_without_a_connection_it_is_retried_at_growing_distance(db, asked):
    wire = Wire([NotConnected()] * 3)
    now, waits = HOUR, []
    for _ in range(3):
        assert send(db, wire, now) == DeliveryReport(held=1)
        waits.append(int((message(db).send_after - now).total_seconds() // 60))
        now = message(db).send_after
    assert waits == [1, 2, 5]
    assert send(db, wire, now) == DeliveryReport(sent=1)


def test_a_chat_that_moved_is_followed_at_once_and_remembered(db, world, asked):
    wire = Wire([Moved(-100777)])
    assert send(db, wire) == DeliveryReport(sent=1)
    assert [outgoing.address for outgoing in wire.got] == [str(1000 + world.ira), "-100777"]
    with db.reading() as session:
        assert session.get_one(Person, world.ira).telegram_chat_id == -100777


def test_a_chat_that_keeps_moving_is_tried_twice_a_round(db, asked):
    wire = Wire([Moved(1), Moved(2), Moved(3)])
    assert send(db, wire).sent == 0
    assert len(wire.got) == 2


def test_a_blocked_bot_falls_back_to_mail_and_the_conductor_hears_once(db, world, asked):
    telegram, mail = Wire([RefusedForEver("bot was blocked by the user")]), Wire([Delivered()])
    assert send(db, telegram) == DeliveryReport(held=1)
    assert kinds_of_cards(db) == [("unreachable", world.ira)]
    assert send(db, telegram, email=mail) == DeliveryReport(sent=1)
    assert (len(telegram.got), mail.got[0].address, message(db).channel) == (1, "ira@example.org", "email")
    assert kinds_of_cards(db) == [("unreachable", world.ira)]


def test_what_sending_learns_of_a_chat_stands_in_the_journal_as_if_telegram_had_said_it(db, world, asked):
    send(db, Wire([Moved(-100777), RefusedForEver("blocked")]))
    with db.reading() as session:
        kinds = [event.kind for event in session.exec(select(Event).where(Event.project_id == world.project))]
    assert (kinds.count("person.chat_moved"), kinds.count("person.unreachable")) == (1, 1)


def test_without_another_channel_it_has_failed(db, world, asked):
    change(db, Person, world.ira, email=None)
    assert send(db, Wire([RefusedForEver("chat not found")])) == DeliveryReport(failed=1)
    assert (message(db).state, message(db).state_reason) == ("failed", "chat not found")
    tick(db, at("2026-11-25T11:00"))
    with db.reading() as session:
        facts = session.exec(select(Card.facts)).one()
    assert facts["tasks"] == [asked], "what stalls now is on the one card about the person"


def test_what_nobody_knows_the_outcome_of_is_never_sent_again_but_told_tomorrow(db, world, asked):
    wire = Wire([Unknown("timed out")])
    assert send(db, wire) == DeliveryReport(unknown=1)
    first = message(db).id
    for hour in range(12, 18):
        now = at(f"2026-11-24T{hour}:00")
        tick(db, now)
        send(db, wire, now)
    assert len(wire.got) == 1 and task(db, asked).told_turn_at is None
    assert message(db).id != first and message(db).local_day == date(2026, 11, 25)
    assert send(db, wire, at("2026-11-25T11:00")) == DeliveryReport(sent=1)


class Killed(BaseException):
    """The process ends here."""


def test_a_row_whose_process_died_while_sending_is_unknown_and_never_resent(db, asked):
    def killed(outgoing):
        raise Killed

    with pytest.raises(Killed):
        send(db, killed)
    assert message(db).state == "sending"
    wire = Wire()
    assert send(db, wire, HOUR + timedelta(minutes=4)) == DeliveryReport()
    assert send(db, wire, HOUR + timedelta(minutes=5)) == DeliveryReport(unknown=1)
    assert wire.got == [] and message(db).state == "unknown"
    tick(db, HOUR + timedelta(minutes=6))
    assert send(db, wire, at("2026-11-25T11:00")) == DeliveryReport(sent=1)


def test_somebody_whose_last_address_is_gone_is_the_conductors(db, world, asked):
    change(db, Person, world.ira, telegram_dead_at=HOUR, email=None)
    assert send(db, Wire()) == DeliveryReport(cancelled=1)
    assert message(db).state_reason == "channel_dead"
