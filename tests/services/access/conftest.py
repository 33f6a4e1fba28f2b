"""The house whose people these tests let in."""

import pytest

from tests.worlds.house import build as build_house


@pytest.fixture
def house(db):
    with db.writing() as session:
        return build_house(session)
