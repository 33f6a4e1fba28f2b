"""What waits for the conductor, in which order, and what leaves next: the facts that are shown and worded."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from tracker.domain.terms import CardKind

LATE_DEADLOCK, OPEN_MEETING, APPROVAL = "late_deadlock", "open_meeting", "approval"
"""Needs that are read off the project's own rows; all others are cards."""

ORDER: tuple[str, ...] = (
    # Somebody has asked for help and stands still until they hear.
    CardKind.HELP,
    # Nobody has answered, and the bot has stopped asking: about one step, or about many of one person's.
    CardKind.ESCALATION,
    CardKind.OVERLOAD,
    # Somebody has answered, and one tap passes the step on.
    CardKind.HANDOVER,
    CardKind.NOT_MINE,
    # Decisions are late: others wait for them, but they want more than a tap.
    CardKind.DEADLOCK,
    LATE_DEADLOCK,
    # It moves, if later than was said.
    CardKind.SNOOZE_CAP,
    CardKind.PROMISE_MOVES,
    CardKind.INBOX,
    # Whom the bot can't ask: news of a person, to be called at leisure.
    CardKind.UNREACHABLE,
    CardKind.OPT_OUT,
    CardKind.PAUSE,
    # The register's own order. Nobody waits for any of it; messages that need a yes have a page of their own.
    CardKind.UNMATCHED,
    OPEN_MEETING,
    APPROVAL,
)
"""Each kind once, the most pressing first: on the podium and in the conductor's morning message alike."""

_PLACES = {kind: place for place, kind in enumerate(ORDER)}


def place_of(kind: str) -> int:
    """Where a kind of need stands among the others; one that is not known (a message told of it once) stands last."""
    return _PLACES.get(kind, len(ORDER))


class Need(NamedTuple):
    """One thing that waits for the conductor. `kind`: one of ORDER.

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
