"""The wait ledger: each sum is that of its rows, to the minute, by whatever filter; and who sees which of it."""

import random
import statistics
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from tests.worlds.answering import in_progress
from tests.worlds.integrations import by, lay, put_task
from tracker.domain.worktime import working_time
from tracker.services.access.loading import standing
from tracker.services.ground.working_calendars import calendars_of
from tracker.services.people.pauses import pause
from tracker.services.turns.ledger import StretchRow, counted_to, ledger_of, ledger_rows, open_waits
from tracker.services.turns.restamp import restamp
from tracker.services.turns.scope import PERIODS, LedgerFilters, begins, ledger_filters
from tracker.tables import Absence, Party, Project, Stretch, Task

NOW = datetime(2026, 11, 25, 9, 3, 20, tzinfo=UTC)
"""A Wednesday, three minutes past noon in Moscow."""


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


def put(db, world, *stretches):
    """(person, party, started, ended or None, ended_by, task): its time is counted as when it ended."""
    with db.writing() as session:
        project = session.get_one(Project, world.project)
        calendars = calendars_of(session, project, {person for person, *_ in stretches}, NOW.year)
        for person, party, started, ended, why, task in stretches:
            calendar = calendars[person]
            seconds = None if ended is None else int(working_time(calendar, started, ended).total_seconds())
            session.add(Stretch(
                project_id=world.project, task_id=task, person_id=person, party_id=party, started_at=started,
                ended_at=ended, ended_by=why, seconds=seconds,
            ))  # fmt: skip


def tasks_for(db, world, *integrations):
    with db.writing() as session:
        return [
            put_task(session, world, world.ira, integration=one, number=100 + place)
            for place, one in enumerate(integrations)
        ]


def read(db, world, filters, now=NOW, reader=None):
    """(sums, all rows of all pages)."""
    with db.reading() as session:
        project = session.get_one(Project, world.project)
        mine = standing(session, by(reader or world.anna), world.project)
        sums, after = ledger_of(session, project, mine, filters, now), None
        rows: list[StretchRow] = []
        while True:
            part = ledger_rows(session, project, mine, filters._replace(after=after), now)
            rows += part.rows
            if part.more is None:
                return sums, rows
            after = part.more


def scatter(db, world, seed):
    """Two hundred stretches of two months, at any hour of any day, of five people."""
    chance = random.Random(seed)
    tasks = tasks_for(db, world, world.form, world.bank, None)
    people = [(world.ira, world.studio), (world.pavel, world.studio), (world.gleb, world.crm), (world.anna, world.shop),
              (world.lena, None)]  # fmt: skip
    made = []
    for _ in range(200):
        started = NOW - timedelta(minutes=chance.randrange(60 * 24 * 60))
        ended = None if chance.random() < 0.3 else started + timedelta(minutes=chance.choice((0, 3, 200, 3000, 20000)))
        ended = None if ended is not None and ended > NOW else ended
        why = "" if ended is None else chance.choice(("answer", "answer", "turn", "done"))
        made.append((*chance.choice(people), started, ended, why, chance.choice(tasks)))
    put(db, world, *made)


@pytest.mark.parametrize("seed", range(3))
def test_every_sum_is_that_of_its_rows(db, world, seed):
    scatter(db, world, seed)
    kinds = [{}, {"person": world.gleb}, {"party": str(world.studio)}, {"party": "none"}, {"integration": world.form},
             {"person": world.ira, "integration": world.bank}]  # fmt: skip
    for period in PERIODS:
        for kind in kinds:
            sums, rows = read(db, world, LedgerFilters(**kind, period=period))
            shown = (sum(row.minutes for row in rows), len(rows))
            assert (sums.total.minutes, sums.total.stretches) == shown, (period, kind)
            assert len({row.id for row in rows}) == len(rows)
            for listed, name in ((sums.parties, "party"), (sums.persons, "person")):
                assert sum(one.minutes for one in listed) == shown[0]
                assert [one.minutes for one in listed] == sorted((one.minutes for one in listed), reverse=True)
                for one in listed:
                    mine = [row for row in rows if getattr(row, name) == one.name]
                    assert (one.minutes, one.stretches) == (sum(row.minutes for row in mine), len(mine))


