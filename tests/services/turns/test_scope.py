"""Which stretches are asked for, and who sees which of them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.worlds.stretches import NOW, put, read, tasks_for
from tracker.services.turns.ledger import counted_to
from tracker.services.turns.scope import LedgerFilters, begins, ledger_filters
from tracker.tables import Party, Project, Task


def test_the_week_begins_on_monday_and_four_weeks_with_a_day(db, world):
    with db.reading() as session:
        project = session.get_one(Project, world.project)
        week, weeks = (begins(LedgerFilters(period=one), project, NOW) for one in ("week", "weeks"))
    assert week == datetime(2026, 11, 22, 21, tzinfo=UTC), "midnight of Monday the 23rd in Moscow"
    assert weeks == datetime(2026, 10, 28, 21, tzinfo=UTC)
    assert counted_to(NOW) == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


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
        "anna": {"Ira", "Gleb"},
        "vera": {"Ira", "Gleb"},
        "pavel": {"Ira"},
        "ira": {"Ira"},
        "gleb": {"Gleb"},
        "lena": set(),
    }


@pytest.mark.parametrize(
    "given",
    [{}, {"period": "x", "party": "-1", "person": "²", "integration": "1e9", "after": "9" * 40}, {"party": "none; --"}],
)
def test_a_broken_address_asks_for_everything(given):
    assert ledger_filters(given) == LedgerFilters()


def test_oneself_is_a_filter():
    assert ledger_filters({"person": "me", "period": "now"}, 7) == LedgerFilters(person=7, period="now")
