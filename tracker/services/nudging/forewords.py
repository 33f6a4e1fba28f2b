"""The conductor's own words in front of a message: written while it is only foreseen, carried by the one that comes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import chunks, rows
from tracker.domain.terms import MessageState
from tracker.tables import Foreword, Message


class Words(NamedTuple):
    """As `tables.Foreword`."""

    id: int
    person: int
    project: int
    day: date
    text: str
    tasks: frozenset[int]
    message: int | None

    def fit(self, day: date, tasks: Collection[int]) -> bool:
        """Whether they stand in front of a message of `day` that names `tasks`."""
        return self.day <= day and not self.tasks.isdisjoint(tasks)


class Carrier(NamedTuple):
    """A message that waits, and what it names."""

    person: int
    day: date
    tasks: Collection[int]


_COLUMNS = (
    Foreword.id, Foreword.person_id, Foreword.project_id, Foreword.local_day, Foreword.text, Foreword.tasks,
    Foreword.message_id,
)  # fmt: skip


def free_words(session: Session, person_ids: Collection[int], besides: Collection[int] = ()) -> list[Words]:
    """What no message carries yet, in the order of writing; and what those named `besides` carry."""
    free = sa.or_(
        col(Foreword.message_id).is_(None),
        col(Message.state) == MessageState.CANCELLED,
        col(Foreword.message_id).in_(besides),
    )
    query = (
        sa.select(*_COLUMNS)
        .outerjoin(Message, col(Message.id) == col(Foreword.message_id))
        .where(free)
        .order_by(col(Foreword.id))
    )
    return _words(row for part in chunks(person_ids) for row in rows(session, query.where(_of(part))))


def _of(person_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return col(Foreword.person_id).in_(person_ids)


def carried_words(session: Session, message_ids: Collection[int]) -> dict[int, list[Words]]:
    """Message -> what stands in front of it, in the order of writing."""
    query = sa.select(*_COLUMNS).order_by(col(Foreword.id))
    found: dict[int, list[Words]] = {}
    for part in chunks(message_ids):
        for one in _words(rows(session, query.where(col(Foreword.message_id).in_(part)))):
            found.setdefault(one.message or 0, []).append(one)
    return found


def _words(found: Iterable[tuple[int, int, int, date, str, list[int], int | None]]) -> list[Words]:
    return [Words(*row[:5], frozenset(row[5]), row[6]) for row in found]


def carry(session: Session, carriers: Mapping[int, Carrier]) -> None:
    """These messages have been put together anew: each carries now what fits to it."""
    words = free_words(session, {one.person for one in carriers.values()}, carriers.keys())
    of_person = {one.person: message_id for message_id, one in carriers.items()}
    for one in words:
        message_id = of_person[one.person]
        fits = one.fit(carriers[message_id].day, carriers[message_id].tasks)
        if fits != (one.message == message_id):
            carried = sa.update(Foreword).where(col(Foreword.id) == one.id)
            session.connection().execute(carried.values(message_id=message_id if fits else None))
