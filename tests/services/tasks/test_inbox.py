"""The conductor's inbox: nothing that a person says is dropped."""

import pytest

from tests.worlds.integrations import NOW
from tracker.domain.errors import NotFound
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.inbox import send_to_inbox


def test_the_inbox_adds_up_and_begins_anew_when_it_was_settled(db, world):
    actor = Actor(world.ira, Way.TELEGRAM)
    with db.writing() as session:
        send_to_inbox(session, actor, world.project, "Раз", now=NOW)
        card = send_to_inbox(session, actor, world.project, "Два", [5], now=NOW)
        assert (card.note, card.facts["uploads"]) == ("Раз\nДва", [5])
        card.settled_at = NOW
        session.add(card)
        assert send_to_inbox(session, actor, world.project, "Три", now=NOW).note == "Три"
        with pytest.raises(NotFound):
            send_to_inbox(session, actor, world.other, "Чужой проект", now=NOW)
