"""What runs beside the pages: long work that is no silence."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.worlds.integrations import NOW
from tests.worlds.outbox import ask, settle_in
from tracker.server import loops as beside
from tracker.services.engine.clock import RESTAMP_CHUNK
from tracker.services.house.leases import CLOCK, TERM, holder_of, take
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
    monkeypatch.setattr(beside, "still_at_it", lambda database: patient(database, every=timedelta()))
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
