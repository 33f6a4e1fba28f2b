"""`auftakt serve --workers 2` on PostgreSQL: two processes serve one house, one of them keeps its clock."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from tests.server.test_app import PATIENCE, Server
from tests.worlds.shop import PASSWORD, World, lay
from tracker.db import Database
from tracker.services.ground.opening import open_database
from tracker.tables import Lease, Pulse, Task

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def house(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close()


@pytest.fixture
def world(house: Database) -> World:
    return lay(house, datetime.now(UTC))


@pytest.fixture
def server(house: Database, world: World, database_url: str, tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path, "serve", "--workers", "2", more={"AUFTAKT_DATABASE_URL": database_url})
    try:
        yield started.wait_until_up()
    finally:
        if started.process.poll() is None:
            started.end()
        started.process.communicate()


def servers_under(pid: int) -> set[int]:
    """The worker processes; multiprocessing's own tracker is none."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()}


def until(check, seconds: float = PATIENCE):
    end = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < end:
        time.sleep(0.1)
    assert found
    return found


def lease(house: Database, name: str) -> Lease | None:
    with house.reading() as session:
        return session.exec(select(Lease).where(Lease.name == name)).first()


class Person:
    """A browser that opens a new connection for each request, so that either process may get it."""

    def __init__(self, server: Server, email: str) -> None:
        self.root = f"http://127.0.0.1:{server.port}"
        self.cookies = dict(self.post("/sign-in", {"email": email, "password": PASSWORD}, {}).cookies)
        assert self.cookies, "signed in"

    def post(self, path: str, data: dict[str, str], cookies: dict[str, str] | None = None) -> httpx.Response:
        cookies = self.cookies if cookies is None else cookies
        with httpx.Client(base_url=self.root, cookies=cookies, timeout=20, trust_env=False) as client:
            return client.post(path, data=data)

    def get(self, path: str) -> httpx.Response:
        with httpx.Client(base_url=self.root, cookies=self.cookies, timeout=20, trust_env=False) as client:
            return client.get(path)


def test_two_processes_serve_one_house_and_end_cleanly(server: Server, house: Database, world: World) -> None:
    workers = until(lambda: len(found := servers_under(server.process.pid)) == 2 and found)
    vera, mary = Person(server, "vera@conductor.example"), Person(server, "marina@studio.example")

    # Two people change two fields of the same task at the same time, again and again.
    task = world.tasks[3]
    with house.reading() as session:
        before = session.get_one(Task, task).version

    def change(turn: int) -> list[int]:
        status = ("open", "review")[turn // 2 % 2]
        who, sent = (vera, {"title": f"Макет {turn}"}) if turn % 2 else (mary, {"status": status})
        return [who.post(f"/tasks/{task}/edit", sent).status_code, who.get("/projects/LEN/register").status_code]

    with ThreadPoolExecutor(4) as many:
        assert {code for codes in many.map(change, range(12)) for code in codes} == {303, 200}
        # The same form, from one browser, in any of the processes: one task.
        twice = list(many.map(lambda _: vera.post("/projects/LEN/tasks", {"title": "Один раз"}), range(8)))
    assert {answer.status_code for answer in twice} == {303}
    assert len({answer.headers["location"] for answer in twice}) == 1
    with house.reading() as session:
        assert session.get_one(Task, task).version > before
        assert len(session.exec(select(Task).where(Task.title == "Один раз")).all()) == 1

    # One clock: its lease is one worker's, and stays it.
    holders = set()
    until(lambda: lease(house, "clock"))
    for _ in range(3):
        held = lease(house, "clock")
        assert held is not None
        holders.add(held.holder)
        time.sleep(0.2)
    assert len(holders) == 1
    keeper = int(holders.pop().rpartition(":")[2])
    assert keeper in workers
    with house.reading() as session:
        until(lambda: session.get(Pulse, "clock"))

    started = time.monotonic()
    assert server.end(signal.SIGTERM) == 0
    assert time.monotonic() - started < 5
    assert not any(Path(f"/proc/{one}").exists() for one in workers)
    assert lease(house, "clock") is None, "the next start need not wait for it"
    assert "Traceback" not in server.said()


def test_a_worker_that_dies_is_replaced(server: Server) -> None:
    workers = until(lambda: len(found := servers_under(server.process.pid)) == 2 and found)
    os.kill(min(workers), signal.SIGKILL)
    until(lambda: len(now := servers_under(server.process.pid)) == 2 and now != workers)
    until(lambda: server.get("/readyz").status_code == 200)
    assert server.end() == 0
