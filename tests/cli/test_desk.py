"""What every command reads alike."""

import pytest

from tracker.cli.desk import instant


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", ""])
def test_an_instant_is_iso_8601(shell, text):
    shell.run("tick", "--at", text, status=2)


def test_instants_without_an_offset_are_utc():
    assert instant("2026-11-23T08:00:00") == instant("2026-11-23T11:00:00+03:00") == instant("2026-11-23T08:00:00Z")
