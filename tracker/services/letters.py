"""The facts a message is worded from, read when it is shown and again when it leaves."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.cases import Step
from tracker.domain.sending import OutgoingTask
from tracker.domain.snoozing import may_snooze
from tracker.domain.terms import FINISHED
from tracker.message_texts import Letter, LetterLine, MeetingNews
from tracker.services.rights import conductors_of
from tracker.tables import Event, Integration, Meeting, Message, MessageTask, Person, Project, Task

MEETING = "meeting"


def letter_of(session: Session, message: Message) -> Letter:
    person = session.get_one(Person, message.person_id)
    return Letter(
        language=person.language,
        kind=message.kind,
        salutation=person.salutation,
        conductor="" if message.project_id is None else _joins(session, message.project_id, person.id),
        lines=tuple(_line(session, row, step, person.id) for row, step in _named(session, message.id)),
        rest=int(message.facts.get("rest", 0)),
        own_text=message.own_text,
        meeting=_meeting(session, message, person) if message.kind == MEETING else None,
    )


def letter_to(
    session: Session, person_id: int, project_id: int, steps: Sequence[tuple[int, str]], rest: int = 0
) -> Letter:
    """What a message that does not exist yet would say: `steps` are the tasks it would name."""
    person = session.get_one(Person, person_id)
    kind = "digest" if len(steps) > 1 else "nudge"
    return Letter(
        language=person.language, kind=kind, salutation=person.salutation,
        conductor=_joins(session, project_id, person_id),
        lines=tuple(_line(session, row, step, person_id) for row, step in _with_steps(session, steps)), rest=rest,
    )  # fmt: skip


def outgoing_tasks(session: Session, message: Message) -> tuple[OutgoingTask, ...]:
    """The named tasks, for buttons."""
    return tuple(
        OutgoingTask(
            row.Task.id, row.Task.number, row.key, row.Task.title, step, row.Task.needed_by,
            may_snooze(row.Task.snoozes, row.Task.snoozed_days), row.Task.episode,
        )
        for row, step in _named(session, message.id)
    )  # fmt: skip


def _joins(session: Session, project_id: int, reader: int) -> str:
    """The conductor who would join. Nobody is told that they will be joined by themselves."""
    return _name(session, next((one for one in conductors_of(session, project_id) if one != reader), None))


def _named(session: Session, message_id: int) -> list[tuple[Any, str]]:
    """Each line of a message that is still to be told, with its step."""
    query = (
        sa.select(col(MessageTask.task_id), col(MessageTask.step))
        .where(col(MessageTask.message_id) == message_id, col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position), col(MessageTask.id))
    )
    return _with_steps(session, [(task_id, step) for task_id, step in rows(session, query)])


def _with_steps(session: Session, steps: Sequence[tuple[int, str]]) -> list[tuple[Any, str]]:
    """(Task, project key, purpose of its integration) and step, in the order given."""
    query = (
        sa.select(Task, col(Project.key), col(Integration.purpose))
        .join(Project, col(Project.id) == col(Task.project_id))
        .outerjoin(Integration, col(Integration.id) == col(Task.integration_id))
        .where(col(Task.id).in_([task_id for task_id, _step in steps]))
    )
    found = {row.Task.id: row for row in rows(session, query)}
    return [(found[task_id], step) for task_id, step in steps if task_id in found]


def _line(session: Session, row: Any, step: str, reader: int) -> LetterLine:
    task: Task = row.Task
    return LetterLine(
        step=step,
        number=task.number,
        project=row.key,
        title=task.title,
        needed_by=task.needed_by,
        # A date named before the turn came is not the reader's own.
        promised_on=task.promised_on if step in (Step.HEADS_UP, Step.N1_PROMISE) else None,
        before=_name(session, _acted_before(session, task, reader)) if step == Step.NOTICE else "",
        waiter=waiter_of(session, task, reader),
        reason=row.purpose or "",
        covers="" if task.turn_id in (None, reader) else _name(session, task.turn_id),
    )


def _acted_before(session: Session, task: Task, reader: int) -> int | None:
    """Who did the last thing to the task; «со слов» it is the one who spoke."""
    mover = sa.func.coalesce(col(Event.behalf_id), col(Event.actor_id))
    query = (
        sa.select(mover)
        .where(col(Event.object_type) == "task", col(Event.object_id) == task.id, mover.is_not(None))
        .order_by(col(Event.id).desc())
        .limit(1)
    )
    found = [mover for (mover,) in rows(session, query)]
    return found[0] if found and found[0] != reader else None


def waiter_of(session: Session, task: Task, reader: int) -> str:
    """Who waits: who asked to wait, else whose tasks wait on this one, else the doer of what is to be checked.

    Never the reader, and never the person of the turn, whom a deputy reads for.
    """
    movers = {reader, task.turn_id}
    if task.waiting_kind is not None:
        return _name_but(session, task.waiting_from_id or task.owner_id, movers)
    query = (
        select(Person.name)
        .join(Task, col(Task.owner_id) == col(Person.id))
        .where(
            Task.waiting_task_id == task.id, col(Task.archived_at).is_(None), col(Task.status).not_in(FINISHED),
            Person.id.not_in(movers - {None}),
        )
        .distinct()
        .order_by(Person.name)
        .limit(3)
    )  # fmt: skip
    return ", ".join(session.exec(query)) or _name_but(session, task.owner_id, movers)


def _name_but(session: Session, person_id: int | None, movers: Collection[int | None]) -> str:
    return "" if person_id in movers else _name(session, person_id)


def _name(session: Session, person_id: int | None) -> str:
    if person_id is None:
        return ""
    return session.scalar(sa.select(col(Person.name)).where(col(Person.id) == person_id)) or ""


def _meeting(session: Session, message: Message, person: Person) -> MeetingNews | None:
    meeting = session.get(Meeting, int(message.facts["meeting"]))
    if meeting is None:
        return None
    return MeetingNews(message.facts["change"], meeting.title, local(meeting.starts_at, person), meeting.place)


def local(instant: datetime, person: Person) -> datetime:
    """Wall time of the person."""
    return instant.astimezone(ZoneInfo(person.timezone))
