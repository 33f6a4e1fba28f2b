"""The facts that messages are worded from, read when they are shown and again when they leave: for many at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.nudging.cases import NudgeStep
from tracker.domain.nudging.sending import OutgoingTask
from tracker.domain.terms import FINISHED, MessageKind
from tracker.domain.turns.snoozing import may_snooze
from tracker.services.access.loading import conductors_of
from tracker.services.nudging.forewords import Words, carried_words
from tracker.tables import Event, Integration, Meeting, Message, MessageTask, Person, Project, Task
from tracker.wording.messages import Letter, LetterLine, MeetingNews

PODIUM = str(MessageKind.PODIUM)
"""The fact of any message that tells of the podium, be it of that kind or not: kind of a need -> how many."""
WAITERS = 3
"""Names of those who wait, in one message."""


class MessageToWord(NamedTuple):
    """A message to be worded. `steps`: the tasks that it names, each with its step. `facts`: of news."""

    person: int
    project: int | None
    steps: tuple[tuple[int, str], ...]
    kind: str = MessageKind.NUDGE
    rest: int = 0
    own_text: str = ""
    foreword: str = ""
    facts: Mapping[str, Any] = {}


def letter_of(session: Session, message: Message) -> Letter:
    return letters_of(session, [message])[0]


def letters_of(session: Session, messages: Sequence[Message]) -> list[Letter]:
    """In the order given; the number of statements does not depend on how many they are."""
    ids = [message.id for message in messages]
    steps, words = _steps_of(session, ids), carried_words(session, ids)
    return worded_from(
        session,
        [
            MessageToWord(
                message.person_id,
                message.project_id,
                tuple(steps.get(message.id, ())),
                message.kind,
                int(message.facts.get("rest", 0)),
                message.own_text,
                foreword_of(words.get(message.id, ()), [task for task, _step in steps.get(message.id, ())]),
                message.facts,
            )
            for message in messages
        ],
    )


def foreword_of(words: Iterable[Words], tasks: Collection[int]) -> str:
    """What is really said in front: words about a task that is still named."""
    return "\n".join(one.text for one in words if not one.tasks.isdisjoint(tasks))


def worded_from(session: Session, wanted: Sequence[MessageToWord]) -> list[Letter]:
    """Also for messages that do not exist yet."""
    known = _Known(session, wanted)
    return [
        Letter(
            language=known.people[one.person].language,
            kind=one.kind,
            salutation=known.people[one.person].salutation,
            conductor=known.joins(one.project, one.person),
            lines=tuple(known.line(task, step, one.person) for task, step in one.steps if task in known.tasks),
            rest=one.rest,
            own_text=one.own_text,
            foreword=one.foreword,
            meeting=known.news(one),
            podium=tuple(one.facts.get(PODIUM, {}).items()),
        )
        for one in wanted
    ]


def outgoing_tasks(session: Session, message: Message) -> tuple[OutgoingTask, ...]:
    """The named tasks, for buttons."""
    steps = _steps_of(session, [message.id]).get(message.id, [])
    found = _tasks(session, [task_id for task_id, _step in steps])
    return tuple(
        OutgoingTask(
            row.Task.id,
            row.Task.number,
            row.key,
            row.Task.title,
            step,
            row.Task.needed_by,
            may_snooze(row.Task.snoozes, row.Task.snoozed_days),
            row.Task.episode,
        )
        for row, step in ((found[task_id], step) for task_id, step in steps if task_id in found)
    )


def waiters_of_tasks(session: Session, asked: Iterable[tuple[Task, int]]) -> dict[tuple[int, int], str]:
    """(task, reader) -> who waits: who asked to wait, else whose tasks wait on this one, else the doer of what is to
    be checked. Never the reader, and never the person of the turn, whom a deputy reads for."""
    asked = list(asked)
    behind = _owners_behind(session, {task.id for task, _reader in asked if task.waiting_kind is None})
    names = _names(session, {_doer(task) for task, _reader in asked})
    found: dict[tuple[int, int], str] = {}
    for task, reader in asked:
        others = [name for person, name in behind.get(task.id, ()) if person not in (reader, task.turn_id)][:WAITERS]
        doer = _doer(task)
        alone = "" if doer is None or doer in (reader, task.turn_id) else names.get(doer, "")
        found[task.id, reader] = ", ".join(others) or alone
    return found


def _doer(task: Task) -> int | None:
    return (task.waiting_from_id if task.waiting_kind is not None else None) or task.owner_id


class _Known:
    """What some messages tell of, read once for all of them."""

    def __init__(self, session: Session, wanted: Sequence[MessageToWord]) -> None:
        named = {(task, step, one.person) for one in wanted for task, step in one.steps}
        self.people = _people(session, {one.person for one in wanted})
        self.tasks = _tasks(session, {task for task, _step, _reader in named})
        self.conductors = {
            project: conductors_of(session, project)
            for project in sorted({one.project for one in wanted if one.project is not None})
        }
        self.movers = _last_movers(session, {task for task, step, _reader in named if step == NudgeStep.NOTICE})
        readers = [(self.tasks[task].Task, reader) for task, _step, reader in sorted(named) if task in self.tasks]
        self.waiters = waiters_of_tasks(session, readers)
        self.names = _names(
            session,
            {
                *(one for ids in self.conductors.values() for one in ids),
                *self.movers.values(),
                *(task.turn_id for task, _reader in readers),
            },
        )
        self.meetings = _meetings(session, {one.facts["meeting"] for one in wanted if one.kind == MessageKind.MEETING})

    def joins(self, project: int | None, reader: int) -> str:
        """The conductor who would join. Nobody is told that they will be joined by themselves."""
        found = (one for one in self.conductors.get(project or 0, ()) if one != reader)
        return self.names.get(next(found, 0), "")

    def line(self, task_id: int, step: str, reader: int) -> LetterLine:
        row = self.tasks[task_id]
        task: Task = row.Task
        mover = self.movers.get(task.id)
        return LetterLine(
            step=step,
            number=task.number,
            project=row.key,
            title=task.title,
            needed_by=task.needed_by,
            # A date named before the turn came is not the reader's own.
            promised_on=task.promised_on if step in (NudgeStep.HEADS_UP, NudgeStep.N1_PROMISE) else None,
            before=self.names.get(mover or 0, "") if step == NudgeStep.NOTICE and mover != reader else "",
            waiter=self.waiters[task.id, reader],
            reason=row.purpose or "",
            covers="" if task.turn_id in (None, reader) else self.names.get(task.turn_id or 0, ""),
        )

    def news(self, one: MessageToWord) -> MeetingNews | None:
        meeting = self.meetings.get(int(one.facts["meeting"])) if one.kind == MessageKind.MEETING else None
        if meeting is None:
            return None
        zone = ZoneInfo(self.people[one.person].timezone)
        return MeetingNews(one.facts["change"], meeting.title, meeting.starts_at.astimezone(zone), meeting.place)


def _steps_of(session: Session, message_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """Message -> each task that is still to be told of, with its step."""
    query = (
        sa.select(col(MessageTask.message_id), col(MessageTask.task_id), col(MessageTask.step))
        .where(col(MessageTask.message_id).in_(message_ids), col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position), col(MessageTask.id))
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for message_id, task_id, step in rows(session, query):
        found.setdefault(message_id, []).append((task_id, step))
    return found


def _people(session: Session, ids: Collection[int]) -> dict[int, Any]:
    columns = (col(Person.id), col(Person.language), col(Person.salutation), col(Person.timezone))
    return {row.id: row for row in rows(session, sa.select(*columns).where(col(Person.id).in_(ids)))}


def _tasks(session: Session, ids: Collection[int]) -> dict[int, Any]:
    """Task id -> (Task, project key, purpose of its integration)."""
    if not ids:
        return {}
    query = (
        sa.select(Task, col(Project.key), col(Integration.purpose))
        .join(Project, col(Project.id) == col(Task.project_id))
        .outerjoin(Integration, col(Integration.id) == col(Task.integration_id))
        .where(col(Task.id).in_(ids))
    )
    return {row.Task.id: row for row in rows(session, query)}


def _last_movers(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Task -> who did the last thing to it; «со слов» it is the one who spoke."""
    if not ids:
        return {}
    mover = sa.func.coalesce(col(Event.behalf_id), col(Event.actor_id))
    last = (
        sa.select(sa.func.max(col(Event.id)))
        .where(col(Event.object_type) == "task", col(Event.object_id).in_(ids), mover.is_not(None))
        .group_by(col(Event.object_id))
    )
    return dict(rows(session, sa.select(col(Event.object_id), mover).where(col(Event.id).in_(last))))


def _owners_behind(session: Session, ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """Task -> the owners of the open tasks that wait on it, by name."""
    if not ids:
        return {}
    query = (
        sa.select(col(Task.waiting_task_id), col(Person.id), col(Person.name))
        .join(Person, col(Person.id) == col(Task.owner_id))
        .where(col(Task.waiting_task_id).in_(ids), col(Task.archived_at).is_(None), col(Task.status).not_in(FINISHED))
        .distinct()
        .order_by(col(Person.name), col(Person.id))
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for task_id, person_id, name in rows(session, query):
        found.setdefault(task_id, []).append((person_id, name))
    return found


def _names(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return {}
    query = sa.select(col(Person.id), col(Person.name)).where(col(Person.id).in_(wanted))
    return dict(rows(session, query))


def _meetings(session: Session, ids: Collection[Any]) -> dict[int, Any]:
    if not ids:
        return {}
    columns = (col(Meeting.id), col(Meeting.title), col(Meeting.starts_at), col(Meeting.place))
    query = sa.select(*columns).where(col(Meeting.id).in_([int(one) for one in ids]))
    return {row.id: row for row in rows(session, query)}
