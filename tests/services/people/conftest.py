"""The house with two projects that these tests staff."""

import pytest

from tests.worlds.house import build as build_house


@pytest.fixture
def house(db):
    with db.writing() as session:
        return build_house(session)
