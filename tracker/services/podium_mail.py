"""What leaves next, over several projects: counted as the messages page of each lists it, and the soonest of all.

A message may tell of tasks of several projects; the page of each of them lists it, so each of them counts it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.terms import MessageState
from tracker.services.outbox_rows import WAITING
from tracker.tables import Message, MessageTask, Person, Task


class Queue(NamedTuple):
    """Of one project: what waits to leave, and how much of it waits for approval, the first of it since when."""

    waiting: int = 0
    held: int = 0
    first_held: datetime | None = None


class Queues(NamedTuple):
    """`total`: each message once, of whatever projects it tells."""

    total: int
    by_project: Mapping[int, Queue]


class NextMessage(NamedTuple):
    """`project`: one whose page lists it. `step`: what its first task is told of; empty for news that no task is named
    in. `tasks`: their numbers."""

    id: int
    project: int
    person: str
    send_after: datetime
    state: str
    kind: str
    step: str
    tasks: Sequence[int]


def _listed(project_ids: Collection[int]) -> sa.Subquery:
    """(project, message) as the messages pages list them."""
    own = sa.select(Message.project_id.label("project"), Message.id.label("message")).where(
        Message.state.in_(WAITING), Message.project_id.in_(project_ids)
    )
    named = (
        sa.select(Task.project_id, MessageTask.message_id)
        .join(Message, Message.id == MessageTask.message_id)
        .join(Task, Task.id == MessageTask.task_id)
        .where(Message.state.in_(WAITING), Task.project_id.in_(project_ids))
    )
    return sa.union(own, named).subquery()


def queues_of(session: Session, project_ids: Collection[int], *, conducted: Collection[int]) -> Queues:
    """`conducted`: what belongs to these projects is the reader's to approve, wherever it is listed."""
    listed = _listed(project_ids)
    held = sa.and_(Message.state == MessageState.HELD, Message.project_id.in_(conducted))
    columns: tuple[Any, ...] = (
        listed.c.project, sa.func.count(), sa.func.count(sa.case((held, 1))),
        sa.func.min(sa.case((held, Message.send_after))),
    )  # fmt: skip
    query = sa.select(*columns).join(Message, Message.id == listed.c.message).group_by(listed.c.project)
    found = {project: Queue(*numbers) for project, *numbers in rows(session, query)}
    if len(found) < 2:
        return Queues(sum(one.waiting for one in found.values()), found)
    return Queues(rows(session, sa.select(sa.func.count(sa.distinct(listed.c.message))))[0][0], found)


def next_messages(
    session: Session, project_ids: Collection[int], limit: int, *, conducted: Collection[int]
) -> list[NextMessage]:
    """What leaves next, soonest first. Tasks of projects that the reader does not conduct are left out, as there."""
    listed = _listed(project_ids)
    project = sa.func.min(listed.c.project).label("project")
    query = (
        sa.select(Message.id, project, Person.name, Message.send_after, Message.state, Message.kind)
        .join(listed, listed.c.message == Message.id)
        .join(Person, Person.id == Message.person_id)
        .group_by(Message.id, Person.name, Message.send_after, Message.state, Message.kind)
        .order_by(Message.send_after, Message.id)
        .limit(limit)
    )
    found = rows(session, query)
    named = (
        sa.select(MessageTask.message_id, MessageTask.step, Task.number)
        .join(Task, Task.id == MessageTask.task_id)
        .where(
            MessageTask.message_id.in_([row.id for row in found]), MessageTask.cancelled == "",
            Task.project_id.in_(conducted),
        )
        .order_by(MessageTask.position, MessageTask.id)
    )  # fmt: skip
    told: dict[int, list[tuple[str, int]]] = {row.id: [] for row in found}
    for message, step, number in rows(session, named):
        told[message].append((step, number))
    return [
        NextMessage(
            row.id, row.project, row.name, row.send_after, row.state, row.kind,
            next((step for step, _ in told[row.id]), ""), [number for _, number in told[row.id]],
        )
        for row in found
    ]  # fmt: skip
