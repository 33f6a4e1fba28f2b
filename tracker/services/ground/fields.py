"""Typed values of an input, cleaned: each wrong field is noted, and all of them are told together."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from tracker.domain.errors import FieldError, Invalid
from tracker.domain.terms import Role
from tracker.services.ground.belonging import member_problem, members

LINE = 300
TEXT = 20_000
URL = 2_000
YEARS_OFF = timedelta(days=3660)
"""From today, of any day that somebody names: a slip of the hand, and counting beyond the calendar's end fails."""


def refuse(errors: Collection[FieldError]) -> None:
    if errors:
        raise Invalid(*errors)


def one_line(errors: list[FieldError], field: str, value: str, *, required: bool = False, limit: int = LINE) -> str:
    """A line of text: control characters and double spaces go."""
    clean = " ".join(legible(value).split())
    return _sized(errors, field, clean, required, limit)


def long_text(errors: list[FieldError], field: str, value: str, *, required: bool = False, limit: int = TEXT) -> str:
    """Several lines."""
    return _sized(errors, field, legible(value), required, limit)


def legible(text: str) -> str:
    """As it was written, without outer space and the control characters that no screen shows."""
    if not text.isprintable():
        text = "".join(map(_shown, text.replace("\r\n", "\n").replace("\r", "\n")))
    return text.strip()


def _shown(sign: str) -> str:
    """The joiner stays: emoji are made with it. A no-break space, as sheets and messengers have it, is a space."""
    if sign.isprintable() or sign in "\n\t\u200d":
        return sign
    return " " if sign.isspace() else ""


def _sized(errors: list[FieldError], field: str, clean: str, required: bool, limit: int) -> str:
    if required and not clean:
        errors.append(FieldError(field, "required"))
    if len(clean) > limit:
        errors.append(FieldError(field, "too_long", {"limit": limit}))
    return clean


def one_of(errors: list[FieldError], field: str, value: str, choices: Iterable[str]) -> str:
    if value not in set(choices):
        errors.append(FieldError(field, "unknown_word"))
    return str(value)


def day_problem(field: str, value: date | None, today: date) -> FieldError | None:
    if value is not None and abs(value - today) > YEARS_OFF:
        return FieldError(field, "date_out_of_range")
    return None


def day(errors: list[FieldError], field: str, value: date | None, now: datetime) -> date | None:
    note(errors, day_problem(field, value, now.date()))
    return value


def link(errors: list[FieldError], field: str, value: str, *, required: bool = False) -> str:
    """A web address that may be shown as a link."""
    clean = one_line(errors, field, value, required=required, limit=URL)
    if clean and not is_link(clean):
        errors.append(FieldError(field, "not_a_link"))
    return clean


def is_link(text: str) -> bool:
    """http or https with a host, and no name and password before it: those would be shown to everybody.

    The address is never fetched from here.
    """
    try:
        parts = urlsplit(text)
        bare = not any(sign.isspace() for sign in text) and "@" not in parts.netloc
        return parts.scheme in ("http", "https") and bool(parts.hostname) and bare
    except ValueError:
        return False


def member(
    session: Session, errors: list[FieldError], field: str, project_id: int, person_id: int | None, *, acts: bool = True
) -> int | None:
    """A living member of the project. `acts`: somebody who may be asked for something, so no observer."""
    problem = member_problem(session, project_id, person_id, field)
    note(errors, problem)
    known = members(session, project_id).get(person_id) if acts and person_id is not None else None
    if problem is None and known is not None and known.role == Role.OBSERVER:
        errors.append(FieldError(field, "observes_only"))
    return person_id


def note(errors: list[FieldError], problem: FieldError | None) -> None:
    if problem is not None:
        errors.append(problem)


def apply(row: Any, values: Mapping[str, Any], now: datetime) -> dict[str, tuple[Any, Any]]:
    """Set what differs, raise the version if anything did; returns {field: (old, new)} for the journal."""
    changed = {name: (getattr(row, name), new) for name, new in values.items() if getattr(row, name) != new}
    for name, (_, new) in changed.items():
        setattr(row, name, new)
    if changed:
        row.version += 1
        row.updated_at = now
    return changed
