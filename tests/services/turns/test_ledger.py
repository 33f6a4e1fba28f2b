"""The wait ledger: each sum is that of its rows, to the minute, by whatever filter."""

import statistics
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from tests.worlds.integrations import by
from tests.worlds.stretches import NOW, read, scatter
from tracker.domain.worktime import working_time
from tracker.services.access.loading import standing
from tracker.services.ground.working_calendars import calendars_of
from tracker.services.turns.ledger import ledger_rows
from tracker.services.turns.scope import PERIODS, LedgerFilters, begins
from tracker.tables import Project, Stretch


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


def test_a_strange_place_in_the_list_shows_nothing(db, world):
    scatter(db, world, 1)
    with db.reading() as session:
        project, mine = session.get_one(Project, world.project), standing(session, by(world.anna), world.project)
        assert ledger_rows(session, project, mine, LedgerFilters(after=10**6), NOW).rows == []
