"""A project's messages as the conductor sees them: what goes out next and why, and what became of the earlier ones."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.terms import MessageState
from tracker.services.access.loading import conducted_by
from tracker.services.ground.journal import Actor
from tracker.services.messages.preview import Foreseen
from tracker.services.messages.queue import WAITING, kind_of
from tracker.services.nudging.forewords import Words, free_words
from tracker.services.nudging.message_facts import MessageToWord, foreword_of, letters_of, worded_from
from tracker.services.nudging.reach import STOPPED, addresses_of
from tracker.tables import Membership, Message, MessageTask, Party, Person, Project, Task
from tracker.wording.messages import plain_of

WAITING_SHOWN = 100
"""Messages that wait, of a page: what is approved on it was read on it."""
LOG = 30
"""Earlier messages of a page."""


class NamedTask(NamedTuple):
    """A task that a message names, the rule that it stands on and its facts (see `wording.why`)."""

    id: int
    number: int
    key: str
    title: str
    rule: str
    facts: Mapping[str, Any]


class ShownMessage(NamedTuple):
    """One message. `hidden`: it also tells of projects that the reader does not conduct, so its words are not shown.

    `id`: None, if it is foreseen only. `rest`: what is due as well and not named.
    """

    id: int | None
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
    rest: int = 0
    person_id: int = 0
    day: date | None = None
    """The person's own day whose message it is."""
    foreword: str = ""
    """Of what is foreseen: the words of this project that stand in front of it."""


def waiting_messages(session: Session, actor: Actor, project_id: int) -> tuple[list[ShownMessage], int]:
    """What has not left yet, the soonest first, and how much more of it there is than a page holds."""
    query = _query(project_id).where(col(Message.state).in_(WAITING))
    found = rows(session, query.order_by(col(Message.send_after), col(Message.id)).limit(WAITING_SHOWN + 1))
    more = 0
    if len(found) > WAITING_SHOWN:
        ids = query.with_only_columns(col(Message.id)).order_by(None).subquery()
        more = rows(session, sa.select(sa.func.count()).select_from(ids))[0][0] - WAITING_SHOWN
    return _shown(session, actor, found[:WAITING_SHOWN], worded=True), more


def earlier_messages(
    session: Session, actor: Actor, project_id: int, before: int | None
) -> tuple[list[ShownMessage], int | None]:
    """What has left or never will, the newest first, and the place where the next page begins."""
    query = _query(project_id).where(col(Message.state).not_in(WAITING))
    if before is not None:
        query = query.where(col(Message.id) < before)
    found = rows(session, query.order_by(col(Message.id).desc()).limit(LOG + 1))
    shown = _shown(session, actor, found[:LOG], worded=False)
    return shown, shown[-1].id if len(found) > LOG else None


def stopped_messages(session: Session, actor: Actor, project_id: int, since: datetime) -> list[ShownMessage]:
    """What the conductor has stopped and would have left since then, the soonest first."""
    query = _query(project_id).where(
        col(Message.state) == MessageState.CANCELLED,
        col(Message.state_reason) == STOPPED,
        col(Message.unasked).is_(True),
        col(Message.send_after) >= since,
    )
    found = rows(session, query.order_by(col(Message.send_after), col(Message.id)).limit(WAITING_SHOWN))
    return _shown(session, actor, found, worded=False)


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


def _shown(session: Session, actor: Actor, found: Sequence[Any], *, worded: bool) -> list[ShownMessage]:
    conducted = conducted_by(session, actor)
    named = _named(session, [message.id for message, *_ in found])
    unsaid = [message for message, *_ in found if worded and not message.text]
    texts = {one.id: plain_of(letter) for one, letter in zip(unsaid, letters_of(session, unsaid), strict=True)}
    listed = []
    for message, person, party, approver in found:
        lines = named.get(message.id, [])
        hidden = any(project not in conducted for project, _ in lines)
        text = message.text or texts.get(message.id, "")
        listed.append(
            ShownMessage(
                message.id,
                person.name,
                party,
                person.timezone,
                message.channel or next(iter(addresses_of(person)), ""),
                message.kind,
                message.rule,
                message.state,
                message.state_reason,
                message.sent_at or message.send_after,
                approver,
                message.own_text,
                "" if hidden else text,
                [line for project, line in lines if project in conducted],
                hidden,
                message.project_id in conducted,
                int(message.facts.get("rest", 0)),
                message.person_id,
                message.local_day,
            )
        )
    return listed


