"""What waits for the conductor, and what leaves next: the facts that are shown and worded."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple


class Need(NamedTuple):
    """One thing that waits for the conductor. `kind`: of a card, or late_deadlock, open_meeting, approval.

    Names are empty and ids None where there is nobody and nothing.
    """

    kind: str
    project: int
    at: datetime | None = None
    card: int | None = None
    object: int | None = None
    title: str = ""
    number: int | None = None
    """Of the task it is about."""
    person_id: int | None = None
    person: str = ""
    turn_id: int | None = None
    turn: str = ""
    turn_party: str = ""
    turn_since: datetime | None = None
    note: str = ""
    passes_to: str = ""
    """Whose turn one tap would make it."""
    waits: int = 0
    """How many open tasks wait on this one."""
    nudges: int = 0
    day: date | None = None
    messages: int = 0
    waited: int = 0
    """Working seconds since the turn came to whom it is with."""
    files: tuple[tuple[int, str], ...] = ()
    """What came with the words: (upload, name)."""


class NextMessage(NamedTuple):
    """`project`: one whose page lists it. `step`: what its first task is told of; empty for news that no task is named
    in. `tasks`: their numbers."""

    id: int
    project: int
    person: str
    send_after: datetime
    state: str
    kind: str
    step: str
    tasks: Sequence[int]
