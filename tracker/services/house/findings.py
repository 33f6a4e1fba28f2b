"""What `verify` finds, and runs of the same finding told as one."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Problem(NamedTuple):
    """Something `verify` found. `object`: a row (`task:17`), an event (`event:7/12`), a range (`task:17-40`)."""

    rule: str
    object: str
    detail: str


def in_ranges(found: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(name ending with a number, detail) -> the same, neighbours with one detail as a range."""
    first = last = 0
    stem = detail = ""
    for name, what in sorted(found, key=lambda one: (_parts(one[0]), one[1])):
        head, number = _parts(name)
        if (head, what) == (stem, detail) and number == last + 1:
            last = number
            continue
        if stem:
            yield _named(stem, first, last), detail
        stem, detail, first, last = head, what, number, number
    if stem:
        yield _named(stem, first, last), detail


def _parts(name: str) -> tuple[str, int]:
    cut = max(name.rfind(":"), name.rfind("/")) + 1
    return name[:cut], int(name[cut:])


def _named(stem: str, first: int, last: int) -> str:
    return f"{stem}{first}" if first == last else f"{stem}{first}-{last}"
