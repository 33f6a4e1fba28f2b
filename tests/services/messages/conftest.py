"""A project whose people are written to."""

import pytest

from tests.worlds.outbox import ask, settle_in


@pytest.fixture
def world(db):
    return settle_in(db)


@pytest.fixture
def one(db, world):
    """A task of Ira's since Monday noon; no round of the clock has seen it yet."""
    return ask(db, world, "Прислать поля формы", world.ira)
