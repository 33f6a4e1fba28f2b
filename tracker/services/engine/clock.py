"""One round of the clock: look at what is due, queue what is to be told, put before the conductor what they must see.

Whole persons are evaluated, not single tasks: one message a day is composed of all that is due to somebody. A round
reads first, decides purely, then writes in short transactions; each write holds only if its task is still as it was
read (`next_at` is the mark: every verb's restamp moves it), so a verb that comes in between always wins. A round can
be killed anywhere and run again: what it had not written is due in the next one.
"""

import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import Database, rows
from tracker.domain.nudging.cases import NudgeAction, NudgeDecision, PersonCase
from tracker.domain.nudging.digests import Digest, compose, look_again
from tracker.domain.terms import MessageState
from tracker.services.engine.morning import tell_conductors
from tracker.services.ground.journal import ENGINE
from tracker.services.messages.queue import (
    Open,
    Put,
    Queued,
    cancel_open,
    leave_sooner,
    open_rows,
    put_digests,
    would_leave_sooner,
    would_put,
)
from tracker.services.nudging.cases import Cases, Stored, Surroundings, load_cases, surroundings
from tracker.services.nudging.escalations import hand_over, hand_over_person
from tracker.services.nudging.reach import CHANNELS, circle_of
from tracker.services.nudging.silence import speaking_projects
from tracker.services.turns.restamp import restamp
from tracker.tables import Message, MessageTask, Project, Pulse, Task

SLICE = 100
"""Persons evaluated at a time: bounds memory when everything is due at once (a first round, a changed holiday)."""
HOLD = 0.015
"""Seconds after which a batch of writes is committed: others may write too."""
INSERTS = 20
UPDATES = 200
RESTAMP_CHUNK = 50
RESTAMPED = "restamp"
"""The pulse that says when everything was last restamped."""

Write = Callable[[Session], None]


class TickReport(NamedTuple):
    """What a round did, or would do."""

    at: datetime
    evaluated: int
    queued: tuple[Queued, ...]
    cancelled: int
    escalated: int


class _Tally:
    """Counts what was really written."""

    def __init__(self) -> None:
        self.evaluated = self.cancelled = self.escalated = 0
        self.queued: list[Queued] = []


def tick(
    database: Database, now: datetime, *, dry_run: bool = False, channels: Collection[str] = CHANNELS
) -> TickReport:
    """One round. `channels`: those through which anybody can be reached at all. Sends nothing."""
    tally = _Tally()
    told: set[int] = set()
    with database.reading() as session:
        around = surroundings_if_due(session, now)
        due = [] if around is None else _due_persons(session, around, now)
    for start in range(0, len(due) if around is not None else 0, SLICE):
        assert around is not None
        persons = set(due[start : start + SLICE])
        with database.reading() as session:
            circle = circle_of(session, persons)
            cases = load_cases(session, around, circle.all, now, channels=channels, only_due=True)
            waiting = open_rows(session, circle.whole - told)
        writes = list(_plan(cases, persons, circle.whole - told, waiting, now, tally, dry_run))
        told |= circle.whole
        if not dry_run:
            _write(database, writes)
    tally.queued += tell_conductors(database, now, dry_run=dry_run, channels=channels)
    return TickReport(now, tally.evaluated, tuple(tally.queued), tally.cancelled, tally.escalated)


def surroundings_if_due(session: Session, now: datetime) -> Surroundings | None:
    """The expensive look around only if anything is due: a quiet round costs two statements."""
    if not rows(session, sa.select(col(Task.id)).where(col(Task.next_at) <= now).limit(1)) and not _stale(session):
        return None
    return surroundings(session, now)


def _due_persons(session: Session, around: Surroundings, now: datetime) -> list[int]:
    """Whose tasks are to be looked at, and whose queued message may have lost its ground."""
    due = sa.select(col(Task.turn_id)).where(
        col(Task.next_at) <= now, col(Task.turn_id).is_not(None), col(Task.project_id).in_(around.projects.keys())
    )
    return sorted({person for (person,) in rows(session, due.distinct())} | _stale(session))


def _stale(session: Session) -> set[int]:
    """Persons with a queued message one of whose tasks has changed since, or is in a project that has fallen silent:
    it would keep the place of another one."""
    query = (
        sa.select(col(Message.person_id))
        .join(MessageTask, col(MessageTask.message_id) == col(Message.id))
        .join(Task, col(Task.id) == col(MessageTask.task_id))
        .join(Project, col(Project.id) == col(Task.project_id))
        .where(
            col(Message.state).in_([MessageState.QUEUED, MessageState.HELD]),
            col(Message.unasked).is_(True),
            col(MessageTask.cancelled) == "",
            sa.or_(col(Task.updated_at) > col(Message.updated_at), sa.not_(speaking_projects())),
        )
        .distinct()
    )
    return {person for (person,) in rows(session, query)}


