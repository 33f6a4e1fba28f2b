"""Messages as people deal with them: the list of what goes out and went out, approving, stopping, rewording, news."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.errors import FieldError, Invalid, NotFound, Refused
from tracker.domain.meetings import is_soon
from tracker.domain.nudging.silence import silence_of_project
from tracker.domain.permissions import require_conductor
from tracker.domain.terms import MessageKind, MessageState
from tracker.domain.worktime import day_in, next_slot
from tracker.services.access.loading import standing
from tracker.services.ground.journal import About, Actor, plain, record
from tracker.services.ground.working_calendars import calendar_of
from tracker.services.messages.queue import WAITING, cancel
from tracker.services.nudging.message_facts import letter_of
from tracker.services.nudging.reach import STOPPED, addresses_of
from tracker.services.nudging.silence import silence_in
from tracker.tables import Meeting, Message, MessageTask, Person, Project, Task
from tracker.wording.messages import plain_of

TEXT_LIMIT = 3500
"""Of the conductor's own words: below Telegram's 4,096, with room for a link."""


class OutboxRow(NamedTuple):
    """A message as the command line and the API show it. `text`: as sent, or as it would be worded now."""

    id: int
    project: int | None
    person: int
    name: str
    timezone: str
    channel: str
    kind: str
    tasks: tuple[int, ...]
    rule: str
    queued_at: datetime
    send_after: datetime
    sent_at: datetime | None
    state: str
    reason: str
    text: str


def outbox_rows(
    session: Session,
    *,
    since: datetime | None = None,
    project_id: int | None = None,
    task_id: int | None = None,
    person_id: int | None = None,
    states: Collection[str] = (),
    after: int = 0,
    limit: int = 1000,
) -> list[OutboxRow]:
    """In the order they were queued. The caller has established that these messages are theirs to read."""
    query = sa.select(Message, col(Person.name), col(Person.timezone)).join(
        Person, col(Person.id) == col(Message.person_id)
    )
    named = sa.select(col(MessageTask.message_id)).join(Task, col(Task.id) == col(MessageTask.task_id))
    if since is not None:
        query = query.where(col(Message.queued_at) >= since)
    if project_id is not None:
        # A message may tell of several projects; it is listed in each.
        of_project = named.where(col(Task.project_id) == project_id)
        query = query.where(sa.or_(col(Message.project_id) == project_id, col(Message.id).in_(of_project)))
    if task_id is not None:
        query = query.where(col(Message.id).in_(named.where(col(Task.id) == task_id)))
    if person_id is not None:
        query = query.where(col(Message.person_id) == person_id)
    if states:
        query = query.where(col(Message.state).in_(states))
    found = rows(session, query.where(col(Message.id) > after).order_by(col(Message.id)).limit(limit))
    tasks = _tasks_of(session, [message.id for message, *_ in found])
    return [
        OutboxRow(
            message.id, message.project_id, message.person_id, name, timezone,
            message.channel or _next_channel(session, message), message.kind, tuple(tasks.get(message.id, ())),
            message.rule, message.queued_at, message.send_after, message.sent_at, message.state, message.state_reason,
            message.text or plain_of(letter_of(session, message)),
        )
        for message, name, timezone in found
    ]  # fmt: skip


def _next_channel(session: Session, message: Message) -> str:
    person = session.get(Person, message.person_id)
    return next(iter(addresses_of(person)), "") if person is not None else ""


def _tasks_of(session: Session, ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    query = (
        sa.select(col(MessageTask.message_id), col(MessageTask.task_id))
        .where(col(MessageTask.message_id).in_(ids), col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position), col(MessageTask.id))
    )
    for message_id, task_id in rows(session, query):
        found.setdefault(message_id, []).append(task_id)
    return found


def find_message(session: Session, actor: Actor, message_id: int) -> Message:
    """A message of a project that the actor conducts; all others are not found."""
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.project_id is None:
        raise NotFound("message")
    mine = standing(session, actor, message.project_id)
    require_conductor(mine)
    return message


def find_waiting(session: Session, actor: Actor, message_id: int) -> Message:
    message = find_message(session, actor, message_id)
    if message.state not in WAITING:
        raise Refused("message_gone", [{"code": message.state}])
    return message


def approve_message(session: Session, actor: Actor, message_id: int, *, now: datetime) -> Message:
    """In a new project each message waits for this. Its content stays as it was approved."""
    message = find_message(session, actor, message_id)
    if message.approved_at is not None:
        return message
    if message.state not in WAITING:
        raise Refused("message_gone", [{"code": message.state}])
    message.approved_at, message.approved_by_id = now, actor.person_id
    message.state, message.updated_at = MessageState.QUEUED, now
    _done(session, actor, message, "message.approved", now)
    return message


def stop_message(session: Session, actor: Actor, message_id: int, *, now: datetime) -> Message:
    """It does not leave, and nothing unasked goes to this person on its day. For the next the policy decides anew."""
    message = find_message(session, actor, message_id)
    if message.state == MessageState.CANCELLED:
        return message
    if message.state not in WAITING:
        raise Refused("message_gone", [{"code": message.state}])
    cancel(session, actor, message, STOPPED, now)
    return message


def reword_message(session: Session, actor: Actor, message_id: int, text: str, *, now: datetime) -> Message:
    """The conductor's own words; empty brings ours back."""
    message = find_waiting(session, actor, message_id)
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        raise Invalid(FieldError("text", "too_long", {"limit": TEXT_LIMIT}))
    if message.own_text != text:
        message.own_text, message.updated_at = text, now
        _done(session, actor, message, "message.reworded", now)
    return message


