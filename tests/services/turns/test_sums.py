"""How the sums are made: of what has long ended once, of what goes on each time."""

from datetime import UTC, date, datetime, timedelta

from tests.telling.answers import in_progress
from tests.worlds.integrations import by
from tests.worlds.stretches import NOW, put, read, tasks_for
from tracker.services.access.loading import standing
from tracker.services.people.pauses import pause
from tracker.services.turns.ledger import open_waits
from tracker.services.turns.restamp import restamp
from tracker.services.turns.scope import LedgerFilters
from tracker.tables import Absence, Project


def test_what_ended_keeps_its_time_whatever_becomes_of_the_calendar(db, world):
    [task] = tasks_for(db, world, None)
    monday = datetime(2026, 11, 16, 7, tzinfo=UTC)
    put(db, world, (world.gleb, world.crm, monday, monday + timedelta(days=8), "answer", task))
    with db.writing() as session:
        session.add(Absence(person_id=world.gleb, first=date(2026, 11, 16), last=date(2026, 11, 20)))
    for period, hours in (("all", 6 * 8), ("weeks", 6 * 8), ("week", 8)):
        sums, _ = read(db, world, LedgerFilters(period=period))
        assert sums.total.minutes == hours * 60, period


def test_an_open_stretch_grows_and_a_pause_does_not_stop_it(db, world):
    [task] = tasks_for(db, world, None)
    with db.writing() as session:
        restamp(session, [task], NOW - timedelta(days=1))
        pause(session, by(world.ira), world.ira, date(2026, 12, 1), now=NOW - timedelta(days=1))
    before, rows = read(db, world, LedgerFilters(period="now"))
    assert (before.total.minutes, rows[0].ended_at) == (7 * 60 + 56, None)
    later, _ = read(db, world, LedgerFilters(period="now"), now=NOW + timedelta(hours=1))
    assert later.total.minutes == before.total.minutes + 60
    with db.reading() as session:
        project = session.get_one(Project, world.project)
        mine = standing(session, by(world.anna), world.project)
        assert open_waits(session, project, mine, NOW) == {world.studio: 7 * 60 + 56}
    with db.writing() as session:
        in_progress(session, by(world.ira), task, now=NOW)
    after, _ = read(db, world, LedgerFilters(period="now"))
    assert after.total.minutes == 0
