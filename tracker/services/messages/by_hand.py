"""«Скопировать текст»: the conductor passes a message on by a messenger of their own, and it counts as told."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.permissions import require
from tracker.domain.terms import MessageState
from tracker.services.access.loading import conducted_by
from tracker.services.channels.invitations import private_page
from tracker.services.ground.journal import Actor, record
from tracker.services.messages.handling import find_message, find_waiting
from tracker.services.messages.outcomes import delivered
from tracker.services.nudging.message_facts import letter_of
from tracker.tables import Message, MessageTask, Task
from tracker.wording.messages import plain_of, with_link

COPIED = "copied"


def text_to_pass_on(
    session: Session, actor: Actor, message_id: int, *, key: bytes, public_url: str, now: datetime
) -> str:
    """The ready text with the person's private link, for any other messenger; the journal tells who took it.

    As with an invitation the address passes through the conductor's hands: without it nobody who has no Telegram could
    answer by a tap. The outbox keeps the text without it.
    """
    message = find_waiting(session, actor, message_id)
    _require_all_theirs(session, actor, message)
    letter = letter_of(session, message)
    link = private_page(session, message.person_id, key=key, public_url=public_url, now=now)
    record(session, actor, "message.text_taken", message, now=now, person=message.person_id)
    return with_link(letter.language, plain_of(letter), link)


def _require_all_theirs(session: Session, actor: Actor, message: Message) -> None:
    """A message may tell of projects that the actor does not conduct: its words are not theirs to read."""
    named = sa.select(col(Task.project_id)).join(MessageTask, col(MessageTask.task_id) == col(Task.id))
    told = rows(session, named.where(col(MessageTask.message_id) == message.id, col(MessageTask.cancelled) == ""))
    require({project for (project,) in told} <= conducted_by(session, actor), "conductor_only")


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
