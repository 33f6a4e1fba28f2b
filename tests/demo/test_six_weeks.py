"""From outside: the demo is left alone for six weeks. Two questions, then the conductor, then silence."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.worlds.servers import wait_for
from tracker.services.ground.working_calendars import public_days

DAYS = 42
MOMENTS = [
    "2026-11-24T06:30Z", "2026-11-25T21:30Z", "2026-11-27T15:10Z", "2026-11-28T03:00Z", "2026-11-29T22:59Z",
    "2026-12-31T23:58Z", "2027-01-03T10:00Z", "2027-02-28T21:05Z", "2027-03-28T00:30Z", "2027-05-08T14:00Z",
    "2028-02-29T01:00Z",
]  # fmt: skip


def test_the_demo_without_any_answer_asks_twice_tells_the_conductor_and_is_silent(
    sqlite_template, unused_port, tmp_path
):
    six_weeks_pass(sqlite_template, unused_port, tmp_path, datetime.now(UTC))


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
def test_so_it_does_whenever_it_was_loaded(sqlite_template, unused_port, tmp_path, moment):
    six_weeks_pass(sqlite_template, unused_port, tmp_path, datetime.fromisoformat(moment))


def six_weeks_pass(template: Path, port: int, tmp_path: Path, loaded: datetime) -> None:
    """On SQLite alone, as the way through the emulator; the rules are tried on both databases elsewhere."""
    shutil.copyfile(template, tmp_path / "auftakt.db")
    shell = Shell(f"sqlite:///{tmp_path}/auftakt.db", tmp_path)
    offset = int((loaded - datetime.now(UTC)).total_seconds())
    shell.variables |= {"AUFTAKT_DEMO": "1", "AUFTAKT_PORT": str(port), "AUFTAKT_CLOCK_OFFSET": f"PT{offset}S"}
    shell.run("demo")
    # From the Monday after it, shortly before eleven in Moscow: each digest hour has passed by then.
    first = loaded.replace(hour=7, minute=54, second=0, microsecond=0) + timedelta(days=7 - loaded.weekday())
    command = [sys.executable, "-m", "tracker.cli", "serve", "--no-bot"]
    server = subprocess.Popen(command, env={**os.environ, **shell.variables}, stderr=subprocess.DEVNULL)
    escalated, sent, left = [], [], []
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server)
        for day in range(DAYS):
            at = (first + timedelta(days=day)).isoformat()
            escalated.append(shell.json("tick", "--at", at)["escalated"])
            said = shell.json("deliver", "--at", at)
            sent.append(said["sent"])
            left.append(said["unknown"] + said["failed"])
        # Without what the demo tells of its own past.
        rows = [row for row in shell.json("outbox", "--since", first.isoformat()) if row["state"] == "sent"]
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert sum(sent) == len(rows) > 15 and sum(left) == 0
    # Nobody hears from us twice a day, and at the weekend nobody does, but on a Saturday that the country works.
    days = Counter((row["person"], row["send_after"][:10]) for row in rows)
    assert max(days.values()) == 1
    moved = public_days("RU", first.year, first.year + 1)[1]
    dates = [(first + timedelta(days=day)).date() for day in range(DAYS)]
    weekend = [sent[day] for day in range(DAYS) if dates[day].weekday() > 4 and dates[day] not in moved]
    assert len(weekend) >= DAYS // 7 and not any(weekend)
    # A notice or a word on the eve, two questions: more is said of no task.
    named = Counter(task for row in rows for task in row["tasks"])
    assert max(named.values()) <= 3
    shared = {task for row in rows if len(row["tasks"]) > 1 for task in row["tasks"]}
    stories = {task: [row["rule"] for row in rows if row["tasks"] == [task]] for task in set(named) - shared}
    asked = [story for story in stories.values() if "second" in story]
    # Which tasks share a message depends on the weekday on which the demo was made: there may be none alone.
    assert any(row["rule"] == "second" for row in rows)
    assert all(story[-1] == "second" and story.count("second") == 1 for story in asked)
    second = next(row for row in rows if row["rule"] == "second" and len(row["tasks"]) == 1)
    assert "подключится" in second["text"]
    # The conductor takes over after the last question about a task, or with it where several had no answer. Then there
    # is silence for weeks: what the conductor themself gets of a morning names no tasks.
    assert sum(escalated) > 10
    asked_on = [datetime.fromisoformat(row["send_after"]) for row in rows if row["tasks"]]
    last = first + timedelta(days=max(day for day in range(DAYS) if escalated[day]))
    assert max(asked_on) <= last < first + timedelta(days=28)
