"""Buttons pressed lately: a form that makes something new is claimed once, in the transaction of what it makes.

In the database and not in a process: where several serve, the second press of a nervous finger may reach another one.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import upsert
from tracker.tables import Press

SECONDS = timedelta(seconds=10)
"""Longer than a nervous finger, shorter than a second thing of the same words."""
KEPT = timedelta(hours=1)

_PRESS = Press.__table__  # type: ignore[attr-defined]


def claim(session: Session, key: str, *, now: datetime) -> bool:
    """Whether this press is the first of its key within SECONDS. Another one's unfinished transaction is waited for:
    if it is rolled back, this press is the first.
    """
    connection = session.connection()
    # A clock that was set back must not keep a key for ever.
    lately = _PRESS.c.at.between(now - SECONDS + timedelta(microseconds=1), now + SECONDS)
    claimed = connection.execute(
        upsert(session, _PRESS)
        .values(key=key, at=now, url="")
        .on_conflict_do_update(index_elements=["key"], set_={"at": now, "url": ""}, where=sa.not_(lately))
        .returning(_PRESS.c.key)
    ).first()
    if claimed is None:
        return False
    connection.execute(sa.delete(_PRESS).where(_PRESS.c.at < now - KEPT))
    return True


def went_to(session: Session, key: str, url: str) -> None:
    """Where the first press led: the second one goes there too."""
    session.connection().execute(sa.update(_PRESS).where(_PRESS.c.key == key).values(url=url))


def where_it_went(session: Session, key: str) -> str:
    """Empty while the first press has not been answered yet."""
    return session.connection().execute(sa.select(_PRESS.c.url).where(_PRESS.c.key == key)).scalar() or ""
