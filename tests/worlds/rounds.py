"""What rounds of the clock have left behind: messages, their tasks, cards."""

from sqlmodel import col, select

from tests.worlds.outbox import at
from tracker.services.engine.delivery import deliver
from tracker.tables import Card, Message, MessageTask, Task

MORNING = at("2026-11-24T10:00")
HOUR = at("2026-11-24T11:00")


def messages(db):
    with db.reading() as session:
        return list(session.exec(select(Message).order_by(col(Message.id))))


def steps(db, message_id):
    with db.reading() as session:
        query = select(MessageTask.task_id, MessageTask.step).where(
            MessageTask.message_id == message_id, MessageTask.cancelled == ""
        )
        return session.exec(query.order_by(col(MessageTask.position))).all()


def task(db, task_id):
    with db.reading() as session:
        return session.get_one(Task, task_id)


def cards(db):
    with db.reading() as session:
        return [
            (card.kind, card.task_id, card.person_id, card.facts)
            for card in session.exec(select(Card).order_by(col(Card.id)))
        ]


def send(db, wire, now=HOUR, **more):
    return deliver(db, now, {"telegram": wire, **more})


def message(db):
    with db.reading() as session:
        return session.exec(select(Message).order_by(col(Message.id).desc())).first()


def kinds_of_cards(db):
    with db.reading() as session:
        return [(card.kind, card.person_id) for card in session.exec(select(Card))]
