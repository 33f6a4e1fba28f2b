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
            "AUFTAKT_DATA_DIR": str(folder), "AUFTAKT_PORT": str(self.port), "AUFTAKT_TELEGRAM_MODE": "off",
            "AUFTAKT_LANGUAGE": "en", **(more or {}),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10, headers=told)

    def told(self, said: bytes) -> bytes:
        """What comes back for bytes as they are, until the server has no more to say."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall(said)
            parts = []
            while part := line.recv(65536):
                parts.append(part)
        return b"".join(parts)

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


def test_a_server_answers_is_alone_and_ends_within_five_seconds(start, tmp_path):
    server = start().wait_until_up()
    ready = server.get("/readyz")
    assert (ready.status_code, ready.json()["ok"]) == (200, True)
    assert server.get("/").headers["location"] == "/sign-in"
    assert (tmp_path / "data" / "tmp").is_dir(), "temporary files need no other place than the data folder"
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


BETWEEN = {
    "x_real_ip": "203.0.113.9", "via": "1.1 proxy", "cf_connecting_ip": "203.0.113.9", "x_forwarded_for": "127.0.0.1",
    "x_forwarded_proto": "https", "x_forwarded_host": "auftakt.example", "forwarded": "for=127.0.0.1",
    "true_client_ip": "203.0.113.9", "x_client_ip": "203.0.113.9", "x_original_host": "auftakt.example",
    "cdn_loop": "cloudflare", "x_amzn_trace_id": "Root=1", "x_request_id": "1", "x_envoy_external_address": "1.2.3.4",
    "x_scheme": "https", "fly_client_ip": "203.0.113.9", "x_somebody_new": "1",
    "origin": "http://auftakt.example", "referer": "http://auftakt.example/",
}  # fmt: skip


def test_the_first_visit_needs_the_code_wherever_somebody_may_stand_between(start):
    server = start().wait_until_up()
    asks = b'name="code"'
    browser = {"user_agent": "Mozilla/5.0", "sec_fetch_site": "none", "accept_language": "ru", "dnt": "1"}
    assert asks not in server.get("/set-up", **browser).content, "a browser at this very machine"
    assert asks not in server.get("/set-up", host=f"localhost:{server.port}").content
    for name, value in BETWEEN.items():
        assert asks in server.get("/set-up", **{name: value}).content, name
    plain = server.told(b"GET /set-up HTTP/1.0\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n")
    assert asks in plain, "nginx's bare proxy_pass"
    form = {"name": "X", "email": "x@x.example", "password": "a quiet morning song"}
    root = f"http://127.0.0.1:{server.port}"
    assert httpx.post(f"{root}/set-up", data=form, headers={"via": "1.1 proxy"}).status_code == 422
    assert httpx.post(f"{root}/set-up", data=form, headers={"host": "evil.example"}).status_code == 421
    assert httpx.post(f"{root}/set-up", data=form).status_code == 303
    assert server.end() == 0


def test_behind_a_public_address_the_first_visit_always_needs_the_code(tmp_path, sqlite_template):
    (tmp_path / "auftakt.db").write_bytes(sqlite_template.read_bytes())
    server = Server(tmp_path, "serve", more={"AUFTAKT_PUBLIC_URL": "https://auftakt.example"})
    try:
        server.wait_until_up()
        assert 'name="code"' in server.get("/set-up").text
        assert 'name="code"' in server.get("/set-up", host="auftakt.example").text
    finally:
        assert server.end() == 0
        server.said()


def test_a_killed_server_comes_back_at_once(start):
    start().wait_until_up().end(signal.SIGKILL)
    again = start().wait_until_up()
    assert again.get("/readyz").status_code == 200
    assert again.end() == 0


def test_an_old_schema_ends_the_start_with_its_cure(tmp_path):
    server = Server(tmp_path, "serve")
    assert server.process.wait(PATIENCE) == 1
    assert "auftakt migrate" in server.said()
