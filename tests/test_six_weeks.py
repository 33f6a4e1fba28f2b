"""From outside: the demo is left alone for six weeks. Two questions, then the conductor, then silence."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.test_cli import Shell, unused_port, wait_for

__all__ = ["unused_port"]

TODAY = datetime.now(UTC).replace(hour=7, minute=54, second=0, microsecond=0)
FIRST = TODAY + timedelta(days=7 - TODAY.weekday())
"""The Monday after the demo was loaded; shortly before eleven in Moscow, when each digest hour has passed."""
DAYS = 42


def test_the_demo_without_any_answer_asks_twice_tells_the_conductor_and_is_silent(
    sqlite_template, unused_port, tmp_path
):
    """On SQLite alone, as the way through the emulator; the rules are tried on both databases elsewhere."""
    shutil.copyfile(sqlite_template, tmp_path / "auftakt.db")
    shell = Shell(f"sqlite:///{tmp_path}/auftakt.db", tmp_path)
    shell.variables |= {"AUFTAKT_DEMO": "1", "AUFTAKT_PORT": str(unused_port)}
    shell.run("demo")
    command = [sys.executable, "-m", "tracker.cli", "serve", "--no-bot"]
    server = subprocess.Popen(command, env={**os.environ, **shell.variables}, stderr=subprocess.DEVNULL)
    escalated, sent, left = [], [], []
    try:
        wait_for(f"http://127.0.0.1:{unused_port}/healthz", server)
        for day in range(DAYS):
            at = (FIRST + timedelta(days=day)).isoformat()
            escalated.append(shell.json("tick", "--at", at)["escalated"])
            said = shell.json("deliver", "--at", at)
            sent.append(said["sent"])
            left.append(said["unknown"] + said["failed"])
        # Without what the demo tells of its own past.
        rows = [row for row in shell.json("outbox", "--since", FIRST.isoformat()) if row["state"] == "sent"]
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert sum(sent) == len(rows) > 15 and sum(left) == 0
    # Nobody hears from us twice a day, and at the weekend nobody does.
    days = Counter((row["person"], row["send_after"][:10]) for row in rows)
    assert max(days.values()) == 1
    assert [sent[day] for day in range(DAYS) if (FIRST + timedelta(days=day)).weekday() > 4] == [0] * (DAYS // 7 * 2)
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
    last = FIRST + timedelta(days=max(day for day in range(DAYS) if escalated[day]))
    assert max(asked_on) <= last < FIRST + timedelta(days=28)
