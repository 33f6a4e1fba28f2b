"""«Remind now»: it goes out in the person's hours as the day's one message."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from tests.services.messages.reminding import ASKED, refusal, remind
from tests.telling.answers import done, in_progress
from tests.worlds.integrations import by, change
from tests.worlds.outbox import Wire, ask, at, pass_time
from tests.worlds.rounds import task
from tracker.domain.nudging.digests import jitter
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.messages.handling import approve_message, stop_message
from tracker.tables import Absence, Card, Event, Message, MessageTask, Person, Project, Task


def send(db, now):
    wire = Wire()
    tick(db, now)
    deliver(db, now, {"telegram": wire})
    return wire.got


def count(db, kind):
    with db.reading() as session:
        return len(session.exec(select(Event.id).where(Event.kind == kind)).all())


def test_in_the_persons_hours_it_goes_at_once_although_nothing_is_due_yet(db, world, one):
    found = remind(db, world, one)
    assert (found.person, found.at, found.held, found.again) == ("Ira", ASKED, False, False)
    [sent] = send(db, ASKED)
    assert (sent.person_id, [line.id for line in sent.tasks], sent.tasks[0].step) == (world.ira, [one], "n1_nodate")
    with db.reading() as session:
        message = session.get_one(Message, found.message)
        assert (message.rule, message.kind, message.state, message.unasked) == ("reminder", "nudge", "sent", True)
    assert send(db, ASKED + timedelta(minutes=1)) == [], "once"
    assert count(db, "task.reminder_asked") == 1


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("2026-11-24T18:00", "2026-11-25T10:30"),
        ("2026-11-24T21:40", "2026-11-25T10:30"),
        ("2026-11-25T07:00", "2026-11-25T10:30"),
        ("2026-11-27T20:00", "2026-11-30T10:30"),
        ("2026-11-28T12:00", "2026-11-30T10:30"),
    ],
)
def test_outside_of_them_it_waits_for_the_next_digest_hour(db, world, one, asked, goes):
    found = remind(db, world, one, at(asked))
    assert found.at == at(goes) + jitter(world.ira)
    assert send(db, at(asked)) == []
    assert send(db, found.at - timedelta(seconds=1)) == []
    assert [line.id for line in send(db, found.at)[0].tasks] == [one]


def test_a_last_second_of_the_day_is_still_in_it(db, world, one):
    assert remind(db, world, one, at("2026-11-24T17:59:59")).at == at("2026-11-24T17:59:59")


def test_on_friday_afternoon_the_bot_asks_nothing_new_but_a_human_may(db, world, one):
    found = remind(db, world, one, at("2026-11-27T16:00"))
    assert found.at == at("2026-11-27T16:00")
    assert len(send(db, found.at)) == 1


def test_what_waits_to_be_told_today_takes_it_along(db, world, one):
    other = ask(db, world, "Назвать день созвона", world.ira, now=at("2026-11-23T17:00"))
    tick(db, at("2026-11-23T17:00"))
    found = remind(db, world, one, at("2026-11-24T09:00"))
    assert found.at == at("2026-11-24T10:30") + jitter(world.ira)
    [sent] = send(db, found.at)
    assert [line.id for line in sent.tasks] == [one, other], "one message, what was asked for first"
    with db.reading() as session:
        assert len(session.exec(select(Message.id).where(Message.person_id == world.ira)).all()) == 1


def test_after_todays_message_it_is_tomorrows(db, world, one):
    pass_time(db, Wire(), at("2026-11-24T10:00"), at("2026-11-24T11:00"))
    assert task(db, one).told_turn_at is not None, "of the turn, which is no nudge"
    found = remind(db, world, one)
    assert found.at == at("2026-11-25T10:30") + jitter(world.ira)
    assert send(db, ASKED) == []
    assert [line.id for line in send(db, found.at)[0].tasks] == [one]


def test_asked_twice_it_says_again_when_it_goes_and_after_that_not_today(db, world, one):
    first = remind(db, world, one, at("2026-11-24T09:00"))
    again = remind(db, world, one, at("2026-11-24T09:05"))
    assert again == first._replace(again=True)
    assert count(db, "task.reminder_asked") == 1
    send(db, first.at)
    for hour in ("2026-11-24T11:00", "2026-11-24T17:59:59"):
        assert refusal(db, world, one, at(hour)) == "reminded_today"
    assert remind(db, world, one, at("2026-11-24T18:00")).at == at("2026-11-25T10:30") + jitter(world.ira)


def test_an_answer_that_comes_before_it_leaves_takes_it_back(db, world, one):
    found = remind(db, world, one, at("2026-11-24T20:00"))
    with db.writing() as session:
        in_progress(session, by(world.ira), one, now=at("2026-11-25T09:00"))
    assert send(db, found.at) == []
    assert send(db, at("2026-11-26T12:00")) == []


def test_it_counts_as_the_first_question(db, world, one):
    remind(db, world, one)
    send(db, ASKED)
    assert (task(db, one).nudges, task(db, one).last_nudge_at) == (1, ASKED)
    sent = pass_time(db, Wire(), ASKED, at("2026-12-10T18:00"))
    assert [outgoing.tasks[0].step for _now, outgoing in sent] == ["n2"], "two questions, then the conductor"
    with db.reading() as session:
        assert [card.kind for card in session.exec(select(Card))] == ["escalation"]


def test_with_the_conductor_already_it_still_goes_and_the_bot_does_not_go_on(db, world, one):
    pass_time(db, Wire(), at("2026-11-24T10:00"), at("2026-12-07T18:00"))
    assert task(db, one).escalated_at is not None
    found = remind(db, world, one, at("2026-12-08T12:00"))
    sent = pass_time(db, Wire(), found.at, at("2026-12-29T18:00"))
    assert [now for now, _outgoing in sent] == [at("2026-12-08T12:00")]
    with db.reading() as session:
        assert len(session.exec(select(Card)).all()) == 1


def test_what_the_next_round_would_put_before_the_conductor_stands_there_all_the_same(db, world, one):
    moment = at("2026-11-24T10:00")
    sent = pass_time(db, Wire(), moment, at("2026-11-30T10:59"))
    assert [outgoing.tasks[0].step for _now, outgoing in sent] == ["notice", "n1_nodate", "n2"]
    with db.reading() as session:
        due = session.get_one(Task, one).next_at
    found = remind(db, world, one, due)
    with db.reading() as session:
        assert [card.task_id for card in session.exec(select(Card))] == [one]
    assert found.at >= due
    assert len(send(db, found.at)) == 1


def test_a_deputy_is_reminded_for_who_is_away(db, world, one):
    change(db, Person, world.ira, deputy_id=world.pavel)
    with db.writing() as session:
        session.add(Absence(person_id=world.ira, first=date(2026, 11, 24), last=date(2026, 11, 27)))
    found = remind(db, world, one)
    assert (found.person, found.at) == ("Pavel", ASKED)
    assert [sent.person_id for sent in send(db, ASKED)] == [world.pavel]


def test_without_one_it_waits_until_they_are_back_and_have_had_a_day(db, world, one):
    with db.writing() as session:
        session.add(Absence(person_id=world.ira, first=date(2026, 11, 24), last=date(2026, 11, 25)))
    found = remind(db, world, one)
    sent = pass_time(db, Wire(), ASKED, at("2026-11-27T18:00"))
    assert sent[0][0] == found.at == at("2026-11-27T10:30") + jitter(world.ira)


def test_more_than_a_message_names_goes_on_the_days_after(db, world):
    keys = [ask(db, world, f"Дело {number}", world.ira) for number in range(4)]
    night = at("2026-11-23T20:00")
    goes = [remind(db, world, key, night).at for key in keys]
    tuesday, wednesday = (at(f"2026-11-{day}T10:30") + jitter(world.ira) for day in (24, 25))
    assert goes == [tuesday, tuesday, tuesday, wednesday]
    sent = pass_time(db, Wire(), night, at("2026-11-25T18:00"))
    assert [(now, [line.id for line in outgoing.tasks]) for now, outgoing in sent] == [
        (tuesday, keys[:3]),
        (wednesday, keys[3:]),
    ]


def test_six_reminders_are_no_flood(db, world):
    for number in range(6):
        remind(db, world, ask(db, world, f"Дело {number}", world.ira))
    tick(db, ASKED)
    with db.reading() as session:
        assert session.exec(select(Card)).all() == []


def test_in_the_first_days_asking_is_approving_where_nothing_else_is_said(db, world, one):
    change(db, Project, world.project, messages="approve")
    found = remind(db, world, one)
    assert not found.held
    assert len(send(db, ASKED)) == 1
    with db.reading() as session:
        assert session.get_one(Message, found.message).approved_by_id == world.anna


def test_beside_what_nobody_has_approved_it_waits_with_it(db, world, one):
    change(db, Project, world.project, messages="approve")
    ask(db, world, "Назвать день созвона", world.ira)
    found = remind(db, world, one)
    assert found.held
    assert send(db, ASKED) == []
    with db.writing() as session:
        approve_message(session, by(world.anna), found.message, now=ASKED)
    assert len(send(db, ASKED)) == 1


def test_approved_words_stay_as_they_are_and_it_goes_on_the_day_after(db, world, one):
    change(db, Project, world.project, messages="approve")
    ask(db, world, "Назвать день созвона", world.ira, now=at("2026-11-23T17:00"))
    tick(db, at("2026-11-23T17:00"))
    with db.writing() as session:
        waiting = session.exec(select(Message.id).where(col(Message.state) == "held")).one()
        approve_message(session, by(world.anna), waiting, now=at("2026-11-23T18:00"))
        before = session.exec(select(MessageTask.task_id).where(MessageTask.message_id == waiting)).all()
    new = ask(db, world, "Ещё одно", world.ira, now=at("2026-11-23T18:30"))
    found = remind(db, world, new, at("2026-11-24T09:00"))
    assert (found.message, found.at) == (None, at("2026-11-25T10:30") + jitter(world.ira))
    [sent] = send(db, at("2026-11-24T10:30") + jitter(world.ira))
    assert [line.id for line in sent.tasks] == list(before)


def test_one_that_the_conductor_stops_does_not_go_today(db, world, one):
    found = remind(db, world, one, at("2026-11-24T09:00"))
    with db.writing() as session:
        stop_message(session, by(world.anna), found.message, now=at("2026-11-24T09:10"))
    sent = pass_time(db, Wire(), at("2026-11-24T09:10"), at("2026-11-24T23:00"))
    assert sent == []


def test_done_meanwhile_is_done(db, world, one):
    remind(db, world, one, at("2026-11-24T20:00"))
    with db.writing() as session:
        done(session, by(world.ira), one, now=at("2026-11-24T21:00"))
    assert refusal(db, world, one, at("2026-11-25T09:00")) == "finished"
    assert send(db, at("2026-11-25T12:00")) == []
