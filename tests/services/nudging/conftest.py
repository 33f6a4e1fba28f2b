"""A project whose people are written to."""

import pytest

from tests.worlds.outbox import settle_in


@pytest.fixture
def world(db):
    return settle_in(db)
