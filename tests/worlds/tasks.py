"""One edit of a task, one answer to it, and what came of them."""

from sqlmodel import select

from tests.worlds.integrations import LATER, NOW, by
from tracker.domain.terms import Way
from tracker.services.tasks.editing import edit_task
from tracker.tables import Card, Event, EventPayload

MORNING = NOW


def change(db, person, task_id, changes, *, version=None, now=LATER, behalf=None, accepted=()):
    with db.writing() as session:
        return edit_task(session, by(person, behalf), task_id, version, changes, now=now, accepted=accepted).task


def events(db, kind):
    with db.reading() as session:
        rows = session.exec(select(EventPayload.body).join(Event).where(Event.kind == kind).order_by(Event.id))
        return list(rows)


def tap(db, verb, person, task_id, *args, behalf=None, now=LATER, **named):
    with db.writing() as session:
        return verb(session, by(person, behalf, Way.TELEGRAM), task_id, *args, now=now, **named)


def cards(db):
    with db.reading() as session:
        return [(card.kind, card.note) for card in session.exec(select(Card).where(Card.settled_at.is_(None)))]
