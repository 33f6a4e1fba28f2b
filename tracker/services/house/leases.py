"""Who runs a loop: one clock, one poller, one server on SQLite. Time here is the wall's, never the demo's."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, or_, select

from tracker.db import upsert
from tracker.tables import Lease

SERVER = "server"
CLOCK = "clock"
POLLER = "poller"

TERM = timedelta(seconds=30)
"""How long a dead holder keeps others out. Renew three times as often."""


def take(session: Session, name: str, holder: str, *, now: datetime, term: timedelta = TERM) -> bool:
    """Take or renew; False: somebody else holds it. Of two that try at once one wins, on both databases."""
    until = now + term
    mine = upsert(session, Lease).values(name=name, holder=holder, until=until)
    made = mine.on_conflict_do_nothing().returning(col(Lease.name))
    if session.connection().execute(made).first() is not None:
        return True
    free = or_(col(Lease.holder) == holder, col(Lease.until) <= now)
    taken = (
        update(Lease).where(col(Lease.name) == name, free).values(holder=holder, until=until).returning(col(Lease.name))
    )
    return session.connection().execute(taken).first() is not None


def release(session: Session, name: str, holder: str) -> None:
    """Let the next one in at once; a lease of somebody else stays."""
    session.connection().execute(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))


def holder_of(session: Session, name: str, *, now: datetime) -> str | None:
    """Who holds it now."""
    return session.exec(select(Lease.holder).where(Lease.name == name, col(Lease.until) > now)).first()
