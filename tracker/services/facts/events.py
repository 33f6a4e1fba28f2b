"""The journal and the outbox as programs read them, as far as the reader may see."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Standing
from tracker.services.access.loading import own_tasks, standings_of
from tracker.services.access.notes import visible_entries
from tracker.services.facts.tasks import Reference
from tracker.services.ground.journal import Actor
from tracker.services.messages.handling import OutboxRow, outbox_rows
from tracker.tables import Event, EventPayload, Message, MessageTask, Person, Task


class EventFacts(NamedTuple):
    """One change. `changes`: field -> [from, to]; empty where the texts were erased."""

    seq: int
    at: datetime
    actor: Reference | None
    way: str
    behalf: Reference | None
    kind: str
    object_type: str
    object_id: int
    changes: Mapping[str, Any]

    @property
    def place(self) -> int:
        return self.seq


def list_events(
    session: Session,
    mine: Standing,
    after: int | None,
    limit: int,
    *,
    object_type: str = "",
    object_id: int | None = None,
) -> list[EventFacts]:
    """The project's journal in its order: all for who sees all, else what happened to tasks seen in full.

    Private notes are told of to conductors alone.
    """
    acting, behalf = orm.aliased(Person), orm.aliased(Person)
    columns: tuple[Any, ...] = (
        Event.seq, Event.at, Event.actor_id, sa.func.coalesce(acting.name, "").label("actor"), Event.way,
        Event.behalf_id, sa.func.coalesce(behalf.name, "").label("behalf"), Event.kind, Event.object_type,
        Event.object_id, EventPayload.body,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .outerjoin(acting, acting.id == Event.actor_id)
        .outerjoin(behalf, behalf.id == Event.behalf_id)
        .where(Event.project_id == mine.project_id, Event.seq > (after or 0))
        .order_by(Event.seq)
        .limit(limit)
    )
    if not mine.sees_all:
        own = sa.select(Task.id).where(Task.project_id == mine.project_id, own_tasks(mine))
        query = query.where(Event.object_type == "task", Event.object_id.in_(own))
    query = query.where(visible_entries(mine))
    if object_type:
        query = query.where(Event.object_type == object_type)
    if object_id is not None:
        query = query.where(Event.object_id == object_id)
    return [_event(row) for row in rows(session, query)]


def _event(row: Any) -> EventFacts:
    body = row.body or {}
    return EventFacts(
        row.seq,
        row.at,
        Reference(row.actor_id, row.actor) if row.actor_id is not None else None,
        row.way,
        Reference(row.behalf_id, row.behalf) if row.behalf_id is not None else None,
        row.kind,
        row.object_type,
        row.object_id,
        body.get("changes", {}),
    )


class MessageFacts(NamedTuple):
    """A message. Where it also tells of projects that the reader is not in, its text and those tasks are left out."""

    row: OutboxRow
    tasks: Sequence[Reference]
    text: str

    @property
    def place(self) -> int:
        return self.row.id


def list_messages(
    session: Session, actor: Actor, mine: Standing, after: int | None, limit: int, *, states: Sequence[str] = ()
) -> list[MessageFacts]:
    """The project's messages for who sees all of it; one's own for the others."""
    person = None if mine.sees_all else mine.person_id
    found = outbox_rows(
        session, project_id=mine.project_id, person_id=person, states=states, after=after or 0, limit=limit
    )
    return _within_sight(session, actor, found)


def one_message(session: Session, actor: Actor, message_id: int) -> MessageFacts:
    """Raises NotFound unless it is one's own, or of a project that one sees all of."""
    columns: tuple[Any, ...] = (Message.project_id, Message.person_id)
    where = rows(session, sa.select(*columns).where(Message.id == message_id))
    if not where:
        raise NotFound("message")
    project_id, person_id = where[0]
    of_tasks = sa.select(Task.project_id).join(MessageTask, MessageTask.task_id == Task.id)
    told = {one for (one,) in rows(session, of_tasks.where(MessageTask.message_id == message_id))}
    seen = {mine.project_id for mine in standings_of(session, actor) if mine.sees_all}
    if person_id != actor.person_id and not seen & (told | {project_id}):
        raise NotFound("message")
    return _within_sight(session, actor, outbox_rows(session, after=message_id - 1, limit=1))[0]


def _within_sight(session: Session, actor: Actor, found: Sequence[OutboxRow]) -> list[MessageFacts]:
    seen = {mine.project_id for mine in standings_of(session, actor) if mine.sees_all}
    columns: tuple[Any, ...] = (Task.id, Task.title, Task.project_id)
    ids = {task for row in found for task in row.tasks}
    tasks = {row.id: row for row in rows(session, sa.select(*columns).where(Task.id.in_(ids)))}
    facts: list[MessageFacts] = []
    for row in found:
        named = [tasks[one] for one in row.tasks if one in tasks]
        shown = [one for one in named if row.person == actor.person_id or one.project_id in seen]
        whole = len(shown) == len(named)
        facts.append(MessageFacts(row, [Reference(one.id, one.title) for one in shown], row.text if whole else ""))
    return facts
