"""A project's messages as the conductor sees them: what goes out next and why, and what became of the earlier ones."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.message_texts import plain_of
from tracker.services.journal import Actor
from tracker.services.letters import letter_of
from tracker.services.outbox_rows import WAITING
from tracker.services.reach import addresses_of
from tracker.services.rights import standings_of
from tracker.tables import Membership, Message, MessageTask, Party, Person, Project, Task

LOG = 30
"""Earlier messages of a page."""


class NamedTask(NamedTuple):
    """A task that a message names, and the rule that it stands on."""

    number: int
    key: str
    title: str
    rule: str


class Mail(NamedTuple):
    """One message. `hidden`: it also tells of projects that the reader does not conduct, so its words are not shown.

    `local`: when it goes out on the clock of the person who gets it, if that is another zone than the reader's.
    """

    id: int
    person: str
    party: str
    zone: str
    channel: str
    kind: str
    rule: str
    state: str
    reason: str
    at: datetime
    approved_by: str
    own_text: str
    text: str
    tasks: Sequence[NamedTask]
    hidden: bool
    mine: bool
    """The reader may approve, stop and change it."""


def waiting_mail(session: Session, actor: Actor, project_id: int) -> list[Mail]:
    """What has not left yet, the soonest first."""
    query = _query(project_id).where(col(Message.state).in_(WAITING))
    found = rows(session, query.order_by(col(Message.send_after), col(Message.id)))
    return _mail(session, actor, found, worded=True)


def earlier_mail(session: Session, actor: Actor, project_id: int, before: int | None) -> tuple[list[Mail], int | None]:
    """What has left or never will, the newest first, and the place where the next page begins."""
    query = _query(project_id).where(col(Message.state).not_in(WAITING))
    if before is not None:
        query = query.where(col(Message.id) < before)
    found = rows(session, query.order_by(col(Message.id).desc()).limit(LOG + 1))
    shown = _mail(session, actor, found[:LOG], worded=False)
    return shown, shown[-1].id if len(found) > LOG else None


def _query(project_id: int) -> Any:
    """Messages of the project, and those that also name a task of it."""
    approver = sa.orm.aliased(Person)
    of_project = (
        sa.select(col(MessageTask.message_id))
        .join(Task, col(Task.id) == col(MessageTask.task_id))
        .where(col(Task.project_id) == project_id)
    )
    place = sa.and_(col(Membership.person_id) == col(Person.id), col(Membership.project_id) == project_id)
    return (
        sa.select(Message, Person, sa.func.coalesce(col(Party.name), ""), sa.func.coalesce(approver.name, ""))
        .join(Person, col(Person.id) == col(Message.person_id))
        .outerjoin(Membership, place)
        .outerjoin(Party, col(Party.id) == col(Membership.party_id))
        .outerjoin(approver, approver.id == col(Message.approved_by_id))
        .where(sa.or_(col(Message.project_id) == project_id, col(Message.id).in_(of_project)))
    )


def _mail(session: Session, actor: Actor, found: Sequence[Any], *, worded: bool) -> list[Mail]:
    conducted = {mine.project_id for mine in standings_of(session, actor) if mine.runs}
    named = _named(session, [message.id for message, *_ in found])
    mail = []
    for message, person, party, approver in found:
        lines = named.get(message.id, [])
        hidden = any(project not in conducted for project, _ in lines)
        text = message.text or (plain_of(letter_of(session, message)) if worded else "")
        mail.append(
            Mail(
                message.id, person.name, party, person.timezone,
                message.channel or next(iter(addresses_of(person)), ""), message.kind, message.rule, message.state,
                message.state_reason, message.sent_at or message.send_after, approver, message.own_text,
                "" if hidden else text, [line for project, line in lines if project in conducted], hidden,
                message.project_id in conducted,
            )
        )  # fmt: skip
    return mail


def _named(session: Session, ids: Collection[int]) -> dict[int, list[tuple[int, NamedTask]]]:
    """Message -> (project, task) of each line that is still in it."""
    columns: tuple[Any, ...] = (
        col(MessageTask.message_id), col(Task.project_id), col(Task.number), col(Project.key), col(Task.title),
        col(MessageTask.rule),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Task, col(Task.id) == col(MessageTask.task_id))
        .join(Project, col(Project.id) == col(Task.project_id))
        .where(col(MessageTask.message_id).in_(ids), col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position), col(MessageTask.id))
    )
    found: dict[int, list[tuple[int, NamedTask]]] = {}
    for message_id, project_id, number, key, title, rule in rows(session, query):
        found.setdefault(message_id, []).append((project_id, NamedTask(number, key, title, rule)))
    return found


def tasks_named(session: Session, lines: Collection[tuple[int, str]]) -> dict[int, NamedTask]:
    """Task id -> how it is shown: for messages that do not exist yet (`services.preview`)."""
    rules = dict(lines)
    query = (
        sa.select(col(Task.id), col(Task.number), col(Project.key), col(Task.title))
        .join(Project, col(Project.id) == col(Task.project_id))
        .where(col(Task.id).in_(rules))
    )
    return {row.id: NamedTask(row.number, row.key, row.title, rules[row.id]) for row in rows(session, query)}


def day_there(at: datetime, zone: str) -> str:
    """«14:30» of the person's own clock."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
