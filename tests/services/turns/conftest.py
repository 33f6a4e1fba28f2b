"""People of four parties who wait for one another."""

import pytest

from tests.worlds.integrations import lay


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)
