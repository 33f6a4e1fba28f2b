"""The one set of answers, the same on the card, the private page and in mail.

Done, in progress, a date, help, not mine, later. With `actor.behalf_id` they are noted by the conductor «со слов», and
count as that person's own.
"""

from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlmodel import Session

from tracker.domain.errors import FieldError, Invalid, Refused
from tracker.domain.permissions import may_answer, require
from tracker.domain.terms import FINISHED, CardKind, Status, WaitKind
from tracker.domain.turns.progress import done_leads_to
from tracker.domain.turns.snoozing import DAYS_IN_ALL, is_restless, may_snooze, snooze_cost
from tracker.domain.worktime import local_day
from tracker.services.access.loading import conductors_of, find_task
from tracker.services.access.standing_in import answering
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.belonging import member_problem
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.working_calendars import calendar_of
from tracker.services.tasks.cards import open_card
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import edit_task, has_evidence, mark_progress
from tracker.services.tasks.fields import TEXT_LIMIT, WaitInput
from tracker.services.tasks.waiting import clear_waiting, is_awaited, plain_waiting, waiting_of
from tracker.services.turns.restamp import restamp
from tracker.tables import Project, Task

FURTHEST = 366
"""Days ahead that somebody may name: later ones are a slip of the hand."""

Outcome = Literal["done", "review", "passed_back", "evidence_needed", "noted", "nothing_new", "snooze_cap"]


class Answer(NamedTuple):
    """What became of an answer, and the task as it stands now."""

    outcome: Outcome
    task: Task


def _open_task(session: Session, actor: Actor, task_id: int) -> tuple[Task, Actor]:
    """The task, and as whom it is answered: a deputy answers for the person of the turn."""
    seen = find_task(session, actor, task_id, lock=True)
    require(may_answer(seen.standing, seen.people), "answer")
    actor = answering(actor, seen.standing, seen.people)
    require_voice(session, actor, seen.standing)
    if seen.task.archived_at is not None:
        raise Refused("archived", [])
    return seen.task, actor


def done(session: Session, actor: Actor, task_id: int, *, now: datetime) -> Answer:
    """«Готово»: passes the turn back where the mover was awaited; else done, or review where it must be shown."""
    task, actor = _open_task(session, actor, task_id)
    if task.status in FINISHED:
        return Answer("nothing_new", task)
    if is_awaited(session, task, actor.mover_id):
        pass_back(session, actor, task, now)
        return Answer("passed_back", task)
    leads_to = done_leads_to(
        asks_evidence=task.asks_evidence, has_evidence=has_evidence(session, task.id), checker=task.checker_id,
        owner=task.owner_id, mover=actor.mover_id, runs=False, own_check_accepted=True,
    )  # fmt: skip
    if leads_to == "evidence_needed":
        _note(session, actor, task, "task.claimed", now)
        return Answer("evidence_needed", task)
    if leads_to == task.status:
        return Answer("nothing_new", task)
    task = edit_task(session, actor, task_id, None, {"status": str(leads_to)}, now=now, accepted=("own_check",))
    return Answer("done" if task.status == Status.DONE else "review", task)


def in_progress(session: Session, actor: Actor, task_id: int, *, now: datetime) -> Answer:
    """«В работе»: an act of progress even where the status says so already."""
    task, actor = _open_task(session, actor, task_id)
    if task.status in FINISHED:
        return Answer("nothing_new", task)
    if task.status in (Status.DRAFT, Status.OPEN):
        task = edit_task(session, actor, task_id, None, {"status": Status.IN_PROGRESS}, now=now)
    else:
        _note(session, actor, task, "task.confirmed_in_progress", now)
    return Answer("noted", task)


def promise(session: Session, actor: Actor, task_id: int, on: date, *, now: datetime) -> Answer:
    """«К дате…»: the date that the person of the turn names; not in the past, not more than a year ahead."""
    task, actor = _open_task(session, actor, task_id)
    if task.status in FINISHED:
        return Answer("nothing_new", task)
    today = _today(session, actor, task, now)
    if on < today:
        raise Invalid(FieldError("promised_on", "date_in_past"))
    if (on - today).days > FURTHEST:
        raise Invalid(FieldError("promised_on", "date_out_of_range"))
    if task.promised_on == on:
        _note(session, actor, task, "task.promise_confirmed", now)
        return Answer("noted", task)
    task = edit_task(session, actor, task_id, None, {"promised_on": on}, now=now)
    if is_restless(task.promise_moves):
        open_card(
            session, actor, task.project_id, CardKind.PROMISE_MOVES, now=now, task_id=task.id,
            person_id=actor.mover_id, moves=task.promise_moves,
        )  # fmt: skip
    return Answer("noted", task)


def need_help(
    session: Session, actor: Actor, task_id: int, note: str, unblocker_id: int | None = None, *, now: datetime
) -> Answer:
    """«Нужна помощь»: what is missing and who can unblock; reaches the conductor at once, who has the turn now."""
    return _to_conductor(session, actor, task_id, CardKind.HELP, note, unblocker_id, now)


def not_mine(session: Session, actor: Actor, task_id: int, reason: str = "", *, now: datetime) -> Answer:
    """«Не ко мне»: the conductor takes it from here."""
    return _to_conductor(session, actor, task_id, CardKind.NOT_MINE, reason, None, now)


