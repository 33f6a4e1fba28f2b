"""The locks: pinned and hashed throughout, and free of addresses, so that any registry or mirror serves them."""

import re

import pytest

from tests.places import ROOT

LOCKS = ROOT / "requirements"
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)")


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
