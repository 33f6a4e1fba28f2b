"""The rows of the outbox before they leave: putting a digest in, changing it while it waits, taking it out."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.nudging.cases import NUDGING, Decision, Policy
from tracker.domain.nudging.digests import OVERLOADED, Digest
from tracker.domain.nudging.policy import needs_approval
from tracker.domain.terms import MessageState
from tracker.services.ground.journal import About, Actor, record
from tracker.services.ground.row_seals import note_made
from tracker.services.nudging.cases import Stored
from tracker.services.nudging.forewords import Carrier, carry
from tracker.services.nudging.message_facts import PODIUM
from tracker.services.nudging.reach import chunks
from tracker.tables import Message, MessageTask, Task

MESSAGES = Message.__table__  # type: ignore[attr-defined]
MESSAGE_TASKS = MessageTask.__table__  # type: ignore[attr-defined]
WAITING = (MessageState.QUEUED, MessageState.HELD)


class Open(NamedTuple):
    """A person's unasked message that has not left yet. `fixed`: approved or reworded, so its content stays. `tried`:
    a channel has asked to wait, so it does not leave earlier than it says."""

    id: int
    person_id: int
    project_id: int | None
    local_day: date
    send_after: datetime
    state: str
    rule: str
    fixed: bool
    tried: bool
    lines: tuple[tuple[int, str], ...]


class Queued(NamedTuple):
    """A message as the round queued it. `id` is None in a dry run."""

    id: int | None
    person: int
    project: int
    kind: str
    rule: str
    tasks: tuple[int, ...]
    local_day: date
    send_after: datetime
    state: str
    rest: int


class Put(NamedTuple):
    """What is to be written for a person: `row` is what waits already."""

    wanted: Queued
    lines: tuple[Decision, ...]
    stored: Mapping[int, Stored]
    row: Open | None


def open_rows(session: Session, person_ids: Collection[int]) -> dict[int, Open]:
    """Person -> their waiting message: there is one at most."""
    query = sa.select(Message).where(
        col(Message.unasked).is_(True), col(Message.state).in_(WAITING), col(Message.kind).not_in(["", PODIUM])
    )
    found = [
        row for part in chunks(person_ids) for row in session.scalars(query.where(col(Message.person_id).in_(part)))
    ]
    lines: dict[int, list[tuple[int, str]]] = {}
    for part in chunks(message.id for message in found):
        named = sa.select(col(MessageTask.message_id), col(MessageTask.task_id), col(MessageTask.step)).where(
            col(MessageTask.message_id).in_(part), col(MessageTask.cancelled) == ""
        )
        for message_id, task_id, step in rows(session, named.order_by(col(MessageTask.position))):
            lines.setdefault(message_id, []).append((task_id, step))
    return {
        message.person_id: Open(
            message.id, message.person_id, message.project_id, message.local_day, message.send_after, message.state,
            message.rule, message.approved_at is not None or bool(message.own_text), message.tries > 0,
            tuple(lines.get(message.id, ())),
        )
        for message in found
    }  # fmt: skip


def would_put(
    digest: Digest, stored: Mapping[int, Stored], policies: Mapping[int, Policy], row: Open | None
) -> Put | None:
    """The row as the digest wants it; None if the waiting row says it already, or must not be touched."""
    projects = [stored[line.task].project_id for line in digest.lines]
    waiting = [one for one in projects if needs_approval(policies[one], digest.day)]
    send_after, rule = digest.send_after, digest.overload_why or digest.lines[0].rule
    if row is not None:
        if row.fixed:
            return None
        send_after = _moment(digest, row)
        if row.rule in OVERLOADED:
            # The brake was put on for this message; with the rest handed over it must not look released.
            rule = row.rule
    wanted = Queued(
        id=row.id if row is not None else None,
        person=digest.person,
        project=waiting[0] if waiting else projects[0],
        kind=kind_of([str(line.step) for line in digest.lines]),
        rule=rule,
        tasks=tuple(line.task for line in digest.lines),
        local_day=digest.day,
        send_after=send_after,
        state=MessageState.HELD if waiting else MessageState.QUEUED,
        rest=len(digest.rest),
    )
    lines = tuple((line.task, str(line.step)) for line in digest.lines)
    if row is not None and (row.local_day, row.send_after, row.state, row.rule, row.lines) == (
        wanted.local_day, wanted.send_after, wanted.state, wanted.rule, lines,
    ):  # fmt: skip
        return None
    return Put(wanted, digest.lines, stored, row)


def kind_of(steps: Sequence[str]) -> str:
    """notice, heads_up or nudge for a single task; several are a digest."""
    if len(steps) > 1:
        return "digest"
    return "nudge" if steps[0] in NUDGING else steps[0]


def put_digests(session: Session, actor: Actor, puts: Collection[Put], now: datetime) -> list[Queued]:
    """Insert or change these rows; returns what was written: somebody else may have been first."""
    session.flush()
    written = _insert(session, [put for put in puts if put.row is None], now)
    written += [changed for put in puts if put.row is not None and (changed := _change(session, put, put.row.id, now))]
    lines = [_line(put, line, place) for put in written for place, line in enumerate(put.lines)]
    if lines:
        session.connection().execute(sa.insert(MESSAGE_TASKS), lines)
        named = {put.wanted.id or 0: Carrier(put.wanted.person, put.wanted.local_day, put.wanted.tasks)
                 for put in written}  # fmt: skip
        carry(session, named)
    for put in written:
        wanted = put.wanted
        record(
            session,
            actor,
            "message.queued",
            About("message", wanted.id or 0, wanted.project),
            now=now,
            person=wanted.person,
            message_kind=wanted.kind,
            rule=wanted.rule,
            tasks=list(wanted.tasks),
        )
    return [put.wanted for put in written]


def _line(put: Put, line: Decision, place: int) -> dict[str, Any]:
    """The columns of a named task, with the facts that its step stands on («почему мне это пришло»)."""
    stored = put.stored[line.task]
    case = stored.case
    facts = {
        "due_at": None if line.due_at is None else line.due_at.isoformat(),
        "stalls_at": None if case.stalls_at is None else case.stalls_at.isoformat(),
        "turn_since": case.turn_since.isoformat(),
        "nudges": line.asked,
        "reasons": list(line.reasons),
    }
    return {
        "message_id": put.wanted.id, "task_id": line.task, "position": place, "step": str(line.step),
        "rule": line.rule, "episode": stored.episode, "facts": facts, "cancelled": "",
    }  # fmt: skip


def _insert(session: Session, puts: Collection[Put], now: datetime) -> list[Put]:
    """In bulk: on a Monday morning there are thousands."""
    if not puts:
        return []
    taken = sa.select(MESSAGES.c.person_id, MESSAGES.c.local_day).where(
        MESSAGES.c.person_id.in_([put.wanted.person for put in puts]),
        MESSAGES.c.unasked, MESSAGES.c.state != MessageState.CANCELLED,
        MESSAGES.c.local_day.in_({put.wanted.local_day for put in puts}),
    )  # fmt: skip
    spent = {(person, day) for person, day in session.connection().execute(taken)}
    # Where another round was quicker, its row is changed in the next one, if it has to be.
    free = [put for put in puts if (put.wanted.person, put.wanted.local_day) not in spent]
    if not free:
        return []
    values = [
        {
            "project_id": put.wanted.project, "person_id": put.wanted.person, "channel": "", "kind": put.wanted.kind,
            "rule": put.wanted.rule, "facts": {"rest": put.wanted.rest}, "unasked": True,
            "local_day": put.wanted.local_day, "queued_at": now, "send_after": put.wanted.send_after,
            "state": put.wanted.state, "state_reason": "", "own_text": "", "text": "", "claimed_by": "", "tries": 0,
            "updated_at": now,
        }
        for put in free
    ]  # fmt: skip
    # Two rounds at once have both seen the day free: the second one's row is simply not written.
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = session.connection().execute(
        insert(MESSAGES).on_conflict_do_nothing().returning(MESSAGES.c.person_id, MESSAGES.c.local_day, MESSAGES.c.id),
        values,
    )
    ids = {(person, day): key for person, day, key in made}
    written = ((ids.get((row["person_id"], row["local_day"])), row) for row in values)
    note_made(session, Message, ({**row, "id": key} for key, row in written if key is not None))
    keyed = ((put, ids.get((put.wanted.person, put.wanted.local_day))) for put in free)
    return [put._replace(wanted=put.wanted._replace(id=key)) for put, key in keyed if key is not None]


def _change(session: Session, put: Put, message_id: int, now: datetime) -> Put | None:
    message = session.get(Message, message_id, populate_existing=True, with_for_update={"skip_locked": True})
    if message is None or message.state not in WAITING or message.approved_at is not None or message.own_text:
        return None
    wanted = put.wanted
    message.project_id, message.kind, message.rule = wanted.project, wanted.kind, wanted.rule
    message.facts = {**message.facts, "rest": wanted.rest}
    message.local_day, message.send_after, message.state = wanted.local_day, wanted.send_after, wanted.state
    message.updated_at = now
    session.add(message)
    session.flush()
    session.connection().execute(sa.delete(MESSAGE_TASKS).where(MESSAGE_TASKS.c.message_id == message_id))
    # What has lost its place was to be looked at after this message: now it is to be looked at anew.
    due_now(session, {task for task, _step in put.row.lines} - set(wanted.tasks) if put.row else (), now)
    return put


def would_leave_sooner(digest: Digest, row: Open) -> bool:
    """Whether the hours of who reads a fixed message have moved to before its moment, which may be their night now."""
    return row.fixed and row.local_day == digest.day and _moment(digest, row) < row.send_after


def _moment(digest: Digest, row: Open) -> datetime:
    if row.tried:
        return max(digest.send_after, row.send_after)
    return min(digest.send_after, row.send_after) if row.local_day == digest.day else digest.send_after


def leave_sooner(session: Session, row: Open, at: datetime, now: datetime) -> None:
    """What is approved keeps its words and gets another moment, unless somebody else was first."""
    session.flush()
    session.connection().execute(
        sa.update(Message)
        .where(col(Message.id) == row.id, col(Message.state).in_(WAITING), col(Message.send_after) == row.send_after)
        .values(send_after=at, updated_at=now)
    )


def due_now(session: Session, task_ids: Collection[int], now: datetime) -> None:
    """The next round looks at these."""
    if task_ids:
        session.connection().execute(
            sa.update(Task).where(col(Task.id).in_(task_ids), col(Task.turn_id).is_not(None)).values(next_at=now)
        )


def cancel_open(session: Session, actor: Actor, row: Open, reason: str, now: datetime) -> int:
    """How many rows this cancelled: none where the message has left meanwhile."""
    message = session.get(Message, row.id, populate_existing=True, with_for_update={"skip_locked": True})
    if message is None or message.state not in WAITING:
        return 0
    cancel(session, actor, message, reason, now)
    due_now(session, [task for task, _step in row.lines], now)
    return 1


def cancel(session: Session, actor: Actor, message: Message, reason: str, now: datetime) -> None:
    """It will not leave; its day is free again."""
    message.state, message.state_reason, message.updated_at = MessageState.CANCELLED, reason, now
    session.add(message)
    record(session, actor, "message.cancelled", message, now=now, person=message.person_id, reason=reason)
