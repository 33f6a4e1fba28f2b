"""What a chat remembers: what was asked in it, what came in, and for how long."""

from datetime import timedelta

from sqlmodel import select

from tests.worlds.integrations import NOW
from tracker.services.channels import chats
from tracker.tables import ChatState


def test_what_was_asked_is_forgotten_after_three_days(db, world):
    with db.writing() as session:
        chats.ask(session, 100, "date", now=NOW, person_id=world.ira, message=7)
        chats.ask(session, 100, "help", now=NOW, person_id=world.ira)
    with db.reading() as session:
        open_one = chats.asked(session, 100, now=NOW + chats.ASKED_FOR)
        assert open_one is not None and open_one.kind == "help", "one question at a time"
        assert chats.asked(session, 100, now=NOW + chats.ASKED_FOR + timedelta(seconds=1)) is None
    with db.writing() as session:
        chats.answered(session, 100)
        chats.answered(session, 100)
    with db.reading() as session:
        assert session.exec(select(ChatState)).all() == []
