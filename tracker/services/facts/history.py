"""What happened, read from the journal: to one object, or in a project; newest first."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.events import Happened
from tracker.domain.permissions import Sight, Standing
from tracker.services.access.loading import SeenTask, own_tasks
from tracker.services.access.notes import visible_entries
from tracker.tables import Check, Deadlock, Event, EventPayload, Message, MessageTask, Person, Task


class ToldOf(NamedTuple):
    """A message that named a task: to whom, why (the policy's rule and its facts), what became of it. `taken_out`: why
    this task was left out of it at the last moment."""

    id: int
    person: str
    channel: str
    rule: str
    state: str
    reason: str
    queued_at: datetime
    send_after: datetime
    sent_at: datetime | None
    text: str
    facts: dict[str, Any]
    taken_out: str


def _events(*clauses: sa.ColumnElement[bool]) -> sa.Select[Any]:
    acting, behalf = sa.orm.aliased(Person), sa.orm.aliased(Person)
    columns: tuple[Any, ...] = (
        col(Event.seq), col(Event.at), sa.func.coalesce(acting.name, ""), sa.func.coalesce(behalf.name, ""),
        col(Event.way), col(Event.kind), col(Event.object_type), col(Event.object_id), col(EventPayload.body),
    )  # fmt: skip
    return (
        sa.select(*columns)
        .outerjoin(EventPayload, col(EventPayload.event_id) == col(Event.id))
        .outerjoin(acting, acting.id == col(Event.actor_id))
        .outerjoin(behalf, behalf.id == col(Event.behalf_id))
        .where(*clauses)
        .order_by(col(Event.seq).desc())
    )


def history_of_task(session: Session, seen: SeenTask, limit: int = 200) -> list[Happened]:
    """The task's own events; none for who sees it in outline only. Private notes are told to conductors alone."""
    if seen.sight < Sight.FULL:
        return []
    query = _events(
        col(Event.project_id) == seen.task.project_id,
        col(Event.object_type) == "task",
        col(Event.object_id) == seen.task.id,
        visible_entries(seen.standing),
    ).limit(limit)
    return [Happened(*row) for row in rows(session, query)]


class EventsWanted(NamedTuple):
    """What of the project's journal is asked for; nothing given: all of it."""

    object_type: str = ""
    person: int | None = None
    """Who acted, or on whose behalf."""
    task: int | None = None
    """A task's number."""
    integration: int | None = None
    """An integration with its checks, deadlocks and tasks."""


def history_of_project(
    session: Session, standing: Standing, wanted: EventsWanted, *, before: int | None = None, limit: int = 100
) -> list[Happened]:
    """The project's journal; `before`: only what has a smaller number.

    Who does not see all is told of their own tasks alone, and private notes are told to conductors alone.
    """
    clauses = [col(Event.project_id) == standing.project_id, *_asked(standing.project_id, wanted)]
    if before is not None:
        clauses.append(col(Event.seq) < before)
    if not standing.sees_all:
        own = sa.select(col(Task.id)).where(col(Task.project_id) == standing.project_id, own_tasks(standing))
        clauses += [col(Event.object_type) == "task", col(Event.object_id).in_(own)]
    clauses.append(visible_entries(standing))
    return [Happened(*row) for row in rows(session, _events(*clauses).limit(limit))]


def _asked(project_id: int, wanted: EventsWanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.object_type:
        found.append(col(Event.object_type) == wanted.object_type)
    if wanted.person is not None:
        found.append(sa.or_(col(Event.actor_id) == wanted.person, col(Event.behalf_id) == wanted.person))
    if wanted.task is not None:
        numbered = sa.select(col(Task.id)).where(col(Task.project_id) == project_id, col(Task.number) == wanted.task)
        found.append(_is("task", numbered))
    if wanted.integration is not None:
        of_it = [
            _is(kind, sa.select(col(table.id)).where(col(table.integration_id) == wanted.integration))
            for kind, table in (("task", Task), ("check", Check), ("deadlock", Deadlock))
        ]
        itself = sa.and_(col(Event.object_type) == "integration", col(Event.object_id) == wanted.integration)
        found.append(sa.or_(itself, *of_it))
    return found


def _is(object_type: str, ids: sa.Select[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(col(Event.object_type) == object_type, col(Event.object_id).in_(ids))


TOLD = 5
"""Messages about a task, of a page."""


def told_of_task(session: Session, seen: SeenTask, before: int | None = None) -> tuple[list[ToldOf], int | None]:
    """Messages that named the task, newest first: all for who conducts, one's own for the others; and the place where
    the next page begins."""
    if seen.sight < Sight.FULL:
        return [], None
    columns: tuple[Any, ...] = (
        col(Message.id), col(Person.name), col(Message.channel), col(MessageTask.rule), col(Message.state),
        col(Message.state_reason), col(Message.queued_at), col(Message.send_after), col(Message.sent_at),
        col(Message.text), col(MessageTask.facts), col(MessageTask.cancelled),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(MessageTask, col(MessageTask.message_id) == col(Message.id))
        .join(Person, col(Person.id) == col(Message.person_id))
        .where(col(MessageTask.task_id) == seen.task.id)
        .order_by(col(Message.id).desc())
    )
    if not seen.standing.runs:
        query = query.where(col(Message.person_id) == seen.standing.person_id)
    if before is not None:
        query = query.where(col(Message.id) < before)
    found = [ToldOf(*row) for row in rows(session, query.limit(TOLD + 1))]
    return found[:TOLD], found[TOLD - 1].id if len(found) > TOLD else None
