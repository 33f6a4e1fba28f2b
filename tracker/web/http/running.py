"""What a running web client stands on: settings, database, threads, static files."""

from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

from sqlmodel import Session

from tracker.db import Database
from tracker.formats.sheet_worker import end_reading
from tracker.settings import Settings
from tracker.web.http.bodies import Bodies
from tracker.web.http.static import StaticFiles

READS = {"sqlite": 1, "postgresql": 8}
"""Measured: on SQLite threads only fight for the interpreter (two for reads alone cost a tenth of the pages), on
PostgreSQL they wait for the socket without it."""
WRITES = {"sqlite": 1, "postgresql": 4}
"""Threads of their own: a change that waits for the database's lock holds up no page, only the change behind it."""
SLOW = 2


@dataclass(frozen=True)
class Running:
    """Threads: `reads` for pages, `writes` for changes and the API, `slow` for what lasts: hashing, import, export,
    images, backup; pages stay quick meanwhile."""

    settings: Settings
    database: Database
    reads: ThreadPoolExecutor
    writes: ThreadPoolExecutor
    slow: ThreadPoolExecutor
    static: StaticFiles
    wall: Callable[[], datetime]
    """The wall's clock: the one place where a request's `now` comes from."""
    demo: Callable[[Session], Any] | None = None
    """How to get into the demo, where this is one: known to the composition root alone."""
    published: frozenset[str] = frozenset()
    """Passwords that stand in our own pages and open nothing here: those of the demo, where this is none."""
    bodies: Bodies = field(default_factory=Bodies)
    ending: Event = field(default_factory=Event)
    """Set once the process has been told to end: what lasts leaves off, so that the rest can leave in good time."""
    frames: dict[Hashable, str] = field(default_factory=dict)
    """Frames of pages, drawn (see `web.http.frame`)."""

    @property
    def cookie(self) -> str:
        """The session cookie's name; with https the browser itself guards it against other hosts and paths."""
        return "__Host-auftakt" if self.settings.is_secure else "auftakt"

    @property
    def browser_cookie(self) -> str:
        """Of the mark by which a browser is known to somebody who has signed in there (see `access.attempts`)."""
        return f"{self.cookie}_known"

    def tell_the_end(self) -> None:
        if not self.ending.is_set():
            self.ending.set()
            end_reading()

    def stop(self) -> None:
        self.tell_the_end()
        for threads in (self.reads, self.writes, self.slow):
            threads.shutdown(wait=False, cancel_futures=True)


def utc_now() -> datetime:
    return datetime.now(UTC)


def start_running(
    settings: Settings,
    database: Database,
    wall: Callable[[], datetime] = utc_now,
    demo: Callable[[Session], Any] | None = None,
    published: frozenset[str] = frozenset(),
) -> Running:
    kind = "sqlite" if database.is_sqlite else "postgresql"
    return Running(
        settings,
        database,
        ThreadPoolExecutor(READS[kind], "page"),
        ThreadPoolExecutor(WRITES[kind], "change"),
        ThreadPoolExecutor(SLOW, "slow"),
        StaticFiles.load(),
        wall,
        demo,
        published,
    )
