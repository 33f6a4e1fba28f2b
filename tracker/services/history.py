"""What happened, read from the journal: to one object, or in a project; newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.permissions import Sight, Standing
from tracker.services.rights import SeenTask
from tracker.tables import Event, EventPayload, Message, MessageTask, Person


class Happened(NamedTuple):
    """One event. `body` is None where its text was erased."""

    seq: int
    at: datetime
    actor: str
    behalf: str
    way: str
    kind: str
    object_type: str
    object_id: int
    body: Mapping[str, Any] | None


class ToldOf(NamedTuple):
    """A message that named a task: to whom, why (the policy's rule), what became of it."""

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
        col(Event.project_id) == seen.task.project_id, col(Event.object_type) == "task",
        col(Event.object_id) == seen.task.id,
    ).limit(limit)  # fmt: skip
    found = [Happened(*row) for row in rows(session, query)]
    return [one for one in found if seen.standing.runs or not (one.body or {}).get("private")]


def history_of_project(
    session: Session, standing: Standing, *, before: int | None = None, kinds: Sequence[str] = (), limit: int = 100
) -> list[Happened]:
    """The project's journal; `before`: only what has a smaller number. Empty for who does not see all."""
    if not standing.sees_all:
        return []
    clauses = [col(Event.project_id) == standing.project_id]
    if before is not None:
        clauses.append(col(Event.seq) < before)
    if kinds:
        clauses.append(sa.or_(*(col(Event.kind).startswith(kind, autoescape=True) for kind in kinds)))
    found = [Happened(*row) for row in rows(session, _events(*clauses).limit(limit))]
    return [one for one in found if standing.runs or not (one.body or {}).get("private")]


def told_of_task(session: Session, seen: SeenTask) -> list[ToldOf]:
    """Messages that named the task, newest first: all for who conducts, one's own for the others."""
    if seen.sight < Sight.FULL:
        return []
    columns: tuple[Any, ...] = (
        col(Message.id), col(Person.name), col(Message.channel), col(MessageTask.rule), col(Message.state),
        col(Message.state_reason), col(Message.queued_at), col(Message.send_after), col(Message.sent_at),
        col(Message.text),
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
    return [ToldOf(*row) for row in rows(session, query)]
