"""«Напомнить сейчас»: the conductor asks for a reminder, and is told when it goes out.

It is the person's message of that day, or goes inside it; their hours, absences and channel hold as always, and
delivery asks once more (`policy.decide` knows of it by `reminder_at`). Only that it is early does not stop it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session

from tracker.domain.errors import Refused
from tracker.domain.nudging.cases import REMINDER, NudgeAction, NudgeDecision, PersonCase
from tracker.domain.nudging.digests import Digest, compose, digest_slot
from tracker.domain.nudging.policy import decide, reminder_waits
from tracker.domain.nudging.reminders import was_reminded_today
from tracker.domain.permissions import require_conductor
from tracker.domain.terms import FINISHED, MessageState
from tracker.services.access.loading import find_task
from tracker.services.ground.journal import ENGINE, Actor, record
from tracker.services.messages.handling import approve_message
from tracker.services.messages.queue import open_rows, put_digests, would_put
from tracker.services.nudging.cases import Cases, Stored, load_cases, surroundings
from tracker.services.nudging.escalations import hand_over
from tracker.services.nudging.reach import circle_of
from tracker.services.nudging.silence import silence_of
from tracker.services.turns.restamp import restamp
from tracker.tables import Message, Person, Project, Task

HANDED_OVER = frozenset({"silence", "date_near", "decide_by", "away"})
"""Rules by which the clock's next round would put the task before the conductor."""


class Reminder(NamedTuple):
    """When it goes out, and to whom. `message`: in which one, if it stands in one already; `held`: that one waits for
    approval. `again`: it was asked for already, and nothing was changed."""

    person: str
    timezone: str
    at: datetime
    message: int | None = None
    held: bool = False
    again: bool = False


def nudge_now(session: Session, actor: Actor, task_id: int, *, now: datetime) -> Reminder:
    """Remind whom the task stands with. Asked again before it went out, it says again when it goes.

    Refused with the stop that holds as code: finished, archived, draft, nobodys_turn, conductors_own, blocked, muted,
    snoozed, promised, not_invited, opted_out, paused, channel_dead, no_slot, messages_off, project_paused,
    reminded_today.
    """
    seen = find_task(session, actor, task_id, lock=True)
    require_conductor(seen.standing)
    task = seen.task
    _require_alive(session, task)
    cases = _cases_round(session, task.turn_id or 0, now)
    stored = next((one for one in cases.tasks if one.case.id == task.id), None)
    if stored is None:
        raise Refused("draft", [])
    again = reminder_waits(stored.case)
    if not again:
        _require_possible(session, cases, stored, now)
        session.refresh(task)
        task.reminder_at = now
        session.add(task)
        record(session, actor, "task.reminder_asked", task, now=now)
        restamp(session, [task.id], now)
        session.flush()
        cases = _cases_round(session, task.turn_id or 0, now)
    return _going(session, actor, task, cases, now)._replace(again=again)


def _require_alive(session: Session, task: Task) -> None:
    """Stops with which nothing of the task is loaded that the policy could be asked of."""
    project = session.get_one(Project, task.project_id)
    silence = silence_of(project)
    stops = (
        (task.status in FINISHED, "finished"),
        (task.archived_at is not None, "archived"),
        (silence != "", silence),
        (task.turn_id is None, "nobodys_turn"),
    )
    code = next((code for holds, code in stops if holds), "")
    if code:
        raise Refused(code, [])


def _cases_round(session: Session, person_id: int, now: datetime) -> Cases:
    return load_cases(session, surroundings(session, now), circle_of(session, [person_id]).all, now)


def _decide(cases: Cases, stored: Stored, now: datetime) -> tuple[PersonCase, NudgeDecision]:
    """With who would be told."""
    turns = cases.people[stored.project_id, stored.case.turn or 0]
    decision = decide(stored.case, turns, cases.policies[stored.project_id], now)
    reader = turns.deputy if turns.deputy is not None and decision.person == turns.deputy.id else turns
    return reader, decision


def _require_possible(session: Session, cases: Cases, stored: Stored, now: datetime) -> None:
    """Asks the policy itself what it would say of it."""
    wanted = stored._replace(case=stored.case._replace(reminder_at=now))
    reader, decision = _decide(cases, wanted, now)
    if decision.action == NudgeAction.ESCALATE and decision.rule in HANDED_OVER:
        # What the next round does anyway: asking does not take the task off the conductor's podium.
        hand_over(session, ENGINE, stored, decision.rule, now)
        wanted = wanted._replace(case=wanted.case._replace(escalated_at=now))
        reader, decision = _decide(cases, wanted, now)
    if decision.action == NudgeAction.TELL and decision.rule != REMINDER:
        raise Refused("promised", [])  # what is due of a task on its eve is the word that a day was named
    if decision.action != NudgeAction.TELL and decision.rule != "absent":
        raise Refused(decision.rule, [])
    if was_reminded_today(stored.case, reader.calendar, now):
        raise Refused("reminded_today", [])


def _going(session: Session, actor: Actor, task: Task, cases: Cases, now: datetime) -> Reminder:
    """Put it into the person's next message at once, so that it can be read, and say when that leaves."""
    stored = {one.case.id: one for one in cases.tasks}
    reader, decision = _decide(cases, stored[task.id], now)
    person = session.get_one(Person, reader.id)
    if decision.action != NudgeAction.TELL:
        # They are away and nobody stands in: the clock takes it up when they are back.
        back = decision.next_at or now
        return Reminder(person.name, person.timezone, digest_slot(reader, back) or back)
    lines = [one for _stored, one in cases.decisions(now) if one.person == reader.id]
    row = open_rows(session, [reader.id]).get(reader.id)
    if row is not None and row.fixed:
        # Its words were approved as they stand: this goes on the day after.
        digest = _naming(task.id, _without(reader, row.local_day), lines, now)
        return Reminder(person.name, person.timezone, digest.send_after)
    first = compose(reader, lines, now)
    digest = _naming(task.id, reader, lines, now)
    if first is None or first != digest:
        return Reminder(person.name, person.timezone, digest.send_after)
    put = would_put(digest, stored, cases.policies, row)
    written = put_digests(session, actor, [put], now) if put is not None else []
    message_id = written[0].id if written else row.id if row is not None else None
    if message_id is None:
        # The day is spent by news of another kind that came in between.
        digest = _naming(task.id, _without(reader, digest.day), lines, now)
        return Reminder(person.name, person.timezone, digest.send_after)
    message = session.get_one(Message, message_id)
    if message.state == MessageState.HELD and _asks_only_this(digest, stored, task.project_id):
        # Nothing is in it but what the conductor has just asked for: a second yes would be form for form's sake.
        approve_message(session, actor, message_id, now=now)
    held = message.state == MessageState.HELD
    return Reminder(person.name, person.timezone, max(message.send_after, now), message_id, held)


def _without(person: PersonCase, day: date) -> PersonCase:
    return person._replace(told_days=person.told_days | {day})


def _naming(task_id: int, person: PersonCase, lines: Iterable[NudgeDecision], now: datetime) -> Digest:
    """The digest that names the task: the first, or a later one if more was asked for than one message names."""
    while True:
        digest = compose(person, lines, now)
        if digest is None:
            raise Refused("no_slot", [])
        if any(line.task == task_id for line in digest.lines):
            return digest
        person, lines = _without(person, digest.day), digest.rest


def _asks_only_this(digest: Digest, stored: dict[int, Stored], project_id: int) -> bool:
    return all(line.rule == REMINDER and stored[line.task].project_id == project_id for line in digest.lines)
