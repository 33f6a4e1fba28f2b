"""A real `auftakt serve`: it answers, is alone on its SQLite file, ends when told to, comes back after a kill."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.places import ROOT

PATIENCE = 60.0
"""Seconds for a start: the machine may be busy with other tests."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Server:
    def __init__(self, folder: Path, *arguments: str, more: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AUFTAKT_")},
            "AUFTAKT_DATA_DIR": str(folder),
            "AUFTAKT_PORT": str(self.port),
            "AUFTAKT_TELEGRAM_MODE": "off",
            "AUFTAKT_LANGUAGE": "en",
            **(more or {}),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def wait_until_up(self) -> "Server":
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, self.said()
            try:
                self.get("/healthz")
                return self
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("it did not come up")

    def end(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def said(self) -> str:
        return self.process.communicate(timeout=PATIENCE)[0]


@pytest.fixture
def start(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[..., Server]]:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "auftakt.db").write_bytes(sqlite_template.read_bytes())
    started: list[Server] = []

    def begin(*arguments: str) -> Server:
        started.append(Server(folder, *(arguments or ("serve",))))
        return started[-1]

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


def test_a_server_answers_is_alone_and_ends_within_five_seconds(start):
    server = start().wait_until_up()
    ready = server.get("/readyz")
    assert (ready.status_code, ready.json()["ok"]) == (200, True)
    assert server.get("/").headers["location"] == "/sign-in"
    second = start()
    assert second.process.wait(PATIENCE) == 1
    assert "Another server" in second.said()
    before = time.monotonic()
    assert server.end() == 0
    assert time.monotonic() - before < 5


def test_where_to_go_is_the_last_word_of_a_start(start):
    server = start().wait_until_up()
    while not server.get("/readyz").json()["clock"]:
        time.sleep(0.1)
    assert server.end() == 0
    said = server.said()
    assert said.index("Uvicorn running") < said.index("Auftakt is at http://") < said.index("with the code ")
    assert "alembic" not in said


def test_a_killed_server_comes_back_at_once(start):
    start().wait_until_up().end(signal.SIGKILL)
    again = start().wait_until_up()
    assert again.get("/readyz").status_code == 200
    assert again.end() == 0


def test_an_old_schema_ends_the_start_with_its_cure(tmp_path):
    server = Server(tmp_path, "serve")
    assert server.process.wait(PATIENCE) == 1
    assert "auftakt migrate" in server.said()
