"""Delivery: asked once more, at most once, and every outcome of a channel."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from tests.worlds.integrations import NOW, by, change
from tests.worlds.outbox import Wire, ask, at, settle_in
from tracker.domain.nudging.digests import jitter
from tracker.domain.nudging.sending import Delivered, Moved, NotConnected, RefusedForEver, RetryAt, Unknown
from tracker.domain.terms import Way
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import DeliveryReport, deliver
from tracker.services.ground.journal import Actor
from tracker.services.house.installation import pause_sending, resume_sending
from tracker.services.messages.handling import approve_message
from tracker.services.people.projects import archive_project
from tracker.services.tasks import answers
from tracker.services.tasks.editing import TaskInput, archive_task, create_task, edit_task
from tracker.tables import Absence, Card, Event, Membership, Message, MessageTask, Person, Project, Task

HOUR = at("2026-11-24T11:00")
CLI = Actor(None, Way.CLI)


@pytest.fixture
def world(db):
    return settle_in(db)


@pytest.fixture
def asked(db, world):
    """One task of Ira's, its notice queued for Tuesday's digest hour."""
    one = ask(db, world, "Прислать <поля> формы", world.ira)
    tick(db, NOW)
    return one


def send(db, wire, now=HOUR, **more):
    return deliver(db, now, {"telegram": wire, **more})


def message(db):
    with db.reading() as session:
        return session.exec(select(Message).order_by(col(Message.id).desc())).first()


def task(db, task_id):
    with db.reading() as session:
        return session.get_one(Task, task_id)


def kinds_of_cards(db):
    with db.reading() as session:
        return [(card.kind, card.person_id) for card in session.exec(select(Card))]


def test_a_queued_message_leaves_at_its_moment_and_not_before(db, world, asked):
    wire = Wire()
    moment = at("2026-11-24T10:30") + jitter(world.ira)
    assert send(db, wire, moment - timedelta(seconds=1)) == DeliveryReport()
    assert send(db, wire, moment) == DeliveryReport(sent=1)
    [outgoing] = wire.got
    assert (outgoing.person_id, outgoing.channel, outgoing.address) == (world.ira, "telegram", str(1000 + world.ira))
    assert "<b>Прислать &lt;поля&gt; формы</b>" in outgoing.html and "<поля>" in outgoing.plain
    stored = message(db)
    assert (stored.state, stored.text, stored.sent_at, stored.chat_message_id) == ("sent", outgoing.plain, moment, 1)
    assert task(db, asked).told_turn_at == moment and task(db, asked).nudges == 0


def test_a_second_delivery_sends_nothing(db, asked):
    wire = Wire()
    send(db, wire)
    assert send(db, wire) == DeliveryReport() and len(wire.got) == 1


def test_it_is_asked_again_at_delivery(db, world, asked):
    with db.writing() as session:
        answers.done(session, by(world.ira), asked, now=HOUR)
    wire = Wire()
    assert send(db, wire) == DeliveryReport(cancelled=1)
    assert wire.got == [] and message(db).state_reason == "finished"


def test_a_project_that_was_put_away_since_the_last_round_says_nothing(db, world, asked):
    with db.writing() as session:
        archive_project(session, by(world.anna), world.project, now=HOUR)
    wire = Wire()
    assert send(db, wire) == DeliveryReport(cancelled=1)
    assert wire.got == [] and message(db).state_reason == "archived"


@pytest.mark.parametrize("reason", ["archived", "not_their_turn", "messages_off", "project_paused", "opted_out"])
def test_each_reason_to_stay_silent_holds_at_delivery(db, world, asked, reason):
    with db.writing() as session:
        match reason:
            case "archived":
                archive_task(session, by(world.anna), asked, now=HOUR)
            case "not_their_turn":
                edit_task(session, by(world.anna), asked, None, {"owner": world.gleb}, now=HOUR)
    match reason:
        case "messages_off":
            change(db, Project, world.project, messages="off")
        case "project_paused":
            change(db, Project, world.project, paused_at=HOUR)
        case "opted_out":
            change(db, Person, world.ira, opted_out_at=HOUR)
    wire = Wire()
    assert send(db, wire) == DeliveryReport(cancelled=1)
    assert wire.got == [] and message(db).state_reason == reason


def test_only_what_is_no_longer_due_is_taken_out_of_a_digest(db, world, asked):
    other = ask(db, world, "Вторая", world.ira)
    tick(db, NOW + timedelta(minutes=1))
    with db.writing() as session:
        answers.done(session, by(world.ira), asked, now=HOUR)
    wire = Wire()
    assert send(db, wire) == DeliveryReport(sent=1)
    assert [named.id for named in wire.got[0].tasks] == [other]
    with db.reading() as session:
        reasons = dict(session.exec(select(MessageTask.task_id, MessageTask.cancelled)).all())
    assert reasons == {asked: "finished", other: ""}


def test_a_message_that_became_late_keeps_to_the_window(db, world, asked):
    wire = Wire()
    assert send(db, wire, at("2026-11-24T19:00")) == DeliveryReport(held=1)
    held = message(db)
    assert (held.state, held.state_reason, held.local_day) == ("queued", "quiet", date(2026, 11, 25))
    assert held.send_after == at("2026-11-25T10:30") + jitter(world.ira)
    assert send(db, wire, at("2026-11-25T11:00")) == DeliveryReport(sent=1)


def test_somebody_who_has_gone_away_since_hears_nothing(db, world, asked):
    with db.writing() as session:
        session.add(Absence(person_id=world.ira, first=date(2026, 11, 24), last=date(2026, 11, 24)))
    assert send(db, Wire()) == DeliveryReport(cancelled=1)
    assert message(db).state_reason == "absent"


def test_in_a_new_project_each_message_waits_for_approval(db, world):
    change(db, Project, world.project, messages="approve", approve_until=date(2026, 11, 27))
    ask(db, world, "Прислать поля", world.ira)
    tick(db, NOW)
    assert message(db).state == "held"
    wire = Wire()
    assert send(db, wire) == DeliveryReport(held=1)
    change(db, Message, message(db).id, approved_at=HOUR, approved_by_id=world.anna, state="queued")
    assert send(db, wire) == DeliveryReport(sent=1)


def test_one_project_does_not_wait_for_anothers_approval(db, world, asked):
    with db.writing() as session:
        session.add(Membership(project_id=world.other, person_id=world.ira, role="contributor", created_at=NOW))
        project = session.get_one(Project, world.other)
        project.messages = "approve"
        session.add(project)
    with db.writing() as session:
        other = create_task(session, by(world.stas), world.other, TaskInput("Чужая", owner=world.ira), now=NOW).id
    tick(db, NOW + timedelta(minutes=1))
    assert (message(db).state, message(db).project_id) == ("held", world.other)
    wire = Wire()
    assert send(db, wire, at("2026-11-24T09:00")) == send(db, wire, at("2026-11-24T10:00")) == DeliveryReport()
    assert send(db, wire) == DeliveryReport(sent=1)
    assert [named.id for named in wire.got[0].tasks] == [asked] and "Чужая" not in wire.got[0].plain
    assert message(db).project_id == world.project, "its own conductor's"
    tick(db, HOUR + timedelta(minutes=1))
    with db.reading() as session:
        [line] = session.exec(select(MessageTask).where(MessageTask.message_id == message(db).id))
    assert (message(db).state, line.task_id) == ("held", other), "it waits in the next one"
    assert send(db, wire, at("2026-11-25T11:00")) == DeliveryReport(held=1) and len(wire.got) == 1


def test_a_held_message_leaves_when_the_first_days_are_over(db, world):
    change(db, Project, world.project, messages="approve", approve_until=date(2026, 11, 24))
    ask(db, world, "Прислать поля", world.ira)
    tick(db, NOW)
    wire = Wire()
    assert send(db, wire, at("2026-11-24T12:00")) == DeliveryReport(held=1)
    tick(db, at("2026-11-25T10:00"))
    assert send(db, wire, at("2026-11-25T11:00")) == DeliveryReport(sent=1)


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


def test_nothing_leaves_while_sending_is_paused(db, asked):
    with db.writing() as session:
        pause_sending(session, CLI, "restored", now=NOW)
    wire = Wire()
    assert send(db, wire) == DeliveryReport()
    assert (wire.got, message(db).state) == ([], "queued")
    with db.writing() as session:
        resume_sending(session, CLI, now=HOUR)
    assert send(db, wire) == DeliveryReport(sent=1)


def test_without_a_channel_rows_stay_queued(db, asked):
    assert deliver(db, HOUR, {}) == DeliveryReport()
    assert deliver(db, HOUR, {"sms": Wire()}) == DeliveryReport()
    assert message(db).state == "queued"


def test_somebody_whose_last_address_is_gone_is_the_conductors(db, world, asked):
    change(db, Person, world.ira, telegram_dead_at=HOUR, email=None)
    assert send(db, Wire()) == DeliveryReport(cancelled=1)
    assert message(db).state_reason == "channel_dead"


def test_two_deliveries_at_once_send_it_once(db, asked):
    """The second one looks while the first is sending: the row is taken."""
    inner = []

    def nosy(outgoing):
        inner.append(send(db, Wire()))
        return Delivered(1, 1)

    assert send(db, nosy) == DeliveryReport(sent=1)
    assert inner == [DeliveryReport()]


def test_the_day_is_spent_by_one_message_whatever_becomes_due(db, world, asked):
    wire = Wire()
    send(db, wire)
    ask(db, world, "Вторая", world.ira, now=HOUR)
    for hour in range(12, 18):
        tick(db, at(f"2026-11-24T{hour}:00"))
        send(db, wire, at(f"2026-11-24T{hour}:00"))
    assert len(wire.got) == 1
    assert message(db).local_day == date(2026, 11, 25)


@pytest.mark.parametrize("approved", [False, True])
def test_a_first_question_that_was_held_up_until_friday_evening_goes_out_on_monday(db, world, asked, approved):
    """For the morning it was queued; the network came back at half past three."""
    wire = Wire()
    send(db, wire)
    tick(db, at("2026-11-27T09:00"))
    queued = message(db)
    assert (queued.local_day, queued.state) == (date(2026, 11, 27), "queued")
    if approved:
        with db.writing() as session:
            approve_message(session, by(world.anna), queued.id, now=at("2026-11-27T09:30"))
    for evening in (at("2026-11-27T15:30"), at("2026-11-27T17:00")):
        send(db, wire, evening)
        tick(db, evening)
    assert len(wire.got) == 1
    waiting = message(db)
    assert (waiting.local_day, waiting.state) == (date(2026, 11, 30), "queued")
    assert send(db, wire, at("2026-11-30T11:00")).sent == 1
    assert [(one.id, one.step) for one in wire.got[1].tasks] == [(asked, "n1_nodate")]
