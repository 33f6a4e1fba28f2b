"""A real `auftakt serve` for a browser: its own process, port, data folder and database."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PATIENCE = 60.0
"""Seconds for a start: it takes two on a quiet machine."""


@dataclass(frozen=True)
class Site:
    """A running installation, and the same environment for its command line."""

    url: str
    environment: Mapping[str, str]

    def auftakt(self, *words: str, typed: str = "") -> str:
        return auftakt(self.environment, *words, typed=typed)


def auftakt(environment: Mapping[str, str], *words: str, typed: str = "") -> str:
    """What the command printed. Any exit status but 0 fails the test, with what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "tracker.cli", *words],
        env={**os.environ, **environment},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"auftakt {' '.join(words)}: {done.stderr or done.stdout}"
    return done.stdout


def environment_of(folder: Path, database_url: str, *, demo: bool, language: str = "ru") -> dict[str, str]:
    """Where everything of one installation stands; nothing of the machine's own settings leaks in."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    return {
        "AUFTAKT_DATA_DIR": str(folder),
        "AUFTAKT_DATABASE_URL": database_url,
        "AUFTAKT_DEMO": "1" if demo else "",
        "AUFTAKT_HOST": "127.0.0.1",
        "AUFTAKT_PORT": str(port),
        "AUFTAKT_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "AUFTAKT_LANGUAGE": language,
        "AUFTAKT_TELEGRAM_TOKEN": "",
        "AUFTAKT_TELEGRAM_API_URL": "",
        "AUFTAKT_CLOCK_OFFSET": "",
        "AUFTAKT_TELEGRAM_MODE": "",
    }


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[Site]:
    """The server, ready; ended by SIGTERM, which has to end it with status 0."""
    url, log = environment["AUFTAKT_PUBLIC_URL"], Path(environment["AUFTAKT_DATA_DIR"]) / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", "serve"], env={**os.environ, **environment}, stdout=out, stderr=out
        )
        try:
            _await_ready(process, url, log)
            yield Site(url, environment)
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(30)
    assert status == 0, log.read_text()


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(f"no answer at {url}/readyz: {log.read_text()}")
