"""Which fields of a task who may change."""

import pytest

from tests.worlds.tasks import change
from tracker.domain.errors import Forbidden, NotFound


def test_a_lead_hands_over_within_the_own_party_only(db, world, asked):
    assert change(db, world.pavel, asked, {"owner": world.pavel}).owner_id == world.pavel
    with pytest.raises(Forbidden):
        change(db, world.pavel, asked, {"owner": world.gleb})


def test_the_owner_says_how_it_goes_but_does_not_rewrite_what_was_asked(db, world, asked):
    assert change(db, world.ira, asked, {"status": "in_progress"}).status == "in_progress"
    for changes in ({"title": "Другое"}, {"owner": world.gleb}, {"needed_by": None}, {"status": "dropped"}):
        with pytest.raises(Forbidden):
            change(db, world.ira, asked, changes)


def test_an_observer_sees_and_changes_nothing(db, world, asked):
    with pytest.raises(Forbidden):
        change(db, world.vera, asked, {"status": "done"})


def test_somebody_on_the_same_integration_sees_the_outline_and_changes_nothing(db, world, asked):
    with pytest.raises(Forbidden):
        change(db, world.gleb, asked, {"status": "done"})


def test_somebody_who_is_not_on_the_integration_does_not_find_it(db, world, asked):
    with pytest.raises(NotFound):
        change(db, world.lena, asked, {"status": "done"})