@pytest.mark.parametrize("seed", range(3))
def test_a_row_counts_the_working_time_inside_the_period(db, world, seed):
    scatter(db, world, seed)
    for period in PERIODS:
        _, rows = read(db, world, LedgerFilters(period=period))
        with db.reading() as session:
            project = session.get_one(Project, world.project)
            since = begins(LedgerFilters(period=period), project, NOW)
            stretches = {one.id: one for one in session.exec(select(Stretch))}
            calendars = calendars_of(session, project, {one.person_id for one in stretches.values()}, NOW.year)
            for row in rows:
                stretch = stretches[row.id]
                first = stretch.started_at if since is None else max(since, stretch.started_at)
                last = stretch.ended_at or datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
                calendar = calendars[stretch.person_id]
                assert row.minutes == int(working_time(calendar, first, last).total_seconds()) // 60
                assert row.began_before == (since is not None and stretch.started_at < since)


@pytest.mark.parametrize("seed", range(3))
def test_the_median_is_of_whole_stretches_that_an_answer_ended(db, world, seed):
    scatter(db, world, seed)
    sums, _ = read(db, world, LedgerFilters(period="all"))
    with db.reading() as session:
        answered = session.exec(select(Stretch).where(Stretch.ended_by == "answer")).all()

    def median(wanted):
        found = [one.seconds for one in answered if wanted(one)]
        return int(statistics.median(found)) // 60 if found else None

    assert sums.total.median == median(lambda one: True)
    for one in sums.parties:
        assert one.median == median(lambda stretch, party=one.id: stretch.party_id == party)
    for one in sums.persons:
        assert one.median == median(lambda stretch, person=one.id: stretch.person_id == person)


def test_the_week_begins_on_monday_and_four_weeks_with_a_day(db, world):
    with db.reading() as session:
        project = session.get_one(Project, world.project)
        week, weeks = (begins(LedgerFilters(period=one), project, NOW) for one in ("week", "weeks"))
    assert week == datetime(2026, 11, 22, 21, tzinfo=UTC), "midnight of Monday the 23rd in Moscow"
    assert weeks == datetime(2026, 10, 28, 21, tzinfo=UTC)
    assert counted_to(NOW) == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


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


def test_a_lead_sees_their_partys_part_a_contributor_their_own_and_strangers_nothing(db, world):
    theirs, crms = tasks_for(db, world, world.form, world.bank)
    with db.writing() as session:
        session.get_one(Party, world.studio).lead_id = world.pavel
        session.get_one(Task, theirs).party_id = world.studio
        session.get_one(Task, crms).owner_id = session.get_one(Task, crms).turn_id = world.gleb
    begun = NOW - timedelta(days=1)
    put(db, world, (world.ira, world.studio, begun, None, "", theirs), (world.gleb, world.crm, begun, None, "", crms))
    seen = {
        who: {row.person for row in read(db, world, LedgerFilters(), reader=getattr(world, who))[1]}
        for who in ("anna", "vera", "pavel", "ira", "gleb", "lena")
    }
    assert seen == {
        "anna": {"Ira", "Gleb"}, "vera": {"Ira", "Gleb"}, "pavel": {"Ira"}, "ira": {"Ira"}, "gleb": {"Gleb"},
        "lena": set(),
    }  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [{}, {"period": "x", "party": "-1", "person": "²", "integration": "1e9", "after": "9" * 40}, {"party": "none; --"}],
)
def test_a_broken_address_asks_for_everything(given):
    assert ledger_filters(given) == LedgerFilters()


def test_oneself_is_a_filter():
    assert ledger_filters({"person": "me", "period": "now"}, 7) == LedgerFilters(person=7, period="now")


def test_a_strange_place_in_the_list_shows_nothing(db, world):
    scatter(db, world, 1)
    with db.reading() as session:
        project, mine = session.get_one(Project, world.project), standing(session, by(world.anna), world.project)
        assert ledger_rows(session, project, mine, LedgerFilters(after=10**6), NOW).rows == []
