"""The self-watch: each loop and channel leaves its last sign of life, so that silence can be told from peace.

Time here is the wall's, never the demo's.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col, select

from tracker.db import upsert
from tracker.domain.self_watch import Reason, Trouble
from tracker.tables import House, Pulse

QUIET = timedelta(seconds=150)
"""The clock beats three times a minute, the others once at least: a loop that is dead is told within three minutes."""
LATE = {"clock": QUIET, "delivery": QUIET, "bot": QUIET, "backup": timedelta(hours=26)}
"""After how long a silence is worth a word. What is not named here speaks when something changes."""


class Sign(NamedTuple):
    """`well`: the last sign was good and is not too old; else `reason` says why not."""

    name: str
    at: datetime
    well: bool
    detail: str
    reason: str = ""


def beat(
    session: Session, name: str, *, now: datetime, ok: bool = True, detail: str = "", reason: str = Reason.FAILED
) -> None:
    """Leave a sign of life; `reason` and `detail` where it is a bad one."""
    told = detail if ok else ": ".join(part for part in (str(reason), detail) if part)
    sign = {"at": now, "ok": ok, "detail": told[:500]}
    statement = upsert(session, Pulse).values(name=name, **sign)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=sign)
    session.connection().execute(statement)


def forget(session: Session, names: Collection[str]) -> None:
    """These run here no more: their silence is meant."""
    session.connection().execute(delete(Pulse).where(col(Pulse.name).in_(names)))


def signs(session: Session, *, now: datetime) -> list[Sign]:
    """The last sign of each that ever gave one."""
    return [_sign(pulse, now) for pulse in session.exec(select(Pulse).order_by(col(Pulse.name)))]


def _sign(pulse: Pulse, now: datetime) -> Sign:
    if pulse.ok:
        late = now - pulse.at > LATE.get(pulse.name, timedelta.max)
        return Sign(pulse.name, pulse.at, not late, pulse.detail, Reason.SILENT if late else "")
    code, _, detail = pulse.detail.partition(": ")
    if code not in set(Reason):
        code, detail = Reason.FAILED, pulse.detail
    return Sign(pulse.name, pulse.at, False, detail, code)


def troubles(session: Session, *, now: datetime) -> list[Trouble]:
    """What a conductor has to know, the same reason told once for all it concerns."""
    found = {sign.name: sign for sign in signs(session, now=now)}
    told: dict[str, list[Sign]] = {}
    for name in ("clock", "delivery", "bot", "telegram"):
        if name in found and not found[name].well:
            told.setdefault(found[name].reason, []).append(found[name])
    troubles = [
        Trouble(reason, tuple(one.name for one in about), max(one.at for one in about), about[0].detail)
        for reason, about in told.items()
    ]
    if "clock" not in found and _stands_since(session, now - QUIET):
        troubles.append(Trouble(Reason.NEVER, ("clock",)))
    return troubles


def _stands_since(session: Session, moment: datetime) -> bool:
    return session.exec(select(House.id).where(House.created_at < moment)).first() is not None
