"""By which channel each person of a project can be reached, and when they last answered by any."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.nudging.silence import is_paused
from tracker.domain.permissions import Standing, may_see_contacts
from tracker.domain.terms import MessageState
from tracker.tables import Absence, Membership, Message, Person


class Channels(NamedTuple):
    """`telegram`, `email`: on, dead or empty. `away`: first and last day of the nearest absence, today's or to come."""

    telegram: str
    telegram_reason: str
    email: str
    opted_out: bool
    last_answer_at: datetime | None
    last_sent_at: datetime | None
    away: tuple[date, date] | None
    paused_until: date | None
    """The last day of a pause that they asked for, while it holds."""

    @property
    def is_broken(self) -> bool:
        """Had a way, and has none that works now."""
        return "on" not in (self.telegram, self.email) and "dead" in (self.telegram, self.email)

    @property
    def is_mute(self) -> bool:
        return not self.telegram and not self.email


def channels_of(session: Session, mine: Standing, *, today: date) -> dict[int, Channels]:
    """Person -> channels, for the members whose contacts the reader may see; three queries."""
    columns: tuple[Any, ...] = (
        col(Person.id), col(Person.telegram_chat_id), col(Person.telegram_dead_at), col(Person.telegram_dead_reason),
        col(Person.email), col(Person.email_dead_at), col(Person.opted_out_at), col(Person.last_answer_at),
        col(Person.paused_until),
    )  # fmt: skip
    found = rows(
        session,
        sa.select(*columns)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.project_id) == mine.project_id, col(Membership.archived_at).is_(None)),
    )
    seen = [row for row in found if may_see_contacts(mine, row.id)]
    ids = [row.id for row in seen]
    sent, away = _last_sent(session, ids), _away(session, ids, today)
    return {
        row.id: Channels(
            _state(row.telegram_chat_id, row.telegram_dead_at),
            row.telegram_dead_reason,
            _state(row.email, row.email_dead_at),
            row.opted_out_at is not None,
            row.last_answer_at,
            sent.get(row.id),
            away.get(row.id),
            row.paused_until if is_paused(row.paused_until, today) else None,
        )
        for row in seen
    }


def _state(address: Any, dead_at: datetime | None) -> str:
    if not address:
        return ""
    return "on" if dead_at is None else "dead"


def _last_sent(session: Session, ids: Collection[int]) -> dict[int, datetime]:
    query = (
        sa.select(col(Message.person_id), sa.func.max(col(Message.sent_at)))
        .where(col(Message.person_id).in_(ids), col(Message.state) == MessageState.SENT)
        .group_by(col(Message.person_id))
    )
    return {person: at for person, at in rows(session, query) if at is not None}


def _away(session: Session, ids: Collection[int], today: date) -> dict[int, tuple[date, date]]:
    query = (
        sa.select(col(Absence.person_id), col(Absence.first), col(Absence.last))
        .where(col(Absence.person_id).in_(ids), col(Absence.last) >= today)
        .order_by(col(Absence.first).desc(), col(Absence.id))
    )
    return {person: (first, last) for person, first, last in rows(session, query)}
