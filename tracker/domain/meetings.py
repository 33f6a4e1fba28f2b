"""What closing a meeting needs, and which of its changes calendars and people must notice."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tracker.domain.terms import Outcome

MANY_PEOPLE = 5
"""More than this many invited people is worth a question: three who can decide get further than twenty."""

CALENDAR_FIELDS = frozenset({"starts_at", "minutes", "place", "people", "state"})
"""What raises a meeting's SEQUENCE. Not the title and the notes: a calendar would ask everybody to agree again."""

SOON = timedelta(hours=24)


class ClosingItem(NamedTuple):
    """An agenda item as it stands when the meeting is to be closed."""

    id: int
    outcome: str | None
    step_title: str = ""
    step_owner: int | None = None
    step_needed_by: date | None = None
    reason: str = ""


class MissingStep(NamedTuple):
    """Why a meeting can't be closed yet: an item (None: the agenda as a whole) and a code."""

    item: int | None
    code: str


def missing_to_close(items: Sequence[ClosingItem]) -> list[MissingStep]:
    """Product rule 5: each item has a next step (who, what, by when), is moved on, or says why there is no step."""
    if not items:
        # A call that spoke of nothing has no next step either; «не состоялся» is the way to end that one.
        return [MissingStep(None, "no_items")]
    return [MissingStep(item.id, code) for item in items if (code := _lacks(item))]


def _lacks(item: ClosingItem) -> str | None:
    if item.outcome == Outcome.MOVED:
        return None
    if item.outcome == Outcome.NO_STEP:
        return None if item.reason.strip() else "no_reason"
    if item.outcome != Outcome.STEP:
        return "no_outcome"
    if not item.step_title.strip():
        return "step_without_title"
    if item.step_owner is None:
        return "step_without_owner"
    return "step_without_date" if item.step_needed_by is None else None


def missing_to_drop(reason: str) -> list[MissingStep]:
    """«Не состоялся» ends a meeting as well, with a word on why."""
    return [] if reason.strip() else [MissingStep(None, "no_reason")]


def raises_sequence(changed: Collection[str]) -> bool:
    """Whether calendars must take this as a new edition of the meeting."""
    return not CALENDAR_FIELDS.isdisjoint(changed)


def is_soon(now: datetime, *starts: datetime) -> bool:
    """Whether a change is told at once: a calendar may be a day late, so the next 24 hours are not left to it."""
    return any(now < start <= now + SOON for start in starts)


def is_confirmed(owner: int, attended: Collection[int]) -> bool:
    """A step agreed for somebody who was not there waits for their own tap."""
    return owner in attended


def doubts(people: int, deciders: int) -> list[str]:
    """What to ask before inviting: codes, never a refusal."""
    found = []
    if people > MANY_PEOPLE:
        found.append("many_people")
    if people and not deciders:
        found.append("no_decider")
    return found
