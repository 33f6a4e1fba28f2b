"""What runs beside the pages: long work that is no silence."""

import asyncio
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
import sqlalchemy as sa

from tests.worlds.integrations import NOW
from tests.worlds.outbox import ask, settle_in
from tracker.server import loops as beside
from tracker.services.engine.clock import RESTAMP_CHUNK
from tracker.services.house.leases import CLOCK, SERVER, TERM, holder_of, take
from tracker.services.house.self_watch import QUIET, beat, troubles

HOURS_AGO = timedelta(hours=2)


@pytest.fixture
def silent(db):
    """The clock's last sign and its lease are old, as in the midst of a round that lasts."""
    wall = datetime.now(UTC)
    with db.writing() as session:
        beat(session, "clock", now=wall - HOURS_AGO)
        take(session, CLOCK, beside.holder(), now=wall - HOURS_AGO)
    return wall


def test_long_work_says_that_it_goes_on_and_keeps_the_clock(db, silent):
    beside.still_at_it(db, every=timedelta())()
    with db.reading() as session:
        wall = datetime.now(UTC)
        assert not [one for one in troubles(session, now=wall) if "clock" in one.parts]
        assert holder_of(session, CLOCK, now=wall) == beside.holder()


def test_it_says_so_seldom(db, silent):
    beside.still_at_it(db)()
    with db.reading() as session:
        assert [one.reason for one in troubles(session, now=datetime.now(UTC)) if "clock" in one.parts] == ["silent"]
    assert timedelta(seconds=beside.RENEW_EVERY) < TERM < QUIET, "often enough for the lease and for the watch"


def test_the_daily_round_over_everything_gives_a_sign_after_each_part(db, monkeypatch):
    world = settle_in(db)
    for number in range(RESTAMP_CHUNK + 1):
        ask(db, world, f"Дело {number}", world.ira, now=NOW)
    patient = beside.still_at_it
    monkeypatch.setattr(beside, "still_at_it", lambda database, **more: patient(database, every=timedelta(), **more))
    signs: list[str] = []

    def heard(_connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("INSERT INTO pulse") and "clock" in str(parameters):
            signs.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", heard)
    try:
        beside.clock_round(db, {})
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", heard)
    assert len(signs) == 4, "as it begins, after each of two parts, as it ends"


@pytest.fixture
def elsewhere(db):
    """A server in another container, as it was when that was killed: two seconds of its lease are left."""
    with db.writing() as session:
        take(session, SERVER, "another-container:1", now=datetime.now(UTC), term=timedelta(seconds=2))


def test_a_new_container_waits_for_the_lease_of_the_one_before_it(db, elsewhere):
    told: list[str] = []
    assert beside.take_the_house(db) == "another-container:1"
    assert beside.wait_for_the_house(db, Event(), told.append, timedelta(seconds=30)) == ""
    assert told == ["another-container:1"]
    with db.reading() as session:
        assert holder_of(session, SERVER, now=datetime.now(UTC)) == beside.holder()


def test_a_server_that_lives_elsewhere_is_not_waited_for_for_ever(db, elsewhere):
    assert beside.wait_for_the_house(db, Event(), print, timedelta(seconds=0.5)) == "another-container:1"


def test_who_is_told_to_end_waits_no_longer(db, elsewhere):
    ending = Event()
    ending.set()
    assert beside.wait_for_the_house(db, ending, print, timedelta(seconds=30)) == "another-container:1"


def test_a_server_that_lives_here_is_told_of_at_once(db):
    here = f"{socket.gethostname()}:{os.getppid()}"
    with db.writing() as session:
        take(session, SERVER, here, now=datetime.now(UTC))
    told: list[str] = []
    assert beside.wait_for_the_house(db, Event(), told.append, timedelta(seconds=30)) == here
    assert told == []


def test_long_work_leaves_off_when_the_process_is_told_to_end(db, silent):
    ending = Event()
    alive = beside.still_at_it(db, ending=ending)
    alive()
    ending.set()
    with pytest.raises(beside.Ending):
        alive()


def test_a_round_that_left_off_is_no_failure(caplog):
    def work():
        raise beside.Ending

    with ThreadPoolExecutor(1) as threads:
        asyncio.run(beside.repeat("clock", 0.01, threads, work))
    assert caplog.records == []
