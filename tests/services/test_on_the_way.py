"""What becomes of a message between its queueing and its delivery, when its tasks move on meanwhile."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import col, select

from tests.joints import NOW, by
from tests.outbox_world import Wire, ask, at, pass_time, settle_in
from tracker.services import answers
from tracker.services.clock import tick
from tracker.services.outbox import deliver
from tracker.services.projects import pause_project
from tracker.services.tasks import TaskInput, create_task
from tracker.tables import Card, Membership, Message, Project, Task


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


def test_what_a_person_with_a_card_is_asked_last_stands_on_that_card(db):
    """Queued as a notice beside unanswered questions, asked as a question: without a card nobody would know of it."""
    world = settle_in(db)
    one = ask(db, world, "Прислать поля", world.ira)
    tick(db, at("2026-11-23T19:00"))
    with db.writing() as session:
        session.execute(sa.update(Message).values(rule="ignored"))
        session.execute(sa.update(Task).values(stalls_at=at("2026-11-24T10:10")))
    deliver(db, at("2026-11-24T11:00"), {"telegram": Wire()})
    with db.reading() as session:
        [card] = session.exec(select(Card)).all()
        assert session.get_one(Task, one).escalated_at == at("2026-11-24T11:00")
    assert (card.kind, card.person_id, card.facts) == ("overload", world.ira, {"rule": "ignored", "tasks": [one]})


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
