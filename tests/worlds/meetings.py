"""A meeting's lines and what the journal says of it."""

from datetime import UTC, date, datetime

from sqlmodel import select

from tracker.services.meetings.carrying_over import items_of
from tracker.tables import Event

TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)


def lines(session, meeting):
    return [item.id for item in items_of(session, meeting)]


def events(session, object_type="meeting"):
    query = select(Event.kind).where(Event.object_type == object_type).order_by(Event.id)
    return [kind for kind in session.exec(query) if kind.startswith(object_type)]
