"""The self-watch by killing each: the loops' process, the line to Telegram, the token."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import run
from tests.browser.server import environment_of
from tracker.domain.self_watch import Reason, Trouble
from tracker.services.ground.opening import open_database
from tracker.services.house.installation import ensure_house
from tracker.services.house.self_watch import Sign, signs, troubles

TOKEN = "700000001:AAwrongwrongwrongwrongwrongwrongwro"


class House:
    """`auftakt bot` in a process of its own, over a database that the test reads."""

    def __init__(self, folder: Path, url: str, root: str, token: str) -> None:
        environment = environment_of(folder, url, demo=False)
        environment |= {
            "AUFTAKT_TELEGRAM_MODE": "polling",
            "AUFTAKT_TELEGRAM_TOKEN": token,
            "AUFTAKT_TELEGRAM_API_URL": root,
        }
        self.database = open_database(url)
        with self.database.writing() as session:
            ensure_house(session, now=datetime.now(UTC))
        self.log = folder / "bot.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tracker.cli", "bot"], env={**os.environ, **environment}, stdout=out, stderr=out
            )

    def signs(self, later: timedelta = timedelta(0)) -> dict[str, Sign]:
        with self.database.reading() as session:
            return {sign.name: sign for sign in signs(session, now=datetime.now(UTC) + later)}

    def troubles(self, later: timedelta = timedelta(0)) -> list[Trouble]:
        with self.database.reading() as session:
            return troubles(session, now=datetime.now(UTC) + later)

    def until(self, check, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not check() and time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        assert check(), (self.signs(), self.log.read_text())

    def end(self, how: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(30)


@pytest.fixture
def house(tmp_path, sqlite_template, root, world):
    (tmp_path / "auftakt.db").write_bytes(sqlite_template.read_bytes())
    started = []

    def start(token=None):
        url = f"sqlite:///{tmp_path}/auftakt.db"
        started.append(House(tmp_path, url, root, token or world.bot.token))
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGKILL)
        one.database.close()


def test_a_killed_process_is_missed_in_all_its_loops_within_three_minutes(house):
    one = house()
    one.until(lambda: {"clock", "delivery", "bot"} <= {name for name, sign in one.signs().items() if sign.well})
    assert one.troubles() == []
    one.end(signal.SIGKILL)
    [trouble] = one.troubles(timedelta(minutes=3))
    assert (trouble.reason, trouble.parts) == ("silent", ("clock", "delivery", "bot"))


def test_a_wrong_token_is_named_and_the_clock_goes_on(house):
    one = house(TOKEN)
    one.until(lambda: "bot" in one.signs() and one.signs()["clock"].well)
    assert [(trouble.reason, trouble.parts) for trouble in one.troubles()] == [("bad_token", ("bot",))]
    assert one.end() == 0
    assert run.LOGGED[Reason.BAD_TOKEN] in one.log.read_text()
    assert "AAwrong" not in one.log.read_text()


def test_a_cut_line_is_told_and_found_again(house, world):
    one = house()
    one.until(lambda: "bot" in one.signs() and one.signs()["bot"].well)
    world.fail("*", "server_error", times=None)
    one.until(lambda: one.signs()["bot"].reason == "no_connection")
    assert [trouble.reason for trouble in one.troubles()] == ["no_connection"]
    world.mend()
    one.until(lambda: one.signs()["bot"].well)
    assert one.troubles() == []