def _named(session: Session, ids: Collection[int]) -> dict[int, list[tuple[int, NamedTask]]]:
    """Message -> (project, task) of each line that is still in it."""
    columns: tuple[Any, ...] = (
        col(MessageTask.message_id), col(Task.project_id), col(Task.id), col(Task.number), col(Project.key),
        col(Task.title), col(MessageTask.rule), col(MessageTask.facts),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Task, col(Task.id) == col(MessageTask.task_id))
        .join(Project, col(Project.id) == col(Task.project_id))
        .where(col(MessageTask.message_id).in_(ids), col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position), col(MessageTask.id))
    )
    found: dict[int, list[tuple[int, NamedTask]]] = {}
    for message_id, project_id, *task in rows(session, query):
        found.setdefault(message_id, []).append((project_id, NamedTask(*task)))
    return found


def foreseen_messages(session: Session, actor: Actor, project_id: int, found: Sequence[Foreseen]) -> list[ShownMessage]:
    """What is foreseen (`services.messages.preview`) and does not wait yet, worded, in the same order."""
    found = [one for one in found if one.message is None]
    conducted = conducted_by(session, actor)
    people = _readers(session, project_id, {one.person for one in found})
    tasks = _tasks(session, {line.task for one in found for line in one.tasks})
    carried = _carried(session, found)
    wanted = [
        MessageToWord(
            one.person,
            project_id,
            tuple((line.task, line.step) for line in one.tasks),
            kind_of([line.step for line in one.tasks]),
            one.rest,
            foreword=foreword_of(words, [line.task for line in one.tasks]),
        )
        for one, words in zip(found, carried, strict=True)
    ]
    listed = []
    for one, words, letter in zip(found, carried, worded_from(session, wanted), strict=True):
        person, party = people[one.person]
        lines = [(tasks[line.task], line) for line in one.tasks]
        hidden = any(row.project_id not in conducted for row, _line in lines)
        shown = [
            NamedTask(row.id, row.number, row.key, row.title, line.rule, line.facts)
            for row, line in lines
            if row.project_id in conducted
        ]
        listed.append(
            ShownMessage(
                None,
                person.name,
                party,
                person.timezone,
                next(iter(addresses_of(person)), ""),
                letter.kind,
                one.rule,
                "",
                "",
                one.at,
                "",
                "",
                "" if hidden else plain_of(letter),
                shown,
                hidden,
                lines[0][0].project_id in conducted,
                one.rest,
                one.person,
                one.day,
                "\n".join(own.text for own in words if own.project == project_id),
            )
        )
    return listed


def _carried(session: Session, found: Sequence[Foreseen]) -> list[list[Words]]:
    """The words in front of each: of several messages to a person the soonest takes them, as it will be."""
    free = free_words(session, {one.person for one in found})
    carried: dict[int, list[Words]] = {place: [] for place in range(len(found))}
    for words in free:
        fits = (
            (one.at, place)
            for place, one in enumerate(found)
            if one.person == words.person and words.fit(one.day, [line.task for line in one.tasks])
        )
        _at, place = min(fits, default=(None, None))
        if place is not None:
            carried[place].append(words)
    return list(carried.values())


def _readers(session: Session, project_id: int, ids: Collection[int]) -> dict[int, tuple[Person, str]]:
    """Person id -> (person, party in this project)."""
    place = sa.and_(col(Membership.person_id) == col(Person.id), col(Membership.project_id) == project_id)
    query = (
        sa.select(Person, sa.func.coalesce(col(Party.name), ""))
        .outerjoin(Membership, place)
        .outerjoin(Party, col(Party.id) == col(Membership.party_id))
        .where(col(Person.id).in_(ids))
    )
    return {person.id: (person, party) for person, party in rows(session, query)}


def _tasks(session: Session, ids: Collection[int]) -> dict[int, Any]:
    query = (
        sa.select(col(Task.id), col(Task.project_id), col(Task.number), col(Project.key), col(Task.title))
        .join(Project, col(Project.id) == col(Task.project_id))
        .where(col(Task.id).in_(ids))
    )
    return {row.id: row for row in rows(session, query)}


def day_there(at: datetime, zone: str) -> str:
    """«14:30» of the person's own clock."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
