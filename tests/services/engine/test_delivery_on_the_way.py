"""What becomes of a message between its queueing and its delivery, when its tasks move on meanwhile."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from tests.telling import answers
from tests.worlds.integrations import NOW, by
from tests.worlds.outbox import Wire, ask, at, pass_time, settle_in
from tracker.domain.nudging.sending import Delivered, RetryAt
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.people.projects import pause_project
from tracker.services.tasks.cards import settle_card
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import Card, Membership, Message, Person, Project, Task


def test_a_notice_that_has_become_a_question_goes_before_the_notices(db):
    world = settle_in(db)
    first, second = (ask(db, world, title, world.ira, now=at("2026-11-24T19:00")) for title in ("Одна", "Другая"))
    tick(db, at("2026-11-24T19:01"))
    # The second one stalls at the very opening: between the round that queued and the hour of the message.
    with db.writing() as session:
        session.execute(sa.update(Task).where(col(Task.id) == second).values(stalls_at=at("2026-11-25T10:10")))
    wire = Wire()
    deliver(db, at("2026-11-25T11:00"), {"telegram": wire})
    assert [(one.id, one.step) for one in wire.got[0].tasks] == [(second, "n1_nodate"), (first, "notice")]


def test_only_what_stands_on_the_open_card_is_asked_for_the_last_time(db):
    """A notice that has become a question beside them is an ordinary question: nobody but its person knows of it."""
    world = settle_in(db)
    ids = [ask(db, world, f"Задача {number}", world.ira) for number in range(7)]
    with db.writing() as session:
        session.execute(sa.update(Task).where(col(Task.id) != ids[6]).values(told_turn_at=NOW))
        session.execute(sa.update(Task).where(col(Task.id) == ids[6]).values(needed_by=date(2026, 11, 26)))
    tick(db, at("2026-11-25T19:00"))
    with db.reading() as session:
        [card] = session.exec(select(Card)).all()
    assert (card.kind, card.facts["tasks"]) == ("overload", ids)
    with db.writing() as session:
        # The last of them was asked for anew after the card: it is not what the card is about any more.
        session.get_one(Card, card.id).facts = {**card.facts, "tasks": ids[:6]}
    wire = Wire()
    deliver(db, at("2026-11-26T11:00"), {"telegram": wire})
    named = [one.id for one in wire.got[0].tasks]
    assert len(named) == 3 and ids[6] in named
    with db.reading() as session:
        over = {one: session.get_one(Task, one).escalated_at is not None for one in named}
    assert over == {one: one != ids[6] for one in named}


def test_a_card_that_was_seen_to_leaves_the_question_an_ordinary_one(db):
    world = settle_in(db)
    for number in range(6):
        ask(db, world, f"Задача {number}", world.ira)
    tick(db, at("2026-11-25T19:00"))
    with db.writing() as session:
        settle_card(session, by(world.anna), session.exec(select(Card.id)).one(), now=at("2026-11-25T19:30"))
    tick(db, at("2026-11-26T10:00"))
    wire = Wire()
    deliver(db, at("2026-11-26T11:00"), {"telegram": wire})
    with db.reading() as session:
        assert len(session.exec(select(Card)).all()) == 1, "seen to is seen to"
        asked = [session.get_one(Task, one.id) for one in wire.got[0].tasks]
    assert [(task.nudges, task.escalated_at) for task in asked] == [(1, None)] * 3


def test_an_answer_on_the_way_needs_no_human(db):
    world = settle_in(db)
    ids = [ask(db, world, f"Задача {number}", world.ira) for number in range(6)]
    tick(db, at("2026-11-25T19:00"))
    now = at("2026-11-26T11:00")

    def quicker(outgoing):
        with db.writing() as session:
            answers.in_progress(session, by(world.ira), ids[0], now=now + timedelta(seconds=1))
        return Delivered(1, 1)

    deliver(db, now, {"telegram": quicker})
    with db.reading() as session:
        assert [session.get_one(Task, one).escalated_at is None for one in ids] == [True] + [False] * 5


def test_who_has_said_later_is_not_told_that_it_is_their_turn(db):
    world = settle_in(db)
    one = ask(db, world, "Прислать поля", world.ira)
    with db.writing() as session:
        answers.later(session, by(world.ira), one, date(2026, 11, 30), now=at("2026-11-23T15:00"))
    sent = pass_time(db, Wire(), at("2026-11-23T15:01"), at("2026-12-01T18:00"))
    assert [(now.date(), outgoing.tasks[0].step) for now, outgoing in sent] == [(date(2026, 11, 30), "n1_nodate")]


def test_a_task_of_a_project_that_falls_silent_gives_its_place_to_another(db):
    world = settle_in(db)
    with db.writing() as session:
        session.add(Membership(project_id=world.other, person_id=world.ira, role="contributor", created_at=NOW))
        session.get_one(Project, world.other).messages = "on"
    theirs = [ask(db, world, title, world.ira, needed_by=date(2026, 12, 10)) for title in "абв"]
    with db.writing() as session:
        given = TaskInput("Четвёртая", owner=world.ira)
        last = create_task(session, by(world.stas), world.other, given, now=NOW).id
    tick(db, at("2026-11-24T09:00"))
    with db.writing() as session:
        pause_project(session, by(world.anna), world.project, True, now=at("2026-11-24T09:10"))
    tick(db, at("2026-11-24T09:11"))
    wire = Wire()
    deliver(db, at("2026-11-24T11:00"), {"telegram": wire})
    assert [one.id for one in wire.got[0].tasks] == [last] and last not in theirs


def test_a_message_that_leaves_a_day_late_spends_the_day_on_which_it_leaves(db):
    world = settle_in(db)
    for number in range(4):
        ask(db, world, f"Задача {number}", world.ira)
    tick(db, NOW)
    wire = Wire()
    # Everything was down on Tuesday; on Wednesday delivery comes up before the clock does.
    for now in (at("2026-11-25T11:00"), at("2026-11-25T11:01"), at("2026-11-25T12:00")):
        deliver(db, now, {"telegram": wire})
        tick(db, now)
    assert [len(outgoing.tasks) for outgoing in wire.got] == [3]
    with db.reading() as session:
        assert session.exec(select(Message.local_day).where(Message.state == "sent")).all() == [date(2026, 11, 25)]


def test_what_is_composed_anew_still_waits_as_long_as_it_was_asked_to(db):
    world = settle_in(db)
    ask(db, world, "Первая", world.ira)
    tick(db, NOW)
    until = at("2026-11-24T15:00")
    wire = Wire([RetryAt(until)])
    deliver(db, at("2026-11-24T11:00"), {"telegram": wire})
    ask(db, world, "Вторая", world.ira, now=at("2026-11-24T10:00"))
    for hour in (12, 13, 14):
        tick(db, at(f"2026-11-24T{hour}:00"))
        deliver(db, at(f"2026-11-24T{hour}:00"), {"telegram": wire})
    assert len(wire.got) == 1
    deliver(db, until, {"telegram": wire})
    assert [len(outgoing.tasks) for outgoing in wire.got] == [1, 2]


def test_a_pause_delays_what_was_queued_by_no_more_than_itself(db):
    """Somebody who answers on Tuesdays is written to on this Tuesday, though the project was paused on Monday."""
    world = settle_in(db)
    with db.writing() as session:
        session.get_one(Person, world.ira).cadence = "1"
    ask(db, world, "Прислать поля", world.ira)
    for at_, paused in ((at("2026-11-23T12:00"), True), (at("2026-11-23T16:00"), False)):
        tick(db, at_ - timedelta(minutes=1))
        with db.writing() as session:
            pause_project(session, by(world.anna), world.project, paused, now=at_)
        tick(db, at_ + timedelta(minutes=1))
    wire = Wire()
    deliver(db, at("2026-11-24T11:00"), {"telegram": wire})
    assert len(wire.got) == 1


def test_a_late_message_leaves_the_day_to_another_that_waits_for_it(db):
    world = settle_in(db)
    ask(db, world, "Прислать поля", world.ira)
    tick(db, NOW)
    with db.writing() as session:
        first = session.exec(select(Message)).one()
        values = first.model_dump(exclude={"id"}) | {"local_day": date(2026, 11, 25), "kind": "podium"}
        session.add(Message(**values | {"send_after": at("2026-11-25T15:00")}))
    wire = Wire()
    deliver(db, at("2026-11-25T11:00"), {"telegram": wire})
    with db.reading() as session:
        held = session.get_one(Message, first.id)
    assert wire.got == [] and (held.state_reason, held.local_day) == ("budget_used", date(2026, 11, 26))
