"""What needs the conductor, over all projects that they conduct: cards, late decisions, launches, open meetings."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from tracker.db import chunks, columns, rows
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.needs import APPROVAL, LATE_DEADLOCK, OPEN_MEETING, Need, place_of
from tracker.domain.terms import FINISHED, CardKind, MeetingState, WaitKind
from tracker.domain.worktime import working_time
from tracker.services.ground.directory import kept_calendars
from tracker.services.ground.journal import Actor
from tracker.services.messages.next import Queue, queues_of
from tracker.services.tasks.cards import find_card, settle
from tracker.services.tasks.editing import edit_task
from tracker.services.tasks.fields import WaitInput
from tracker.services.tasks.waiting import pass_on
from tracker.tables import Card, Deadlock, DeadlockTask, Meeting, Party, Person, Task, Upload

TURN, AWAITED = aliased(Person), aliased(Person)
TURN_PARTY, AWAITED_PARTY = aliased(Party), aliased(Party)
WAITER = aliased(Task)


def needs_of(
    session: Session,
    project_ids: Collection[int],
    *,
    now: datetime,
    today: date,
    queues: Mapping[int, Queue] | None = None,
) -> list[Need]:
    """In the order of `domain.needs`, the oldest first within a kind. The caller conducts these projects.

    `queues`: what waits in each, where the caller has counted it already.
    """
    late = _late_deadlocks(session, project_ids, today)
    told_by_deadlock = {task for one in late for task in one[1]}
    open_cards = _cards(session, project_ids)
    # Who has asked the conductor has made it their turn; that it stands with them is told by the same line.
    asked_about = {task for task, need in open_cards if need.kind in ASKING}
    hidden: Mapping[str, Collection[int | None]] = {
        CardKind.DEADLOCK: told_by_deadlock,
        CardKind.ESCALATION: asked_about - {None},
    }
    cards = [need for task, need in open_cards if task not in hidden.get(need.kind, ())]
    if queues is None:
        queues = queues_of(session, project_ids, conducted=project_ids).by_project
    meetings = _open_meetings(session, project_ids, now)
    found = [*cards, *(need for need, _ in late), *meetings, *_approvals(queues)]
    found.sort(key=lambda one: place_of(one.kind))
    return [one._replace(waited=_waited(session, one, now)) for one in found]


ASKING = frozenset({CardKind.HELP, CardKind.HANDOVER, CardKind.NOT_MINE})


def _waited(session: Session, need: Need, now: datetime) -> int:
    if need.turn_since is None:
        return 0
    calendar = kept_calendars(session, need.project, now.year).get(need.turn_id or 0)
    return int(working_time(calendar, need.turn_since, now).total_seconds()) if calendar is not None else 0


_CARDS = (
    sa.select(
        Card.id,
        Card.kind,
        Card.project_id,
        Card.at,
        Card.task_id,
        Card.person_id,
        Card.note,
        Card.facts,
        Person.name.label("person"),
        Person.paused_until,
        Task.number,
        Task.title,
        Task.turn_id,
        Task.turn_since,
        Task.nudges,
        Task.waiting_agreed,
        Task.waiting_kind,
        TURN.name.label("turn"),
        TURN_PARTY.name.label("turn_party"),
        sa.func.coalesce(AWAITED.name, AWAITED_PARTY.name, Task.waiting_note).label("awaited"),
    )
    .select_from(Card)
    .outerjoin(Person, Person.id == Card.person_id)
    .outerjoin(Task, Task.id == Card.task_id)
    .outerjoin(TURN, TURN.id == Task.turn_id)
    .outerjoin(TURN_PARTY, TURN_PARTY.id == Task.turn_party_id)
    .outerjoin(AWAITED, AWAITED.id == Task.waiting_person_id)
    .outerjoin(AWAITED_PARTY, AWAITED_PARTY.id == Task.waiting_party_id)
    .where(Card.project_id.in_(sa.bindparam("projects", expanding=True, type_=sa.Integer)), Card.settled_at.is_(None))
    .order_by(Card.at, Card.id)
)
# Counted for all of them at once: asked beside each card, SQLite walked the whole project two hundred times.
_WAITS = (
    sa.select(WAITER.waiting_task_id, sa.func.count())
    .join(Task, Task.id == WAITER.waiting_task_id)
    .where(
        WAITER.waiting_task_id.in_(sa.bindparam("tasks", expanding=True, type_=sa.Integer)),
        WAITER.project_id == Task.project_id,
        WAITER.archived_at.is_(None),
        WAITER.status.not_in(FINISHED),
    )
    .group_by(WAITER.waiting_task_id)
)


def _cards(session: Session, project_ids: Collection[int]) -> list[tuple[int | None, Need]]:
    """With the task that each is about."""
    found = columns(session, _CARDS, {"projects": list(project_ids)})
    tasks = {row.task_id for row in found if row.task_id is not None}
    waits = {task: count for part in chunks(tasks) for task, count in columns(session, _WAITS, {"tasks": part})}
    helpers = _names(session, {row.facts.get("unblocker") for row in found} - {None})
    files = _file_names(session, {upload for row in found for upload in row.facts.get("uploads", ())})
    return [
        (
            row.task_id,
            _card(row, helpers, waits.get(row.task_id, 0))._replace(
                files=tuple((one, files[one]) for one in row.facts.get("uploads", ()) if one in files)
            ),
        )
        for row in found
    ]


def _card(row: Any, helpers: Mapping[int, str], waits: int) -> Need:
    asked = row.waiting_kind is not None and not row.waiting_agreed
    about = row.task_id or row.facts.get("import_id")
    passes_to = (row.awaited or "") if asked else helpers.get(row.facts.get("unblocker"), "")
    return Need(
        row.kind,
        row.project_id,
        row.at,
        row.id,
        about,
        row.title or "",
        row.number,
        row.person_id,
        row.person or "",
        row.turn_id,
        row.turn or "",
        row.turn_party or "",
        row.turn_since,
        row.note,
        passes_to,
        waits,
        row.nudges or 0,
        row.paused_until if row.kind == CardKind.PAUSE else None,
    )


def _file_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    query = sa.select(col(Upload.id), col(Upload.name)).where(col(Upload.id).in_(ids))
    return dict(map(tuple, rows(session, query)))


def _names(session: Session, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    return dict(map(tuple, rows(session, sa.select(col(Person.id), col(Person.name)).where(col(Person.id).in_(ids)))))


def _late_deadlocks(session: Session, project_ids: Collection[int], today: date) -> list[tuple[Need, frozenset[int]]]:
    """Undecided past their day, with the tasks that they block."""
    query = (
        sa.select(
            Deadlock.id, Deadlock.project_id, Deadlock.title, Deadlock.decide_by, Person.name, Deadlock.created_at
        )
        .outerjoin(Person, Person.id == Deadlock.decider_id)
        .where(Deadlock.project_id.in_(project_ids), Deadlock.decided_at.is_(None), Deadlock.decide_by < today)
        .order_by(Deadlock.decide_by, Deadlock.id)
    )
    found = rows(session, query)
    blocked: dict[int, set[int]] = {row.id: set() for row in found}
    if blocked:
        links = sa.select(DeadlockTask.deadlock_id, DeadlockTask.task_id).where(DeadlockTask.deadlock_id.in_(blocked))
        for deadlock, task in rows(session, links):
            blocked[deadlock].add(task)
    return [
        (
            Need(
                LATE_DEADLOCK,
                row.project_id,
                row.created_at,
                object=row.id,
                title=row.title,
                person=row.name or "",
                day=row.decide_by,
            ),
            frozenset(blocked[row.id]),
        )
        for row in found
    ]


def _open_meetings(session: Session, project_ids: Collection[int], now: datetime) -> list[Need]:
    """Over by the clock, and not ended by anybody."""
    query = (
        sa.select(Meeting.id, Meeting.project_id, Meeting.title, Meeting.starts_at, Meeting.minutes)
        .where(
            Meeting.project_id.in_(project_ids),
            Meeting.state == MeetingState.PLANNED,
            Meeting.archived_at.is_(None),
            Meeting.starts_at < now,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return [
        Need(OPEN_MEETING, row.project_id, row.starts_at, object=row.id, title=row.title)
        for row in rows(session, query)
        if row.starts_at + timedelta(minutes=row.minutes) <= now
    ]


def _approvals(queues: Mapping[int, Queue]) -> list[Need]:
    """Projects whose messages wait for a look before they leave: as many as their page offers to approve."""
    return [
        Need(APPROVAL, project, one.first_held, messages=one.held)
        for project, one in sorted(queues.items())
        if one.held
    ]


def act_on_card(session: Session, actor: Actor, card_id: int, act: str, *, now: datetime) -> Card:
    """`act`: settle (seen to), take (the task is mine now), pass (the turn goes to who is asked or can help).

    What another conductor has settled meanwhile stays as it is.
    """
    card = find_card(session, actor, card_id, lock=True)
    if card.settled_at is not None:
        return card
    if act == "settle":
        settle(session, actor, card, "", now)
        return card
    task = session.get(Task, card.task_id) if card.task_id is not None else None
    if task is None or act not in ("take", "pass"):
        raise Invalid(FieldError("act", "unknown"))
    if act == "take":
        edit_task(session, actor, task.id, None, {"owner": actor.person_id, "waiting": None}, now=now)
        settle(session, actor, card, "taken", now)
        return card
    helper = card.facts.get("unblocker")
    if task.waiting_kind is not None and not task.waiting_agreed:
        pass_on(session, actor, task.id, now=now)
    elif helper is not None:
        wait = WaitInput(WaitKind.PERSON, person_id=helper, note=card.note)
        edit_task(session, actor, task.id, None, {"waiting": wait}, now=now)
    else:
        raise Invalid(FieldError("act", "unknown"))
    settle(session, actor, card, "passed_on", now)
    return card
