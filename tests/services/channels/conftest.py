"""The people whose chats these tests link and lose."""

import pytest

from tests.worlds.house import build as build_house
from tests.worlds.integrations import lay


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def house(db):
    with db.writing() as session:
        return build_house(session)
