"""What becomes of a message between its queueing and its delivery, when its tasks move on meanwhile."""

import sqlalchemy as sa
from sqlmodel import col, select

from tests.outbox_world import Wire, ask, at, settle_in
from tracker.services.clock import tick
from tracker.services.outbox import deliver
from tracker.tables import Card, Message, Task


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
