"""What a running web client stands on: settings, database, threads, static files."""

from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tracker.db import Database
from tracker.settings import Settings
from tracker.web.static import StaticFiles

FAST = {"sqlite": 2, "postgresql": 8}
"""Measured: on SQLite threads only fight for the interpreter, on PostgreSQL they wait for the socket without it."""
SLOW = 2


@dataclass(frozen=True)
class Running:
    """`slow` takes what lasts: hashing, import, export, images, backup; pages stay quick meanwhile."""

    settings: Settings
    database: Database
    fast: ThreadPoolExecutor
    slow: ThreadPoolExecutor
    static: StaticFiles
    wall: Callable[[], datetime]
    """The wall's clock: the one place where a request's `now` comes from."""
    frames: dict[Hashable, str] = field(default_factory=dict)
    """Frames of pages, drawn (see `web.navigation`)."""

    @property
    def cookie(self) -> str:
        """The session cookie's name; with https the browser itself guards it against other hosts and paths."""
        return "__Host-auftakt" if self.settings.is_secure else "auftakt"

    def stop(self) -> None:
        self.fast.shutdown(wait=False, cancel_futures=True)
        self.slow.shutdown(wait=False, cancel_futures=True)


def utc_now() -> datetime:
    return datetime.now(UTC)


def start_running(settings: Settings, database: Database, wall: Callable[[], datetime] = utc_now) -> Running:
    return Running(
        settings,
        database,
        ThreadPoolExecutor(FAST["sqlite" if database.is_sqlite else "postgresql"], "page"),
        ThreadPoolExecutor(SLOW, "slow"),
        StaticFiles.load(),
        wall,
    )
