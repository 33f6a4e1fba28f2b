"""The engine's round over a large house: nothing due, and 2,000 tasks due at once; how long the write lock is held.

Beside each figure stands what the bare database takes for the least that such a round could be: one look at the index
of what is due, and 2,000 rows inserted in one transaction.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import SQLModel

from tracker.db import Database, refresh_statistics
from tracker.domain.terms import Way
from tracker.migrations import upgrade
from tracker.services.engine.clock import tick
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.projects import ProjectInput, create_project
from tracker.tables import Membership, Message, MessageTask, Person, Task

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
"""A working Tuesday, ten in the morning in Moscow."""
BEGUN = NOW - timedelta(days=7)
HOUSE = Actor(None, Way.CLI)
ZONES = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka", "Europe/Berlin")
DUE = 2000
WANTED = {"nothing due, ms": 20.0, f"{DUE:,} due, s": 5.0, "longest hold of the write lock, ms": 50.0}


class Timed:
    """A lock that remembers how long it was held."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.since = self.longest = 0.0

    def __enter__(self) -> None:
        self.lock.__enter__()
        self.since = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self.longest = max(self.longest, time.perf_counter() - self.since)
        self.lock.__exit__(*error)


class Figures(NamedTuple):
    quiet: float
    """Seconds of a round with nothing due; median."""
    look: float
    """Seconds of the bare look at the index; median."""
    busy: float
    insert: float
    held: float
    queued: int


def measure(tasks: int = 100_000, people: int = 10_000, rounds: int = 3) -> Figures:
    """A house on SQLite in a folder of its own. Raises RuntimeError when a round did not do what it is timed for."""
    with tempfile.TemporaryDirectory(prefix="auftakt-engine-") as folder:
        url = f"sqlite:///{Path(folder) / 'engine.db'}"
        upgrade(url)
        opened = open_database(url)
        lock = Timed(opened.write_lock)
        database = replace(opened, write_lock=lock)
        _fill(database, tasks, people)
        refresh_statistics(database)
        tick(database, NOW)  # the first look around fills what is kept
        quiet = [_seconds(lambda: tick(database, NOW)) for _ in range(21)]
        look = [_seconds(lambda: _look(database)) for _ in range(21)]
        busy, insert, queued = [], [], 0
        lock.longest = 0.0
        for number in range(rounds):
            _make_due(database, number * DUE)
            lock.longest, before = 0.0, lock.longest
            began = time.perf_counter()
            queued = len(tick(database, NOW).queued)
            busy.append(time.perf_counter() - began)
            if queued != DUE:
                raise RuntimeError(f"{queued} messages were queued for {DUE} tasks")
            lock.longest = max(before, lock.longest)
            held = lock.longest
            insert.append(_seconds(lambda: _insert(database)))
            lock.longest = held
        database.close()
        return Figures(
            statistics.median(quiet),
            statistics.median(look),
            statistics.median(busy),
            statistics.median(insert),
            lock.longest,
            queued,
        )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _look(database: Database) -> None:
    with database.reading() as session:
        session.connection().execute(sa.text("SELECT id FROM task WHERE next_at <= :now LIMIT 1"), {"now": str(NOW)})


def _insert(database: Database) -> None:
    """As many rows as a busy round writes, in one transaction, and away again."""
    table: sa.Table = Message.__table__  # type: ignore[attr-defined]
    with database.engine.connect() as connection:
        like = connection.execute(sa.select(table).limit(DUE)).mappings().all()
        another_day = NOW.date() + timedelta(days=90)
        rows = [{name: value for name, value in row.items() if name != "id"} for row in like]
        connection.exec_driver_sql("BEGIN")
        connection.execute(sa.insert(table), [{**row, "local_day": another_day} for row in rows])
        connection.rollback()


def _fill(database: Database, tasks: int, people: int) -> None:
    """In bulk, past the verbs, which would take an hour. Nothing is due: everybody has promised something for later."""
    later = NOW + timedelta(days=30)
    with database.writing() as session:
        project = create_project(session, HOUSE, ProjectInput("Large", "BIG"), now=BEGUN, messages="on").id
        party = create_party(session, HOUSE, project, PartyInput("One side"), now=BEGUN).id
        connection = session.connection()
        connection.execute(
            sa.insert(Person),
            [
                _row(
                    Person,
                    name=f"Person {one}",
                    search=f"person {one}",
                    timezone=ZONES[one % len(ZONES)],
                    knows_bot=True,
                    telegram_chat_id=10**6 + one,
                    created_at=BEGUN,
                    updated_at=BEGUN,
                )
                for one in range(people)
            ],
        )
        ids = list(connection.execute(sa.select(Person.id).order_by(Person.id)).scalars())
        connection.execute(
            sa.insert(Membership),
            [
                _row(
                    Membership, project_id=project, person_id=one, party_id=party, role="contributor", created_at=BEGUN
                )
                for one in ids
            ],
        )
    for first in range(0, tasks, 5000):
        with database.writing() as session:
            session.connection().execute(
                sa.insert(Task),
                [
                    _row(
                        Task,
                        project_id=project,
                        number=one + 1,
                        title=f"Task {one}",
                        status="open",
                        party_id=party,
                        owner_id=ids[one % people],
                        turn_id=ids[one % people],
                        turn_party_id=party,
                        turn_via="owner",
                        turn_since=BEGUN,
                        told_turn_at=BEGUN,
                        stalls_at=later,
                        next_at=later,
                        created_at=BEGUN,
                        updated_at=BEGUN,
                        episode=1,
                        confirmed=True,
                    )
                    for one in range(first, min(first + 5000, tasks))
                ],
            )


def _row(table: type[SQLModel], **facts: Any) -> dict[str, Any]:
    """A row with the model's own defaults, as `session.add` would write it."""
    return {name: value for name, value in table(**facts).model_dump().items() if name != "id"}


def _make_due(database: Database, after: int) -> None:
    """The next DUE tasks stall, one of each person's; what was queued before is gone."""
    with database.writing() as session:
        connection = session.connection()
        connection.execute(sa.delete(MessageTask))
        connection.execute(sa.delete(Message))
        connection.execute(
            sa.update(Task)
            .where(sa.column("number").between(after + 1, after + DUE))
            .values(stalls_at=NOW - timedelta(hours=1), next_at=NOW)
        )
