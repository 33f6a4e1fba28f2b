"""Starts what is measured: our server on a synthetic project, and the reference. Ends both by their own process ids."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
from playwright.sync_api import sync_playwright

from bench.first_load import chromium_program, first_load

AUFTAKT = Path(sys.executable).parent / "auftakt"
START_LIMIT = 30.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: list[str], url: str, environment: dict[str, str]) -> Iterator[tuple[int, float]]:
    """(process id, seconds until `url` answered). Ended by SIGTERM, and waited for."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - began < START_LIMIT:
            try:
                if httpx.get(url, timeout=1).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        else:
            sys.exit(f"bench: {command[0]} did not answer at {url}")
        yield process.pid, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@contextmanager
def reference_server() -> Iterator[str]:
    port = free_port()
    with running([sys.executable, "-m", "bench.reference", str(port)], f"http://127.0.0.1:{port}/1", {}):
        yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Site:
    """A running server with somebody signed in."""

    url: str
    key: str
    cookie: str
    pid: int
    ready_after: float
    owners: list[int]
    integrations: list[int]

    def page(self, address: str) -> tuple[bytes, str]:
        answer = httpx.get(self.url + address, headers={"Cookie": self.cookie, "Accept-Encoding": "identity"})
        answer.raise_for_status()
        return answer.content, answer.headers.get("ETag", "")

    def versions(self) -> dict[int, int]:
        """The tasks of the first page, with the versions that it shows."""
        body, _ = self.page(f"/projects/{self.key}/register")
        return {int(one): int(two) for one, two in re.findall(rb'<tr id="task-(\d+)"[^>]*?data-version="(\d+)"', body)}

    def row_length(self) -> int:
        """The length of one answered row: what a status change sends back."""
        body, _ = self.page(f"/projects/{self.key}/register")
        rows = re.findall(rb'<tr id="task-\d+".*?</tr>', body, re.DOTALL)
        return round(sum(map(len, rows)) / len(rows))

    def anonymous_memory(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"RssAnon:\s+(\d+) kB", status)
        return round(int(found.group(1)) / 1024, 1) if found else 0.0

    def first_load(self) -> str:
        """Requests and bytes on the wire of a browser's first look at the register, as Chromium counts them."""
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
            context = browser.new_context()
            cookies = [part.split("=", 1) for part in self.cookie.split("; ")]
            context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in cookies])
            seen = first_load(context, f"{self.url}/projects/{self.key}/register")
            browser.close()
        return f"{seen.requests} requests, {seen.bytes / 1000:.1f} kB on the wire"


def settle(pid: int, limit: float = 120.0) -> None:
    """Wait until the first round of the clock is through, so that it is not measured with the pages."""
    until = time.monotonic() + limit
    before = _cpu(pid)
    while time.monotonic() < until:
        time.sleep(2)
        now = _cpu(pid)
        if now - before < 0.1:
            return
        before = now


def _cpu(pid: int) -> float:
    """Seconds of processor time so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def site(tasks: int, people: int = 200) -> Iterator[Site]:
    """Our server on SQLite with a synthetic project of so many tasks, the bot and the clock running beside."""
    with tempfile.TemporaryDirectory(prefix="auftakt-bench-") as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {
            "AUFTAKT_DATA_DIR": folder, "AUFTAKT_DATABASE_URL": f"sqlite:///{folder}/bench.db", "AUFTAKT_DEMO": "1",
            "AUFTAKT_HOST": "127.0.0.1", "AUFTAKT_PORT": str(port), "AUFTAKT_PUBLIC_URL": url,
            "AUFTAKT_TELEGRAM_TOKEN": "",
        }  # fmt: skip
        _auftakt(environment, "migrate")
        made = json.loads(
            _auftakt(environment, "demo", "--tasks", str(tasks), "--people", str(people), "--seed", "1", "--json")
        )
        with running([str(AUFTAKT), "serve"], f"{url}/readyz", environment) as (pid, ready_after):
            key = made["project"]["key"] if isinstance(made["project"], dict) else made["project"]
            cookie = _sign_in(url, made["sign_in"])
            settle(pid)
            body = httpx.get(f"{url}/projects/{key}/register", headers={"Cookie": cookie}).text
            yield Site(
                url,
                key,
                cookie,
                pid,
                round(ready_after, 2),
                owners=_ids(body, "turn"),
                integrations=_ids(body, "integration"),
            )


def _auftakt(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run([str(AUFTAKT), *words], env=os.environ | environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: auftakt {words[0]}: {done.stderr or done.stdout}")
    return done.stdout


def _sign_in(url: str, who: dict[str, str]) -> str:
    answer = httpx.post(
        f"{url}/sign-in",
        content=urlencode({"email": who["email"], "password": who["password"]}),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": url},
    )
    if answer.status_code != 303:
        sys.exit(f"bench: signing in answered {answer.status_code}")
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def _ids(body: str, name: str) -> list[int]:
    """Ids offered by the filter of that name."""
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', body, re.DOTALL)
    found = [int(one) for one in re.findall(r'value="(\d+)"', select.group(0))] if select else []
    return found or [1, 2, 3]
