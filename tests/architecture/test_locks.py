"""The locks: pinned and hashed throughout, and free of addresses, so that any registry or mirror serves them."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import ROOT

LOCKS = ROOT / "requirements"
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)")
LEFT_OUT = "polyfactory"
"""By scripts/lock.sh, which says why; with it goes faker, for which nothing else asks."""


def pins(lock: str) -> dict[str, str]:
    found = (PIN.match(line) for line in (LOCKS / lock).read_text().splitlines())
    return {pin[1]: pin[2] for pin in found if pin}


@pytest.mark.parametrize("lock", ["run.txt", "test.txt", "uv.txt"])
def test_a_lock_names_no_address(lock: str) -> None:
    text = (LOCKS / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|-f|--find-links)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", ["run.txt", "test.txt", "uv.txt"])
def test_every_line_of_a_lock_is_a_pin_or_a_hash(lock: str) -> None:
    lines = [line for line in (LOCKS / lock).read_text().splitlines() if line.strip()]
    strange = [line for line in lines if not PIN.match(line) and not re.match(r"^    --hash=sha256:[0-9a-f]{64}", line)]
    assert strange == []
    entries = (LOCKS / lock).read_text().split("\n    --hash=")
    assert len(entries) > len(pins(lock)) > 0


def test_what_is_tested_is_what_runs() -> None:
    assert pins("run.txt").items() <= pins("test.txt").items()


def fitting(lines: list[str], extra: str = "") -> list[Requirement]:
    """Those for this system and Python, and for that extra of theirs."""
    asked = [Requirement(line) for line in lines]
    return [one for one in asked if one.marker is None or one.marker.evaluate({"extra": extra})]


def asked_for(lock: str) -> Iterator[Requirement]:
    """What the project and each locked package ask for on this machine: a lock is installed without looking at it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = {"run.txt": "build", "test.txt": "test"}[lock]
    waiting = fitting(project["dependencies"] + project["optional-dependencies"][extra])
    looked_at: set[tuple[str, str]] = set()
    while waiting:
        asked = waiting.pop()
        yield asked
        if asked.name == LEFT_OUT:
            continue
        for part in {"", *asked.extras} - {part for name, part in looked_at if name == asked.name}:
            looked_at.add((asked.name, part))
            waiting += fitting(requires(asked.name) or [], part)


@pytest.mark.parametrize("lock", ["run.txt", "test.txt"])
def test_a_lock_has_all_that_is_asked_for_but_what_it_leaves_out(lock: str) -> None:
    locked, asked = pins(lock), list(asked_for(lock))
    assert len({one.name for one in asked}) > 40
    assert {one.name for one in asked if canonicalize_name(one.name) not in locked} == {LEFT_OUT}
    unfit = [one for one in asked if not one.specifier.contains(locked.get(canonicalize_name(one.name), "0"))]
    assert {one.name for one in unfit} == {LEFT_OUT}
    assert "faker" not in locked