def _done(session: Session, actor: Actor, message: Message, kind: str, now: datetime) -> None:
    session.add(message)
    record(session, actor, kind, message, now=now, person=message.person_id)


def queue(
    session: Session,
    actor: Actor,
    project_id: int,
    person_id: int,
    kind: MessageKind,
    facts: dict[str, Any],
    *,
    send_after: datetime,
    now: datetime,
    rule: str = "",
) -> Message:
    """News outside the day's one message. Delivery keeps to the person's hours and asks again whether it holds."""
    person = session.get_one(Person, person_id)
    message = Message(
        project_id=project_id,
        person_id=person_id,
        kind=kind,
        rule=rule or kind,
        facts=facts,
        unasked=False,
        local_day=day_in(person.timezone, send_after),
        queued_at=now,
        send_after=send_after,
        state=MessageState.QUEUED,
        updated_at=now,
    )
    session.add(message)
    session.flush()
    record(
        session,
        actor,
        "message.queued",
        About("message", message.id, project_id),
        now=now,
        person=person_id,
        message_kind=kind,
        rule=message.rule,
    )
    return message


def queue_meeting_change(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    person_ids: Collection[int],
    change: str,
    *,
    now: datetime,
    was: datetime | None = None,
) -> list[Message]:
    """Tell that a meeting of the next 24 hours was planned, moved, has a new `place` or is cancelled.

    Later ones stand in the calendars. One waiting message about a meeting is enough: it tells of the newest state.
    `was`: when it was to begin before. Whoever is not told of a move by then comes in vain.
    """
    project = session.get_one(Project, meeting.project_id)
    starts = [meeting.starts_at] if was is None else [meeting.starts_at, was]
    # A pause of the project may be over when it would leave: delivery asks again.
    if not is_soon(now, *starts) or silence_of_project(paused=False, messages=project.messages):
        return []
    by = min(start for start in starts if start > now)
    waiting = {message.person_id: message for message in _waiting_news(session, meeting)}
    queued: list[Message] = []
    for person_id in sorted(set(person_ids) - {actor.person_id}):
        person = session.get_one(Person, person_id)
        if silence_in(session, project.id, person, day_in(person.timezone, now)):
            continue
        if (earlier := waiting.get(person_id)) is not None:
            # Planned and then moved before anybody heard of it is still a new meeting to them.
            keep = earlier.facts["change"] == "planned" and change != "cancelled"
            earlier.facts = {**earlier.facts, "change": "planned" if keep else change}
            earlier.updated_at = now
            session.add(earlier)
            continue
        slot = next_slot(calendar_of(session, project, person_id, now.year), now)
        when = slot if slot is not None and slot < by else now
        facts = {"meeting": meeting.id, "change": change, "by": plain(by)}
        queued.append(
            queue(session, actor, project.id, person_id, MessageKind.MEETING, facts, send_after=when, now=now)
        )
    return queued


def _waiting_news(session: Session, meeting: Meeting) -> list[Message]:
    query = sa.select(Message).where(
        col(Message.kind) == MessageKind.MEETING,
        col(Message.state).in_(WAITING),
        col(Message.project_id) == meeting.project_id,
    )
    return [message for message in session.scalars(query) if message.facts.get("meeting") == meeting.id]
