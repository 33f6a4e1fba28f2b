"""What leaves next, over several projects: counted as the messages page of each lists it, and the soonest of all.

A message may tell of tasks of several projects; the page of each of them lists it, so each of them counts it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import columns
from tracker.domain.needs import NextMessage
from tracker.domain.terms import MessageState
from tracker.services.messages.queue import WAITING
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


_PROJECTS = sa.bindparam("projects", expanding=True, type_=sa.Integer)
_CONDUCTED = sa.bindparam("conducted", expanding=True, type_=sa.Integer)
_OWN = sa.select(Message.project_id.label("project"), Message.id.label("message")).where(
    Message.state.in_(WAITING), Message.project_id.in_(_PROJECTS)
)
_NAMED = (
    sa.select(Task.project_id, MessageTask.message_id)
    .join(Message, Message.id == MessageTask.message_id)
    .join(Task, Task.id == MessageTask.task_id)
    .where(Message.state.in_(WAITING), Task.project_id.in_(_PROJECTS))
)
_LISTED = sa.union(_OWN, _NAMED).subquery()
"""(project, message) as the messages pages list them."""
_HELD = sa.and_(Message.state == MessageState.HELD, Message.project_id.in_(_CONDUCTED))
_QUEUES = (
    sa.select(
        _LISTED.c.project,
        sa.func.count(),
        sa.func.count(sa.case((_HELD, 1))),
        sa.func.min(sa.case((_HELD, Message.send_after))),
    )
    .join(Message, Message.id == _LISTED.c.message)
    .group_by(_LISTED.c.project)
)
_IN_ALL = sa.select(sa.func.count(sa.distinct(_LISTED.c.message)))
_NEXT = (
    sa.select(
        Message.id,
        sa.func.min(_LISTED.c.project).label("project"),
        Person.name,
        Message.send_after,
        Message.state,
        Message.kind,
    )
    .join(_LISTED, _LISTED.c.message == Message.id)
    .join(Person, Person.id == Message.person_id)
    .group_by(Message.id, Person.name, Message.send_after, Message.state, Message.kind)
    .order_by(Message.send_after, Message.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_TOLD = (
    sa.select(MessageTask.message_id, MessageTask.step, Task.number)
    .join(Task, Task.id == MessageTask.task_id)
    .where(
        MessageTask.message_id.in_(sa.bindparam("messages", expanding=True, type_=sa.Integer)),
        MessageTask.cancelled == "",
        Task.project_id.in_(_CONDUCTED),
    )
    .order_by(MessageTask.position, MessageTask.id)
)


def queues_of(session: Session, project_ids: Collection[int], *, conducted: Collection[int]) -> Queues:
    """`conducted`: what belongs to these projects is the reader's to approve, wherever it is listed."""
    values = {"projects": list(project_ids), "conducted": list(conducted)}
    found = {project: Queue(*numbers) for project, *numbers in columns(session, _QUEUES, values)}
    if len(found) < 2:
        return Queues(sum(one.waiting for one in found.values()), found)
    return Queues(columns(session, _IN_ALL, {"projects": list(project_ids)})[0][0], found)


def next_messages(
    session: Session, project_ids: Collection[int], limit: int, *, conducted: Collection[int]
) -> list[NextMessage]:
    """What leaves next, soonest first. Tasks of projects that the reader does not conduct are left out, as there."""
    found = columns(session, _NEXT, {"projects": list(project_ids), "limit": limit})
    told: dict[int, list[tuple[str, int]]] = {row.id: [] for row in found}
    if told:
        for message, step, number in columns(session, _TOLD, {"messages": list(told), "conducted": list(conducted)}):
            told[message].append((step, number))
    return [
        NextMessage(
            row.id,
            row.project,
            row.name,
            row.send_after,
            row.state,
            row.kind,
            next((step for step, _ in told[row.id]), ""),
            [number for _, number in told[row.id]],
        )
        for row in found
    ]
