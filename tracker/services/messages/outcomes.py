"""What came of sending: the counters of the policy, dead channels, and what nobody knows."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import Database, rows
from tracker.domain.nudging.cases import NUDGING, NudgeStep
from tracker.domain.nudging.digests import OVERLOADED
from tracker.domain.nudging.sending import (
    Delivered,
    Moved,
    NotConnected,
    Outcome,
    Outgoing,
    RefusedForEver,
    RetryAt,
    Unknown,
)
from tracker.domain.terms import CardKind, MessageState
from tracker.services.channels.telegram import lose_telegram, move_chat
from tracker.services.ground.journal import ENGINE, Actor, record
from tracker.services.messages.queue import due_now
from tracker.services.nudging.escalations import on_open_card
from tracker.services.nudging.reach import addresses_of
from tracker.services.tasks.cards import open_card
from tracker.tables import Message, MessageTask, Person, Task

BACK_OFF = (1, 2, 5, 15, 30, 60)
"""Minutes until the next try after nobody was reached."""


def settle(database: Database, sent: Outgoing, outcome: Outcome, now: datetime) -> str:
    """Record the outcome; returns the name of its count."""
    with database.writing() as session:
        message = session.get(Message, sent.message_id, with_for_update=True)
        if message is None or message.state not in (MessageState.SENDING, MessageState.UNKNOWN):
            return "unknown"
        message.updated_at = now
        session.add(message)
        match outcome:
            case Delivered(chat_id, chat_message_id):
                message.chat_id, message.chat_message_id = chat_id, chat_message_id
                delivered(session, message, now)
                return "sent"
            case RetryAt(at):
                _again(message, max(at, now + timedelta(seconds=1)), "asked to wait")
                return "held"
            case NotConnected(detail):
                wait = BACK_OFF[min(message.tries, len(BACK_OFF) - 1)]
                _again(message, now + timedelta(minutes=wait), detail or "not connected")
                return "held"
            case Moved(chat_id):
                move_chat(session, int(sent.address), chat_id, now=now)
                _again(message, now, "the chat has moved")
                return "held"
            case RefusedForEver(reason):
                return _refused(session, message, reason, now)
            case Unknown(detail):
                settle_unknown(session, message, detail, now)
                return "unknown"


def _again(message: Message, at: datetime, reason: str) -> None:
    message.state, message.send_after, message.state_reason = MessageState.QUEUED, at, reason
    message.tries += 1


def delivered(session: Session, message: Message, now: datetime, by: Actor = ENGINE) -> None:
    """It is told. `by`: somebody who has passed it on by hand."""
    message.state, message.sent_at = MessageState.SENT, now
    told = _told_tasks(session, message)
    handed = on_open_card(session, message.person_id) if message.rule in OVERLOADED else set()
    for line, task in told:
        if line.episode == task.episode:
            _count(task, NudgeStep(line.step), message, task.id in handed, now)
        task.next_at = now if task.turn_id is not None else None
        session.add(task)
    record(
        session,
        by,
        "message.sent",
        message,
        now=now,
        person=message.person_id,
        channel=message.channel,
        rule=message.rule,
        message_kind=message.kind,
        tasks=[task.id for _line, task in told],
    )


def _count(task: Task, step: NudgeStep, message: Message, handed: bool, now: datetime) -> None:
    """The policy's counters. The moment is that of the claim: an act that came while it was on its way is later."""
    at = message.claimed_at or now
    task.told_turn_at = task.told_turn_at or at
    if step not in NUDGING:
        return
    stands = task.last_nudge_at is not None and task.last_nudge_at >= (task.progress_at or task.last_nudge_at)
    task.nudges = task.nudges + 1 if stands else 1
    task.last_nudge_at = at
    if handed and (task.progress_at is None or task.progress_at <= at):
        # The card about this person is with the conductor: the bot has asked for the last time. An answer that came
        # while the question was on its way has made that needless; a card that was seen to has left it with them.
        task.escalated_at = at


def _told_tasks(session: Session, message: Message) -> list[tuple[MessageTask, Task]]:
    query = (
        sa.select(MessageTask, Task)
        .join(Task, col(Task.id) == col(MessageTask.task_id))
        .where(col(MessageTask.message_id) == message.id, col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position))
    )
    return [(line, task) for line, task in rows(session, query)]


def settle_unknown(session: Session, message: Message, detail: str, now: datetime) -> None:
    """Never sent again. The day is spent; what it told of is due in the next digest."""
    message.state, message.state_reason, message.updated_at = MessageState.UNKNOWN, detail[:200], now
    session.add(message)
    due_now(session, [task.id for _line, task in _told_tasks(session, message)], now)
    _journal_failure(session, message, "message.unknown", detail, now)


def distrust_waiting(session: Session, now: datetime) -> None:
    """In a restored copy: what waited there may have left the original meanwhile, so it leaves no second time."""
    waiting = sa.select(Message).where(col(Message.state).in_([MessageState.QUEUED, MessageState.SENDING]))
    for (message,) in rows(session, waiting):
        settle_unknown(session, message, "restored", now)


def _refused(session: Session, message: Message, reason: str, now: datetime) -> str:
    """The channel is dead: the next one takes over; without one the conductor is told, once."""
    person = session.get_one(Person, message.person_id)
    if message.channel == "telegram":
        lose_telegram(session, person.id, reason[:200], now=now)
    else:
        person.email_dead_at = now
        session.add(person)
        card_unreachable(session, message, reason, now)
    if addresses_of(person):
        _again(message, now, reason[:200])
        return "held"
    message.state, message.state_reason = MessageState.FAILED, reason[:200]
    due_now(session, [task.id for _line, task in _told_tasks(session, message)], now)
    _journal_failure(session, message, "message.failed", reason, now)
    return "failed"


def _journal_failure(session: Session, message: Message, kind: str, reason: str, now: datetime) -> None:
    record(
        session, ENGINE, kind, message, now=now, person=message.person_id, channel=message.channel, reason=reason[:200]
    )


def card_unreachable(session: Session, message: Message, reason: str, now: datetime) -> None:
    if message.project_id is not None:
        open_card(
            session,
            ENGINE,
            message.project_id,
            CardKind.UNREACHABLE,
            now=now,
            person_id=message.person_id,
            rule="channel_dead",
            reason=reason[:200],
            channel=message.channel,
        )
