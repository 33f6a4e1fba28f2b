"""«Скопировать текст»: the conductor passes a message on by a messenger of their own, and it counts as told."""

from datetime import datetime

from sqlmodel import Session

from tracker.domain.terms import MessageState
from tracker.message_texts import plain_of
from tracker.services.journal import Actor
from tracker.services.letters import letter_of
from tracker.services.messages import find_message, find_waiting
from tracker.services.outcomes import delivered
from tracker.tables import Message

COPIED = "copied"


def pass_on_by_hand(session: Session, actor: Actor, message_id: int, *, now: datetime) -> Message:
    """From here on it is as if it had been sent: asked once, the day spent. Said twice, it is passed on once."""
    message = find_message(session, actor, message_id)
    if message.state == MessageState.SENT and message.channel == COPIED:
        return message
    message = find_waiting(session, actor, message_id)
    message.text, message.channel = plain_of(letter_of(session, message)), COPIED
    message.claimed_at, message.updated_at, message.state_reason = now, now, ""
    session.add(message)
    delivered(session, message, now, actor)
    return message
