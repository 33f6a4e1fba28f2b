"""The meeting of tomorrow that these tests plan, hold and end."""

import pytest

from tests.worlds.integrations import NOW, by, lay
from tests.worlds.meetings import TUESDAY
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.planning import (
    MeetingInput,
    plan_meeting,
)


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def call(db, world):
    """Tomorrow at 11 in Moscow: Ira and Gleb, about the form; two lines."""
    with db.writing() as session:
        given = MeetingInput(
            "Созвон про телефон",
            TUESDAY,
            integrations=[world.form],
            people=[Invited(world.ira, "студия"), Invited(world.gleb), Invited(world.olga)],
        )
        made = plan_meeting(session, by(world.anna), world.project, given, now=NOW).id
        add_items(session, by(world.anna), made, [ItemInput("Маска телефона"), ItemInput("Кто проверяет")], now=NOW)
        return made
