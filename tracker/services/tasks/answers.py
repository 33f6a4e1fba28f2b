"""The one set of answers, the same on the card, the private page and in mail.

Done, in progress, a date, help, not mine, later. With `actor.behalf_id` they are noted by the conductor «со слов», and
count as that person's own.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlmodel import Session

from tracker.domain.errors import FieldError, Invalid, Refused
from tracker.domain.permissions import may_answer, require
from tracker.domain.terms import FINISHED, AnswerKind, CardKind, Status, WaitKind
from tracker.domain.turns.progress import done_leads_to
from tracker.domain.turns.snoozing import DAYS_IN_ALL, is_restless, may_snooze, snooze_cost
from tracker.domain.worktime import Calendar, local_day
from tracker.services.access.loading import SeenTask, conductors_of, seen_again
from tracker.services.access.standing_in import answering
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.belonging import member_problem
from tracker.services.ground.journal import Actor, record
from tracker.services.tasks.acts import Act, held, mark_progress, touch
from tracker.services.tasks.cards import open_card
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import claim_of, edit_task
from tracker.services.tasks.fields import TEXT_LIMIT, WaitInput
from tracker.services.tasks.waiting import is_awaited, pass_back, waiting_of
from tracker.services.turns.restamp import facts_now, restamp_one
from tracker.services.turns.stretches import project_calendars
from tracker.tables import Task

FURTHEST = 366
"""Days ahead that somebody may name: later ones are a slip of the hand."""

Outcome = Literal["done", "review", "passed_back", "evidence_needed", "noted", "nothing_new", "snooze_cap"]


class Given(NamedTuple):
    """What somebody answers. `day`: of the promise, or until when it can wait; `note`: what is missing, or why it is
    not theirs; `unblocker`: the person who can help."""

    kind: AnswerKind
    day: date | None = None
    note: str = ""
    unblocker: int | None = None


class Answered(NamedTuple):
    """What became of an answer, and the task as who answered sees it now: perhaps not at all any more."""

    outcome: Outcome
    seen: SeenTask

    @property
    def task(self) -> Task:
        return self.seen.task


def give(session: Session, actor: Actor, task: int | SeenTask, given: Given, *, now: datetime) -> Answered:
    """Done: passes the turn back where the mover was awaited; else it is done, or in review where it must be shown.
    In progress: an act of progress even where the status says so already. Promise: the date that the person of the turn
    names; not in the past, not more than a year ahead. Help, not mine: reach the conductor at once, who has the turn
    now. Later: quiet until that day, and no act of progress; after three in a row a date or a call is offered instead.
    """
    act = _open(session, actor, task, now)
    return _answer(act, ANSWERS[given.kind](act, given))


def wait_on(session: Session, actor: Actor, task: int | SeenTask, waiting: WaitInput, *, now: datetime) -> Answered:
    """«Ждём…»: within the own party the turn moves at once, across parties after the conductor's tap."""
    act = _open(session, actor, task, now)
    if act.task.status in FINISHED:
        return _answer(act, "nothing_new")
    if waiting == waiting_of(act.task):
        # «Всё ещё ждём» is an answer: without it they would be asked the same again tomorrow.
        _note(act, "task.wait_confirmed")
    else:
        _edit(act, waiting=waiting)
    return _answer(act, "noted")


def _open(session: Session, actor: Actor, task: int | SeenTask, now: datetime) -> Act:
    """The task, and as whom it is answered: a deputy answers for the person of the turn."""
    seen = held(session, actor, task)
    require(may_answer(seen.standing, seen.people), "answer")
    actor = answering(actor, seen.standing, seen.people)
    require_voice(session, actor, seen.standing)
    if seen.task.archived_at is not None:
        raise Refused("archived", [])
    return Act(session, actor, seen, now)


def _answer(act: Act, outcome: Outcome) -> Answered:
    return Answered(outcome, seen_again(act.session, act.seen))


def _done(act: Act, _given: Given) -> Outcome:
    task = act.task
    if task.status in FINISHED:
        return "nothing_new"
    if is_awaited(act.session, task, act.actor.mover_id):
        pass_back(act)
        return "passed_back"
    leads_to = done_leads_to(claim_of(act, task.asks_evidence)._replace(own_check=True))
    if leads_to == "evidence_needed":
        _note(act, "task.claimed")
        return "evidence_needed"
    if leads_to == task.status:
        return "nothing_new"
    _edit(act, status=str(leads_to))
    return "done" if task.status == Status.DONE else "review"


def _in_progress(act: Act, _given: Given) -> Outcome:
    if act.task.status in FINISHED:
        return "nothing_new"
    if act.task.status in (Status.DRAFT, Status.OPEN):
        _edit(act, status=str(Status.IN_PROGRESS))
    else:
        _note(act, "task.confirmed_in_progress")
    return "noted"