def _to_conductor(
    session: Session, actor: Actor, task_id: int, kind: CardKind, note: str, unblocker_id: int | None, now: datetime
) -> Answer:
    sender = actor
    task, actor = _open_task(session, actor, task_id)
    errors: list[FieldError] = []
    note = fields.long_text(errors, "note", note, limit=TEXT_LIMIT)
    fields.refuse(errors)
    if task.status in FINISHED:
        if note:
            # Nobody has to help any more, but what was written is not dropped.
            add_comment(session, sender, task_id, note, now=now)
        return Answer("nothing_new", task)
    if problem := member_problem(session, task.project_id, unblocker_id, "unblocker"):
        raise Invalid(problem)
    conductors = conductors_of(session, task.project_id)
    if conductors and actor.mover_id not in conductors:
        edit_task(
            session, actor, task_id, None,
            {"waiting": WaitInput(WaitKind.PERSON, person_id=conductors[0], note=note)}, now=now,
        )  # fmt: skip
    if kind == CardKind.HELP:
        task.help_at, task.help_note = now, note
        session.add(task)
    record(
        session,
        actor,
        "task.help_asked" if kind == CardKind.HELP else "task.not_mine",
        task,
        now=now,
        note=note or None,
        unblocker=unblocker_id,
    )
    open_card(
        session, actor, task.project_id, kind, now=now, task_id=task.id, person_id=actor.mover_id, note=note,
        unblocker=unblocker_id,
    )  # fmt: skip
    return Answer("noted", task)


def later(session: Session, actor: Actor, task_id: int, until: date, *, now: datetime) -> Answer:
    """«Позже»: quiet until that day. No act of progress; after three in a row a date or a call is offered instead."""
    task, actor = _open_task(session, actor, task_id)
    if task.status in FINISHED:
        return Answer("nothing_new", task)
    today = _today(session, actor, task, now)
    if until <= today:
        raise Invalid(FieldError("until", "date_in_past"))
    if (until - today).days > FURTHEST:
        raise Invalid(FieldError("until", "date_out_of_range"))
    project = session.get_one(Project, task.project_id)
    calendar = calendar_of(session, project, actor.mover_id or task.turn_id or 0, now.year)
    cost = snooze_cost(calendar, until, now)
    if cost > DAYS_IN_ALL:
        # Longer than all of them may be: that is a day to name («К дате…»), not to be left alone until.
        raise Invalid(FieldError("until", "date_out_of_range"))
    if not may_snooze(task.snoozes, task.snoozed_days):
        open_card(
            session, actor, task.project_id, CardKind.SNOOZE_CAP, now=now, task_id=task.id, person_id=actor.mover_id
        )
        # An outcome and no refusal: a refusal would roll the conductor's card back.
        return Answer("snooze_cap", task)
    task.snoozed_until = until
    task.snoozes += 1
    task.snoozed_days += cost
    _touch(session, actor, task, "task.snoozed", now, until=until)
    restamp(session, [task.id], now)
    return Answer("noted", task)


def wait_on(session: Session, actor: Actor, task_id: int, waiting: WaitInput, *, now: datetime) -> Answer:
    """«Ждём…»: within the own party the turn moves at once, across parties after the conductor's tap."""
    task, actor = _open_task(session, actor, task_id)
    if task.status in FINISHED:
        return Answer("nothing_new", task)
    if waiting == waiting_of(task):
        # «Всё ещё ждём» is an answer: without it they would be asked the same again tomorrow.
        _note(session, actor, task, "task.wait_confirmed", now)
        return Answer("noted", task)
    return Answer("noted", edit_task(session, actor, task_id, None, {"waiting": waiting}, now=now))


def pass_back(session: Session, actor: Actor, task: Task, now: datetime) -> None:
    """The awaited side has acted: the wait ends by itself, and who waited has the turn again."""
    ended = waiting_of(task)
    if actor.mover_id is not None:
        mark_progress(session, task, actor.mover_id, now)
    clear_waiting(task)
    task.help_at, task.help_note = None, ""
    _touch(session, actor, task, "task.passed_back", now, waiting=plain_waiting(ended))
    restamp(session, [task.id], now)


def _note(session: Session, actor: Actor, task: Task, kind: str, now: datetime) -> None:
    """An answer that changes no field, but counts as an act of progress of the person of the turn."""
    if actor.mover_id is not None and actor.mover_id == task.turn_id:
        mark_progress(session, task, actor.mover_id, now)
    _touch(session, actor, task, kind, now)
    restamp(session, [task.id], now)


def _touch(session: Session, actor: Actor, task: Task, kind: str, now: datetime, **facts: Any) -> None:
    task.version += 1
    task.updated_at = now
    session.add(task)
    record(session, actor, kind, task, now=now, version=task.version, **facts)


def _today(session: Session, actor: Actor, task: Task, now: datetime) -> date:
    """The local date of the person who answers."""
    project = session.get_one(Project, task.project_id)
    person_id = actor.mover_id or task.turn_id
    if person_id is None:
        raise Invalid(FieldError("behalf", "required"))
    return local_day(calendar_of(session, project, person_id, now.year), now)
