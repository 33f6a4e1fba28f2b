"""The self-watch: each loop and channel leaves its last sign of life, so that silence can be told from peace."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from tracker.tables import Pulse

LATE = {"clock": timedelta(minutes=5), "delivery": timedelta(minutes=5), "bot": timedelta(minutes=5),
        "backup": timedelta(hours=26)}  # fmt: skip
"""After how long a silence is worth a word."""


class Sign(NamedTuple):
    """`well`: the last sign was good and is not too old."""

    name: str
    at: datetime
    well: bool
    detail: str


def beat(session: Session, name: str, *, now: datetime, ok: bool = True, detail: str = "") -> None:
    """Leave a sign of life."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    sign = {"at": now, "ok": ok, "detail": detail[:500]}
    statement = insert(Pulse).values(name=name, **sign).on_conflict_do_update(index_elements=["name"], set_=sign)
    session.connection().execute(statement)


def signs(session: Session, *, now: datetime) -> list[Sign]:
    """The last sign of each that ever gave one."""
    found = session.exec(select(Pulse).order_by(col(Pulse.name)))
    return [
        Sign(pulse.name, pulse.at, pulse.ok and now - pulse.at <= LATE.get(pulse.name, timedelta.max), pulse.detail)
        for pulse in found
    ]
