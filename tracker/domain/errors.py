"""What can go wrong, as codes with facts; the wording happens at the edge, in the person's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as of
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its form name, a code known to `tracker.wording.refusals`, and the facts of the sentence."""

    field: str
    code: str
    facts: Mapping[str, Any] = of(default_factory=dict)


class DomainError(Exception):
    """A refusal by the domain. `code` is stable (the API shows it), `facts` fill the sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class NotFound(DomainError):
    """Absent, or not visible to this person: the two are never told apart (404)."""

    def __init__(self, thing: str = "page") -> None:
        super().__init__("not_found", thing=thing)


class Forbidden(DomainError):
    """Visible, but not allowed (403)."""


class Invalid(DomainError):
    """Input that can't be taken (422): one error a field."""

    def __init__(self, *errors: FieldError, code: str = "invalid", **facts: Any) -> None:
        super().__init__(code, **facts)
        self.errors: Sequence[FieldError] = errors


class Conflict(DomainError):
    """A stale version met a newer value (409): field -> (theirs, yours), as the API shows them."""

    def __init__(self, version: int, both: Mapping[str, tuple[Any, Any]]) -> None:
        super().__init__("conflict", version=version)
        self.version = version
        self.both = both


class Refused(DomainError):
    """A rule says no (409), with what is missing: rows of plain facts, each with a `code`."""

    def __init__(self, code: str, missing: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(code)
        self.missing = missing


class Gone(DomainError):
    """Was here and was taken away for good (410): a revoked calendar, so that programs stop asking."""

    def __init__(self, thing: str) -> None:
        super().__init__("gone", thing=thing)


class Slower(DomainError):
    """Too many attempts: come back after `wait` seconds (429)."""

    def __init__(self, wait: int) -> None:
        super().__init__("too_many_attempts", wait=wait)
        self.wait = wait