def _promise(act: Act, given: Given) -> Outcome:
    task, on = act.task, _day_of(given, "promised_on")
    if task.status in FINISHED:
        return "nothing_new"
    _require_near(on, local_day(_calendar(act), act.now), "promised_on")
    if task.promised_on == on:
        _note(act, "task.promise_confirmed")
        return "noted"
    _edit(act, promised_on=on)
    if is_restless(task.promise_moves):
        _put_before_conductor(act, CardKind.PROMISE_MOVES, moves=task.promise_moves)
    return "noted"


def _help(act: Act, given: Given) -> Outcome:
    return _to_conductor(act, CardKind.HELP, given)


def _not_mine(act: Act, given: Given) -> Outcome:
    return _to_conductor(act, CardKind.NOT_MINE, given._replace(unblocker=None))


def _to_conductor(act: Act, kind: CardKind, given: Given) -> Outcome:
    session, task = act.session, act.task
    errors: list[FieldError] = []
    note = fields.long_text(errors, "note", given.note, limit=TEXT_LIMIT)
    fields.refuse(errors)
    if task.status in FINISHED:
        if note:
            # Nobody has to help any more, but what was written is not dropped.
            add_comment(session, act.actor, act.seen, note, now=act.now)
        return "nothing_new"
    if problem := member_problem(session, task.project_id, given.unblocker, "unblocker"):
        raise Invalid(problem)
    conductors = conductors_of(session, task.project_id)
    if conductors and act.actor.mover_id not in conductors:
        _edit(act, waiting=WaitInput(WaitKind.PERSON, person_id=conductors[0], note=note))
    if kind == CardKind.HELP:
        task.help_at, task.help_note = act.now, note
    asked = "task.help_asked" if kind == CardKind.HELP else "task.not_mine"
    record(session, act.actor, asked, task, now=act.now, note=note or None, unblocker=given.unblocker)
    _put_before_conductor(act, kind, note, unblocker=given.unblocker)
    return "noted"


def _later(act: Act, given: Given) -> Outcome:
    task, until = act.task, _day_of(given, "until")
    if task.status in FINISHED:
        return "nothing_new"
    calendar = _calendar(act)
    today = local_day(calendar, act.now)
    if until == today:
        raise Invalid(FieldError("until", "date_in_past"))
    _require_near(until, today, "until")
    cost = snooze_cost(calendar, until, act.now)
    if cost > DAYS_IN_ALL:
        # Longer than all of them may be: that is a day to name («К дате…»), not to be left alone until.
        raise Invalid(FieldError("until", "date_out_of_range"))
    if not may_snooze(task.snoozes, task.snoozed_days):
        _put_before_conductor(act, CardKind.SNOOZE_CAP)
        # An outcome and no refusal: a refusal would roll the conductor's card back.
        return "snooze_cap"
    before = facts_now(act.session, task)
    task.snoozed_until = until
    task.snoozes += 1
    task.snoozed_days += cost
    touch(act, "task.snoozed", until=until)
    restamp_one(act.session, task, before, act.now)
    return "noted"


ANSWERS: Mapping[AnswerKind, Callable[[Act, Given], Outcome]] = {
    AnswerKind.DONE: _done,
    AnswerKind.IN_PROGRESS: _in_progress,
    AnswerKind.PROMISE: _promise,
    AnswerKind.HELP: _help,
    AnswerKind.NOT_MINE: _not_mine,
    AnswerKind.LATER: _later,
}


def _edit(act: Act, **changes: Any) -> None:
    edit_task(act.session, act.actor, act.seen, None, changes, now=act.now, accepted=("own_check",))


def _note(act: Act, kind: str) -> None:
    """An answer that changes no field, but counts as an act of progress of the person of the turn."""
    before = facts_now(act.session, act.task)
    if act.is_the_turns:
        mark_progress(act)
    touch(act, kind)
    restamp_one(act.session, act.task, before, act.now)


def _put_before_conductor(act: Act, kind: CardKind, note: str = "", **facts: Any) -> None:
    open_card(
        act.session,
        act.actor,
        act.task.project_id,
        kind,
        now=act.now,
        task_id=act.task.id,
        person_id=act.actor.mover_id,
        note=note,
        **facts,
    )


def _day_of(given: Given, field: str) -> date:
    if given.day is None:
        raise Invalid(FieldError(field, "required"))
    return given.day


def _require_near(day: date, today: date, field: str) -> None:
    if day < today:
        raise Invalid(FieldError(field, "date_in_past"))
    if (day - today).days > FURTHEST:
        raise Invalid(FieldError(field, "date_out_of_range"))


def _calendar(act: Act) -> Calendar:
    """Of the person who answers."""
    person_id = act.actor.mover_id or act.task.turn_id
    if person_id is None:
        raise Invalid(FieldError("behalf", "required"))
    return project_calendars(act.session, act.task.project_id, {person_id}, act.now)[person_id]
