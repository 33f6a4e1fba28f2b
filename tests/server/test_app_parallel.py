"""Sixteen people write at once to a real `auftakt serve` on SQLite: nobody ever reads that the database is locked."""

import shutil
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlmodel import select

from tests.browser.server import Site, environment_of, serving
from tests.worlds.shop import World, lay
from tracker.db import Database
from tracker.domain.terms import Way
from tracker.services.access.sessions import open_session
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.services.house.journal_check import verify_journal
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput
from tracker.tables import Task

WRITERS, ROUNDS = 16, 4


def write(site: Site, world: World, cookie: str, name: str, told: list[tuple[int, str]]) -> None:
    """One browser: a new task, a cell that everybody edits at a stale version, a remark, an answer."""
    one = world.tasks[1]
    headers = {"cookie": f"auftakt={cookie}", "accept": "text/html"}
    with httpx.Client(base_url=site.url, headers=headers, timeout=60, trust_env=False) as client:
        for number in range(ROUNDS):
            for path, sent in (
                ("/projects/LEN/tasks", {"title": f"{name}, {number}"}),
                (f"/tasks/{one}/edit", {"version": "1", "title": f"{name}, раз {number}"}),
                (f"/tasks/{one}/comment", {"text": f"{name}, замечание {number}"}),
                (f"/tasks/{world.tasks[3]}/answer", {"answer": "in_progress", "behalf": str(world.mary)}),
            ):
                answer = client.post(path, data=sent)
                told.append((answer.status_code, answer.text))


def beside(database: Database, world: World) -> None:
    """Another process of the same installation: the command line, or a bot of its own."""
    for number in range(WRITERS * ROUNDS // 4):
        with database.writing() as session:
            given = TaskInput(title=f"Рядом {number}")
            create_task(session, Actor(world.conductor, Way.API), world.project, given, now=datetime.now(UTC))


def test_sixteen_writers_at_once_are_all_answered(tmp_path: Path, sqlite_template: Path) -> None:
    file = tmp_path / "auftakt.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    now = datetime.now(UTC)
    world = lay(database, now)
    with database.writing() as session:
        me = Actor(world.conductor, Way.WEB)
        cookies = [
            open_session(session, me, world.conductor, agent=f"writer {n}", now=now).token for n in range(WRITERS)
        ]
    told: list[tuple[int, str]] = []
    environment = environment_of(tmp_path, f"sqlite:///{file}", demo=False)
    with serving({**environment, "AUFTAKT_TELEGRAM_MODE": "off"}) as site:
        threads = [
            threading.Thread(target=write, args=(site, world, cookie, f"Пишущий {n}", told))
            for n, cookie in enumerate(cookies)
        ]
        threads.append(threading.Thread(target=beside, args=(database, world)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    statuses = Counter(status for status, _ in told)
    assert set(statuses) == {303, 409}
    assert sum(statuses.values()) == WRITERS * ROUNDS * 4
    assert "locked" not in "".join(text for _, text in told) + (tmp_path / "serve.log").read_text()
    with database.reading() as session:
        made = len(session.exec(select(Task.id)).all())
        assert made == len(world.tasks) + WRITERS * ROUNDS + WRITERS * ROUNDS // 4
        assert verify_journal(session).problems == []
    database.close()
