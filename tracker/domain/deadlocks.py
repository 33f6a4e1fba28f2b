"""A deadlock: what it needs in order to be opened and to be decided, and whom it waits for."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from tracker.domain.terms import DeadlockKind

SIDES = {DeadlockKind.BLOCK: 1, DeadlockKind.CONTRADICTION: 2}
"""How many parties it is between, at least."""


class DeadlockFacts(NamedTuple):
    id: int
    kind: str
    decider: int | None
    decided: bool
    tasks: Collection[int]


def missing_sides(kind: str, parties: Collection[int]) -> int:
    """How many parties are wanting: a contradiction is between two, a block stands at one."""
    return max(0, SIDES[DeadlockKind(kind)] - len(set(parties)))


def missing_to_decide(decision: str) -> list[str]:
    """A deadlock ends with words that everybody can read, not with a tick. (Positions may stay unsaid: a decider
    can't be held up by the side that keeps silent.)"""
    return [] if decision.strip() else ["decision"]


def is_late(decide_by: date | None, decided: bool, today: date) -> bool:
    """Past its day and still open: it comes back to the conductor and the decider."""
    return not decided and decide_by is not None and decide_by < today


def decider_of(task: int, deadlocks: Iterable[DeadlockFacts]) -> int | None:
    """Who moves a blocked task: the decider of its oldest open deadlock that has one."""
    open_ones = sorted((one for one in deadlocks if not one.decided and task in one.tasks), key=lambda one: one.id)
    return next((one.decider for one in open_ones if one.decider is not None), None)
