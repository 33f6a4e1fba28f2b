"""What bodies are made of: typed strictly (a "5" is no number), unknown fields refused, references by id."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, LiteralString

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tracker.api.http.caller import Caller
from tracker.api.http.errors import VersionNeeded

BIGGEST = 2**31 - 1
"""Of an id: what a PostgreSQL integer holds."""


def _number(value: Any) -> Any:
    """A whole number. Not left to pydantic's strictness, which whoever validates can switch off, and Litestar does."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong("wrong_type")
    return value


def _id_of(value: Any) -> Any:
    """A reference comes as its id, or as it was given out: {id, name}."""
    return _number(value.get("id") if isinstance(value, dict) else value)


def _yes(value: Any) -> Any:
    if not isinstance(value, bool):
        raise _wrong("wrong_type")
    return value


def _day_of(value: Any) -> Any:
    """Only 2026-11-27: a number is no day, and a moment is none either."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong("not_a_date") from None


def _moment_of(value: Any) -> Any:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong("not_a_moment") from None
    if moment.tzinfo is None:
        raise _wrong("not_a_moment")
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # in the first or the last hours that a calendar counts
        raise _wrong("not_a_moment") from None


def _clock_of(value: Any) -> Any:
    """09:30, as a wall clock shows it."""
    try:
        moment = time.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong("wrong_type") from None
    if moment.tzinfo is not None:
        raise _wrong("wrong_type")
    return moment


def _project_of(value: Any) -> Any:
    if isinstance(value, dict):
        value = value.get("key") or value.get("id")
    return value if isinstance(value, str) else _number(value)


def _wrong(code: LiteralString) -> PydanticCustomError:
    """Worded at the edge, by its code."""
    return PydanticCustomError(code, code)


Clock = Annotated[time, BeforeValidator(_clock_of)]
Number = Annotated[int, Field(ge=0, le=100_000), BeforeValidator(_number)]
Id = Annotated[int, Field(ge=1, le=BIGGEST), BeforeValidator(_id_of)]
Yes = Annotated[bool, BeforeValidator(_yes)]
Day = Annotated[date, BeforeValidator(_day_of)]
Moment = Annotated[datetime, BeforeValidator(_moment_of)]
ProjectName = Annotated[int | str, BeforeValidator(_project_of)]
"""A project's key, or its id."""


class Body(BaseModel):
    """A body. Texts are limited by the verbs, a body by its size."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def without_nul(cls, sent: Any) -> Any:
        """The one sign that PostgreSQL does not keep, and cannot be asked for either."""
        if not isinstance(sent, dict):
            return sent
        return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in sent.items()}

    def sent(self, *without: str) -> dict[str, Any]:
        """The fields that were sent, with their values; `null` is a value."""
        return {name: getattr(self, name) for name in self.model_fields_set if name not in without}


class Changes(Body):
    """The body of a PATCH: the version that it was made on, and the fields to change."""

    version: Id | None = None

    def seen(self, caller: Caller) -> int:
        """The version, from the body or from If-Match; raises VersionNeeded without one."""
        version = self.version if self.version is not None else caller.seen
        if version is None:
            raise VersionNeeded
        return version

    def changes(self, *without: str) -> dict[str, Any]:
        return self.sent("version", *without)


class Said(Body):
    """A body that may name on whose behalf («со слов»)."""

    behalf: Id | None = None


class Worded(Said):
    """A body with a reason."""

    reason: str = ""
