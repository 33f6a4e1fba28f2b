"""What the messages of a chat are about, and what its next text answers: rows, since a bot may restart any time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows, upsert
from tracker.services.channels.telegram import Linked, linked_of
from tracker.tables import ChatMessage, ChatState, Message, MessageTask

ASKED_FOR = timedelta(days=3)
"""A question of ours is open that long; what comes later is an ordinary word."""
CARD_FRESH = timedelta(days=7)
"""How long a card that was shown is what somebody most likely speaks of."""


_STATES: sa.Table = ChatState.__table__  # type: ignore[attr-defined]


class Asked(NamedTuple):
    """What the next text answers."""

    kind: str
    person_id: int | None
    task_id: int | None
    facts: dict[str, Any]


def ask(
    session: Session,
    chat_id: int,
    kind: str,
    *,
    now: datetime,
    person_id: int | None = None,
    task_id: int | None = None,
    **facts: Any,
) -> None:
    """From now on the next text in this chat answers this; a question asked before is dropped."""
    values = {"kind": kind, "person_id": person_id, "task_id": task_id, "facts": facts, "at": now}
    statement = upsert(session, _STATES).values(chat_id=chat_id, **values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=values))


def asked(session: Session, chat_id: int, *, now: datetime) -> Asked | None:
    found = rows(session, sa.select(_STATES).where(_STATES.c.chat_id == chat_id))
    if not found or now - found[0].at > ASKED_FOR:
        return None
    return Asked(found[0].kind, found[0].person_id, found[0].task_id, dict(found[0].facts))


def answered(session: Session, chat_id: int, kind: str | None = None) -> None:
    """Nothing is asked any more. `kind`: where that was asked; another question stays open."""
    statement = sa.delete(_STATES).where(_STATES.c.chat_id == chat_id)
    session.connection().execute(statement if kind is None else statement.where(_STATES.c.kind == kind))


def show_card(
    session: Session, chat_id: int, message_id: int, person_id: int, task_id: int | None, *, now: datetime
) -> None:
    """Our message shows this task now (None: no task any more)."""
    row = message_at(session, chat_id, message_id) or card_row(chat_id, message_id, person_id, now)
    row.person_id, row.task_id, row.at = person_id, task_id, now
    session.add(row)
    session.flush()


def card_row(chat_id: int, message_id: int, person_id: int, now: datetime) -> ChatMessage:
    """A message of ours that the chat does not remember yet: one that delivery has sent, or that is sent anew."""
    return ChatMessage(chat_id=chat_id, message_id=message_id, person_id=person_id, at=now)


def message_at(session: Session, chat_id: int, message_id: int) -> ChatMessage | None:
    return session.exec(
        select(ChatMessage).where(ChatMessage.chat_id == chat_id, ChatMessage.message_id == message_id)
    ).first()


def task_at(session: Session, chat_id: int, message_id: int) -> int | None:
    """The task that a message shows or was put to: a card of the chat, or one that delivery has sent."""
    row = message_at(session, chat_id, message_id)
    if row is not None:
        return row.task_id
    return next(iter(tasks_of_message(session, chat_id, message_id)), None)


def tasks_of_message(session: Session, chat_id: int, message_id: int) -> list[int]:
    """The tasks that a delivered message names, in its order."""
    query = (
        select(MessageTask.task_id)
        .join(Message, col(Message.id) == col(MessageTask.message_id))
        .where(
            Message.chat_id == chat_id,
            Message.chat_message_id == message_id,
            col(MessageTask.cancelled) == "",
        )
        .order_by(col(MessageTask.position), col(MessageTask.id))
    )
    return list(session.exec(query))


def shown_tasks(session: Session, chat_id: int, *, now: datetime) -> list[int]:
    """Tasks whose cards stand in the chat, the one shown last first: what is most likely spoken of."""
    cards = session.exec(
        select(ChatMessage.task_id, ChatMessage.at, ChatMessage.message_id).where(
            ChatMessage.chat_id == chat_id,
            col(ChatMessage.incoming).is_(False),
            col(ChatMessage.task_id).is_not(None),
            ChatMessage.at >= now - CARD_FRESH,
        )
    ).all()
    sent = session.exec(
        select(MessageTask.task_id, Message.sent_at, Message.chat_message_id)
        .join(Message, col(Message.id) == col(MessageTask.message_id))
        .where(
            Message.chat_id == chat_id,
            col(Message.sent_at) >= now - CARD_FRESH,
            MessageTask.position == 0,
            col(MessageTask.cancelled) == "",
        )
    ).all()
    newest: dict[int, tuple[datetime, int]] = {}
    for task_id, at, message_id in [*cards, *sent]:
        if task_id is not None and at is not None:
            newest[task_id] = max((at, message_id or 0), newest.get(task_id, (at, 0)))
    return sorted(newest, key=lambda task_id: newest[task_id], reverse=True)


def take_in(
    session: Session,
    chat_id: int,
    message_id: int,
    person_id: int,
    *,
    now: datetime,
    text: str = "",
    uploads: Iterable[int] = (),
    album: str = "",
) -> ChatMessage | None:
    """What a person has sent, before it has a place; None: it was taken in already (an update delivered twice)."""
    if message_at(session, chat_id, message_id) is not None:
        return None
    row = ChatMessage(
        chat_id=chat_id,
        message_id=message_id,
        person_id=person_id,
        incoming=True,
        text=text,
        uploads=list(uploads),
        album=album,
        settled=False,
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def of_album(session: Session, row: ChatMessage) -> list[ChatMessage]:
    """The message and those sent with it, the first one first."""
    if not row.album:
        return [row]
    query = select(ChatMessage).where(ChatMessage.chat_id == row.chat_id, ChatMessage.album == row.album)
    return list(session.exec(query.order_by(col(ChatMessage.id))))


def incoming(session: Session, row_id: int, person_id: int) -> ChatMessage | None:
    """One's own message, by its row."""
    row = session.get(ChatMessage, row_id)
    return row if row is not None and row.incoming and row.person_id == person_id else None


def loose(session: Session, before: datetime, *, now: datetime) -> list[tuple[ChatMessage, Linked]]:
    """Messages sent before that moment that nobody has found a place for, with who sent them."""
    query = (
        select(ChatMessage)
        .where(col(ChatMessage.settled).is_(False), ChatMessage.at < before)
        .order_by(col(ChatMessage.id))
        .limit(100)
    )
    return [(row, linked_of(session, row.person_id, now=now)) for row in session.exec(query).all()]
