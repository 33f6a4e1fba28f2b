"""What runs beside the pages in one process: the clock's rounds, delivery, and the house's sign of life.

Each loop holds a lease, so that of several processes one does the work; a round that fails is logged, told in its
pulse, and followed by the next one.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker.db import Database, refresh_statistics
from tracker.domain.nudging.sending import Send
from tracker.keeping.anchors import Heads, anchor, read_anchors
from tracker.services.engine.clock import restamp_everything, restamped_at, tick
from tracker.services.engine.delivery import deliver
from tracker.services.ground.journal_keys import KEYS
from tracker.services.house.installation import clock
from tracker.services.house.leases import CLOCK, SERVER, holder_of, release, take
from tracker.services.house.self_watch import beat, forget

LOG = logging.getLogger(__name__)

CLOCK_EVERY = 20.0
DELIVERY_EVERY = 3.0
RENEW_EVERY = 10.0
ANCHOR_EVERY = timedelta(minutes=10)
DELIVERY = "delivery"
SIGN_EVERY = timedelta(minutes=1)


def holder() -> str:
    """This process, as leases name it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def now_of(database: Database) -> datetime:
    with database.reading() as session:
        return clock(session, datetime.now(UTC))


def clock_round(database: Database, channels: Mapping[str, Send]) -> None:
    """One round, if the clock is ours: everything once a day, then whatever is due."""
    wall = datetime.now(UTC)
    with database.writing() as session:
        if not take(session, CLOCK, holder(), now=wall):
            return
    with database.writing() as session:
        # Now already: the daily round over everything may last.
        beat(session, "clock", now=wall)
    now = now_of(database)
    with database.reading() as session:
        last = restamped_at(session)
    if last is None or now - last >= timedelta(days=1):
        restamp_everything(database, now, still_at_it(database))
        refresh_statistics(database)
        with database.writing() as session:
            beat(session, "restamp", now=now)
    tick(database, now, channels=tuple(channels))
    with database.writing() as session:
        beat(session, "clock", now=datetime.now(UTC))


def still_at_it(database: Database, every: timedelta = timedelta(seconds=RENEW_EVERY)) -> Callable[[], None]:
    """To be called in the midst of long work: the clock is neither told to be silent nor taken by another process."""
    last = datetime.now(UTC)

    def alive() -> None:
        nonlocal last
        wall = datetime.now(UTC)
        if wall - last < every:
            return
        with database.writing() as session:
            take(session, CLOCK, holder(), now=wall)
            beat(session, "clock", now=wall)
        last = wall

    return alive


def delivery_rounds(database: Database, channels: Mapping[str, Send]) -> Callable[[], None]:
    """A round of sending. It comes by every few seconds and leaves its sign of life once a minute."""
    beaten = datetime.min.replace(tzinfo=UTC)

    def work() -> None:
        nonlocal beaten
        if not channels:
            return
        deliver(database, now_of(database), channels, holder=holder())
        wall = datetime.now(UTC)
        if wall - beaten >= SIGN_EVERY:
            with database.writing() as session:
                beat(session, DELIVERY, now=wall)
            beaten = wall

    return work


def anchor_rounds(
    database: Database, file: Path, wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Callable[[], None]:
    """Writes the journal's heads down once in ten minutes in which any has moved, where the clock is ours."""
    known: Heads | None = None
    last = datetime.min.replace(tzinfo=UTC)

    def work() -> None:
        nonlocal known, last
        wall = wall_clock()
        if wall - last < ANCHOR_EVERY:
            return
        with database.reading() as session:
            if holder_of(session, CLOCK, now=wall) != holder():
                return
        last = wall  # a file that can't be written is told of once in ten minutes, too
        known = anchor(database, file, now=wall, but=known or _anchored(database, file))

    return work


def anchor_rest(database: Database, file: Path) -> None:
    """What the last ten minutes have brought, when a process ends."""
    anchor(database, file, now=datetime.now(UTC), but=_anchored(database, file))


def _anchored(database: Database, file: Path) -> Heads:
    return read_anchors(file, database.marks[KEYS]).last


def settle_signs(database: Database, channels: Mapping[str, Send]) -> None:
    """Where Telegram is off, what it said last is not a silence to be told of."""
    if "telegram" not in channels:
        with database.writing() as session:
            forget(session, ("bot", "telegram", DELIVERY))


def round_now(database: Database, channels: Mapping[str, Send]) -> int:
    """Clock and delivery at once: what the demo's moved clock makes due shall not wait. Returns how many were sent."""
    clock_round(database, channels)
    return deliver(database, now_of(database), channels, holder=holder()).sent


def take_the_house(database: Database) -> str:
    """Be the one server of a SQLite file; returns who is there already, or nothing.

    A server that was killed leaves its lease: one of this machine whose process is gone is not waited for.
    """
    me, now = holder(), datetime.now(UTC)
    with database.writing() as session:
        other = holder_of(session, SERVER, now=now)
        if other is not None and other != me and _is_gone(other):
            release(session, SERVER, other)
        return "" if take(session, SERVER, me, now=now) else other or "another process"


def leave_the_house(database: Database) -> None:
    with database.writing() as session:
        for name in (SERVER, CLOCK):
            release(session, name, holder())


def _is_gone(other: str) -> bool:
    host, _, process = other.rpartition(":")
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def repeat(name: str, every: float, executor: Executor, work: Callable[[], object]) -> None:
    """Do the work in a thread, again and again, whatever comes of it."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            await loop.run_in_executor(executor, work)
        except Exception:
            # Whatever it was must not end the loop: the next round may find the database again.
            LOG.exception("the %s's round failed", name)
        await asyncio.sleep(every)
