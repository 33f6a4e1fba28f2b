"""Delivery: asked once more, and at most once."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import NOW, by, change
from tests.worlds.outbox import Wire, ask, at
from tests.worlds.rounds import HOUR, message, send, task
from tracker.domain.nudging.digests import jitter
from tracker.domain.nudging.sending import Delivered
from tracker.domain.terms import Way
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import DeliveryReport, deliver
from tracker.services.ground.journal import Actor
from tracker.services.house.installation import pause_sending, resume_sending
from tracker.services.messages.handling import approve_message
from tracker.services.people.projects import archive_project
from tracker.services.tasks.editing import TaskInput, archive_task, create_task, edit_task
from tracker.tables import Absence, Membership, Message, MessageTask, Person, Project

CLI = Actor(None, Way.CLI)


@pytest.fixture
def asked(db, world):
    """One task of Ira's, its notice queued for Tuesday's digest hour."""
    one = ask(db, world, "Прислать <поля> формы", world.ira)
    tick(db, NOW)
    return one


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
