"""The form that these tests ask about, check and launch."""

import pytest

from tests.worlds.integrations import NOW, by, lay
from tracker.services.integrations.checks import (
    CheckInput,
    add_check,
)
from tracker.services.integrations.passports import edit_integration


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def check(db, world):
    """Pavel is to answer for the form; one required line, tested by Gleb."""
    with db.writing() as session:
        edit_integration(session, by(world.anna), world.form, 1, {"accountable": world.pavel}, now=NOW)
        given = CheckInput("Телефон доходит до CRM", expected="Номер виден в заявке", tester=world.gleb)
        return add_check(session, by(world.anna), world.form, given, now=NOW).id