def _plan(
    cases: Cases,
    persons: set[int],
    readers: set[int],
    waiting: dict[int, Open],
    now: datetime,
    tally: _Tally,
    dry_run: bool,
) -> Iterator[Write]:
    """What to write for the tasks of `persons` and the messages of `readers` (a deputy may be in several slices)."""
    told: dict[int, list[tuple[Stored, NudgeDecision]]] = {}
    rests: list[tuple[Stored, datetime | None]] = []
    puts: list[Put] = []
    for stored, decision in cases.decisions(now):
        if decision.action == NudgeAction.TELL and decision.person is not None and decision.person in readers:
            told.setdefault(decision.person, []).append((stored, decision))
        if stored.case.turn not in persons:
            continue
        is_due = stored.next_at is not None and stored.next_at <= now
        tally.evaluated += is_due
        if decision.action == NudgeAction.ESCALATE:
            tally.escalated += dry_run
            yield _escalation(stored, decision, now, tally)
        elif decision.action == NudgeAction.REST and is_due and decision.next_at != stored.next_at:
            rests.append((stored, decision.next_at))
    # In one order: PostgreSQL reads in another one each time, and a dry run shall tell what a round would do.
    for person_id, lines in sorted(told.items()):
        yield from _tell(person_id, lines, cases, waiting.get(person_id), now, puts, rests)
    if dry_run:
        tally.queued += [put.wanted for put in puts]
    for person_id, row in waiting.items():
        if person_id not in told:
            tally.cancelled += dry_run
            yield _cancelling(row, now, tally)
    for start in range(0, len(puts), INSERTS):
        yield _queueing(puts[start : start + INSERTS], now, tally)
    for start in range(0, len(rests), UPDATES):
        yield _resting(rests[start : start + UPDATES])


def _tell(
    person_id: int,
    lines: list[tuple[Stored, NudgeDecision]],
    cases: Cases,
    row: Open | None,
    now: datetime,
    puts: list[Put],
    rests: list[tuple[Stored, datetime | None]],
) -> Iterator[Write]:
    person = _addressee(cases, lines[0][0], person_id)
    digest = compose(person, [decision for _stored, decision in lines], now)
    if digest is not None:
        stored_by_task = {stored.case.id: stored for stored, _decision in lines}
        put = would_put(digest, stored_by_task, cases.policies, row)
        if put is not None:
            puts.append(put)
        elif row is not None and would_leave_sooner(digest, row):
            yield _sooner(row, digest.send_after, now)
        if digest.overload:
            yield _overload(digest, stored_by_task, now)
    again = look_again(person, digest, now)
    for stored, decision in lines:
        moments = [moment for moment in (again, decision.next_at) if moment is not None]
        rests.append((stored, min(moments, default=None)))


def _queueing(puts: list[Put], now: datetime, tally: _Tally) -> Write:
    def write(session: Session) -> None:
        tally.queued += put_digests(session, ENGINE, puts, now)

    return write


def _addressee(cases: Cases, stored: Stored, person_id: int) -> PersonCase:
    """Of a task's person and their deputy the one who is told."""
    person = cases.people[stored.project_id, stored.case.turn or 0]
    return person.deputy if person.id != person_id and person.deputy is not None else person


TASKS = Task.__table__  # type: ignore[attr-defined]
SAME_TASK = (TASKS.c.id == sa.bindparam("task"), TASKS.c.episode == sa.bindparam("of_episode"))
REST_TIMED = (
    sa.update(TASKS).where(*SAME_TASK, TASKS.c.next_at == sa.bindparam("mark")).values(next_at=sa.bindparam("again"))
)
REST_UNTIMED = sa.update(TASKS).where(*SAME_TASK, TASKS.c.next_at.is_(None)).values(next_at=sa.bindparam("again"))


def _resting(rests: list[tuple[Stored, datetime | None]]) -> Write:
    """The same condition as `still`, compiled once for thousands."""
    timed = [(stored, again) for stored, again in rests if stored.next_at is not None]
    untimed = [(stored, again) for stored, again in rests if stored.next_at is None]

    def write(session: Session) -> None:
        for statement, group in ((REST_TIMED, timed), (REST_UNTIMED, untimed)):
            values = [
                {"task": stored.case.id, "of_episode": stored.episode, "again": again}
                | ({"mark": stored.next_at} if group is timed else {})
                for stored, again in group
            ]
            if values:
                session.connection().execute(statement, values)

    return write


def _escalation(stored: Stored, decision: NudgeDecision, now: datetime, tally: _Tally) -> Write:
    def write(session: Session) -> None:
        tally.escalated += hand_over(session, ENGINE, stored, decision.rule, now)

    return write


def _overload(digest: Digest, stored_by_task: dict[int, Stored], now: datetime) -> Write:
    def write(session: Session) -> None:
        hand_over_person(session, ENGINE, digest, stored_by_task, now)

    return write


def _sooner(row: Open, at: datetime, now: datetime) -> Write:
    return lambda session: leave_sooner(session, row, at, now)


def _cancelling(row: Open, now: datetime, tally: _Tally) -> Write:
    def write(session: Session) -> None:
        tally.cancelled += cancel_open(session, ENGINE, row, "nothing_due", now)

    return write


def _write(database: Database, writes: list[Write]) -> None:
    """In transactions of about HOLD seconds."""
    position = 0
    while position < len(writes):
        with database.writing() as session:
            until = time.monotonic() + HOLD
            while position < len(writes):
                writes[position](session)
                position += 1
                if time.monotonic() >= until:
                    break
        # SQLite's lock is no queue: without a breath the next batch would be quicker than everybody who waits.
        time.sleep(0.001)


def restamp_everything(database: Database, now: datetime, alive: Callable[[], None] = lambda: None) -> int:
    """Every open task afresh: a holiday, an absence or a year has come under them without anybody touching them.

    It may last for minutes: `alive` is called after each part of it.
    """
    with database.reading() as session:
        open_ones = sa.select(col(Task.id)).where(col(Task.turn_id).is_not(None)).order_by(col(Task.id))
        ids = [task_id for (task_id,) in rows(session, open_ones)]
    for start in range(0, len(ids), RESTAMP_CHUNK):
        with database.writing() as session:
            restamp(session, ids[start : start + RESTAMP_CHUNK], now, mend=True)
        alive()
        time.sleep(0.001)
    return len(ids)


def restamped_at(session: Session) -> datetime | None:
    """When everything was last restamped; once a day is enough."""
    pulse = session.get(Pulse, RESTAMPED)
    return None if pulse is None else pulse.at
