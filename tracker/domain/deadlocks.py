"""A deadlock: what it needs in order to be opened and to be decided, and whom it waits for."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from tracker.domain.terms import DeadlockKind

SIDES = {DeadlockKind.BLOCK: 1, DeadlockKind.CONTRADICTION: 2}
"""How many parties it is between, at least."""


class Blocked(NamedTuple):
    """A task that an open deadlock blocks, and who decides that."""

    deadlock: int
    task: int
    decider: int | None


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


def deciders_of(blocked: Iterable[Blocked], conductor: int | None) -> dict[int, int | None]:
    """Who moves each blocked task: who decides its oldest open deadlock; where nobody does, the conductor finds one."""
    found: dict[int, int | None] = {}
    for one in sorted(blocked, key=lambda each: each.deadlock):
        found.setdefault(one.task, conductor if one.decider is None else one.decider)
    return found
