"""By which channel a person can be reached, and who may know it."""

from datetime import date

import pytest

from tests.worlds.integrations import NOW, by, change, lay
from tracker.services.access.loading import standing
from tracker.services.people.absences import add_absence
from tracker.services.people.contacts import channels_of
from tracker.tables import Person

TODAY = date(2026, 11, 23)


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


def read(db, world, who=None):
    with db.reading() as session:
        return channels_of(session, standing(session, by(who or world.anna), world.project), today=TODAY)


def test_a_channel_is_there_works_or_is_dead(db, world):
    change(
        db, Person, world.ira, telegram_chat_id=100, telegram_dead_at=NOW, telegram_dead_reason="blocked", email=None
    )
    change(db, Person, world.gleb, telegram_chat_id=200)
    change(db, Person, world.lena, email=None)
    found = read(db, world)
    ira, gleb, lena = found[world.ira], found[world.gleb], found[world.lena]
    assert (ira.telegram, ira.telegram_reason, ira.email, ira.is_broken, ira.is_mute) == (
        "dead",
        "blocked",
        "",
        True,
        False,
    )
    assert (gleb.telegram, gleb.email, gleb.is_broken, gleb.is_mute) == ("on", "on", False, False)
    assert (lena.telegram, lena.email, lena.is_broken, lena.is_mute) == ("", "", False, True)


def test_a_pause_and_the_nearest_absence_are_shown_through_their_last_day(db, world):
    change(db, Person, world.ira, paused_until=TODAY)
    change(db, Person, world.gleb, paused_until=date(2026, 11, 22))
    with db.writing() as session:
        for first, last in (("2026-12-01", "2026-12-05"), ("2026-11-20", "2026-11-23"), ("2026-11-10", "2026-11-22")):
            days = (date.fromisoformat(first), date.fromisoformat(last))
            add_absence(session, by(world.anna), world.ira, *days, now=NOW)
    found = read(db, world)
    assert (found[world.ira].paused_until, found[world.gleb].paused_until) == (TODAY, None)
    assert found[world.ira].away == (date(2026, 11, 20), TODAY)
    assert found[world.gleb].away is None


def test_only_whose_contacts_one_may_see_are_read(db, world):
    everybody = {world.anna, world.olga, world.pavel, world.ira, world.gleb, world.lena, world.vera}
    assert read(db, world).keys() == everybody
    assert world.gleb not in read(db, world, world.ira)
