"""One round of sending by command."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from tests.cli.shell import Shell
from tests.worlds.servers import wait_for
from tracker.services.ground.working_calendars import public_days


def a_working_morning() -> str:
    """The next one after today, shortly before eleven in Moscow: the demo's past is laid before the real today."""
    day = datetime.now(UTC).date() + timedelta(days=1)
    days_off = public_days("RU", day.year, day.year + 1)[0]
    while day.weekday() > 4 or day in days_off:
        day += timedelta(days=1)
    return f"{day}T07:50:00Z"


def test_messages_leave_through_the_emulator_of_the_running_demo_server(sqlite_template, unused_port, tmp_path):
    """On SQLite alone: what is tried here is the way from process to process, not the database."""
    shutil.copyfile(sqlite_template, tmp_path / "auftakt.db")
    shell = Shell(f"sqlite:///{tmp_path}/auftakt.db", tmp_path)
    shell.variables |= {"AUFTAKT_DEMO": "1", "AUFTAKT_PORT": str(unused_port)}
    environment = {**os.environ, **shell.variables}
    auftakt = [sys.executable, "-m", "tracker.cli"]
    shell.run("demo")
    at = ["--at", a_working_morning(), "--json"]
    server = subprocess.Popen([*auftakt, "serve", "--no-bot"], env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{unused_port}/healthz", server)
        assert "Another server" in shell.says("serve", status=1)
        shell.run("tick", *at)
        sent = subprocess.run([*auftakt, "deliver", *at], env=environment, capture_output=True, check=True).stdout
        assert json.loads(sent)["sent"] >= 1
        assert {"telegram": "sent"}.items() <= {row["channel"]: row["state"] for row in shell.json("outbox")}.items()
    finally:
        server.terminate()
    begun = time.monotonic()
    assert server.wait(timeout=30) == 0
    assert time.monotonic() - begun < 5
