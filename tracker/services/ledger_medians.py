"""How soon answers came: medians of a set of stretches, for all of it and by party and person, in one statement."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.tables import Stretch

MINUTE = 60


class Medians(NamedTuple):
    """Minutes of working time from the turn to the answer. Whoever did not answer has none."""

    all: int | None
    parties: dict[int | None, int]
    persons: dict[int | None, int]


def medians_of(session: Session, scope: Sequence[sa.ColumnElement[bool]]) -> Medians:
    """Of the stretches in `scope` that ended with an answer of their person, whenever they began.

    The database ranks and hands over the middle ones: there may be tens of thousands.
    """
    groups: dict[str, list[Any]] = {"all": [], "party": [Stretch.party_id], "person": [Stretch.person_id]}
    ranks = [
        column
        for name, by in groups.items()
        for column in (
            sa.func.row_number().over(partition_by=by, order_by=(Stretch.seconds, Stretch.id)).label(f"rank_{name}"),
            sa.func.count().over(partition_by=by).label(f"of_{name}"),
        )
    ]
    ranked = (
        sa.select(Stretch.party_id, Stretch.person_id, Stretch.seconds, *ranks)
        .where(*scope, Stretch.ended_by == "answer")
        .subquery()
    )
    middles = [_is_middle(ranked.c[f"rank_{name}"], ranked.c[f"of_{name}"]) for name in groups]
    columns = (ranked.c.party_id, ranked.c.person_id, ranked.c.seconds)
    found = rows(session, sa.select(*columns, *middles).where(sa.or_(*middles)))
    everything: list[int] = []
    parties: dict[int | None, list[int]] = {}
    persons: dict[int | None, list[int]] = {}
    for party, person, seconds, of_all, of_party, of_person in found:
        if of_all:
            everything.append(seconds)
        if of_party:
            parties.setdefault(party, []).append(seconds)
        if of_person:
            persons.setdefault(person, []).append(seconds)
    return Medians(
        _minutes(everything) if everything else None,
        {party: _minutes(both) for party, both in parties.items()},
        {person: _minutes(both) for person, both in persons.items()},
    )


def _is_middle(rank: Any, count: Any) -> sa.ColumnElement[bool]:
    return sa.or_(rank == (count + 1) // 2, rank == (count + 2) // 2)


def _minutes(both: Sequence[int]) -> int:
    """Of the one in the middle, or between the two."""
    return sum(both) // len(both) // MINUTE
