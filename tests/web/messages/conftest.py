"""A project whose messages wait for approval."""

import pytest
from sqlmodel import select

from tests.web.messages.places import PAGE
from tests.worlds.shop import NOW
from tracker.services.engine.clock import tick
from tracker.tables import Message, Person


@pytest.fixture
def known(db, world):
    """Everybody knows of the bot and has a chat with it."""
    with db.writing() as session:
        for number, person in enumerate(session.exec(select(Person))):
            person.knows_bot, person.telegram_chat_id, person.telegram_id = True, 900 + number, 900 + number


@pytest.fixture
def held(db, vera, known):
    """A round of the clock, the project speaking with approval; returns the ids of what waits."""
    assert vera.post(f"{PAGE}/switch", data={"messages": "approve", "seen": "1"}).status_code == 303
    tick(db, NOW, channels=("telegram",))
    with db.reading() as session:
        found = session.exec(select(Message.id).where(Message.state == "held").order_by(Message.id)).all()
    assert len(found) >= 2
    return list(found)
