"""«Remind now», asked by the conductor of Monday."""

import pytest

from tests.worlds.integrations import by
from tests.worlds.outbox import at
from tracker.domain.errors import Refused
from tracker.services.messages.reminders import nudge_now

ASKED = at("2026-11-24T12:00")
"""Tuesday noon; the tasks are of Monday, and nobody would be asked before Wednesday."""


def remind(db, world, task_id, now=ASKED, who=None):
    with db.writing() as session:
        return nudge_now(session, by(who or world.anna), task_id, now=now)


def refusal(db, world, task_id, now=ASKED):
    with pytest.raises(Refused) as refused:
        remind(db, world, task_id, now)
    return refused.value.code
