"""The one writer of stored moments: turn, `stalls_at`, `next_at`, and the stretches of the wait ledger.

Every verb ends by restamping what it touched; the clock restamps everything once a day (holidays and absences move
under a task without anybody touching it). Rules decide (`domain.turns`); this only carries.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col, select

from tracker.db import chunks, columns, rows
from tracker.domain.deadlocks import Blocked, deciders_of
from tracker.domain.permissions import may_be_deputy
from tracker.domain.terms import FINISHED, Role, WaitKind
from tracker.domain.turns.stalling import Gaps, StallFacts, stalls_at
from tracker.domain.turns.turns import Turn, TurnFacts, WaitingOn, looks_the_same, turn_of
from tracker.domain.worktime import Calendar, covered
from tracker.services.access.loading import conductors_of
from tracker.services.ground.kept import moves_structure, while_structure_stands
from tracker.services.turns.stretches import (
    ANSWERED,
    EndedStretch,
    end_stretches,
    keep_ledger,
    open_stretches,
    project_calendars,
)
from tracker.tables import Deadlock, DeadlockTask, Membership, Party, Person, Project, Stretch, Task

TOGETHER = "restamp together"


class RuleWorld(NamedTuple):
    """What a project's rules need besides the tasks themselves."""

    gaps: Gaps
    leads: Mapping[int, int | None]
    parties: Mapping[int, int | None]
    """Person -> party in this project."""
    conductor: int | None
    deputies: frozenset[int]
    """Persons who have a deputy in this project: one from outside, or who only looks on, can't stand in here."""
    deciders: Mapping[int, int | None]
    """Task -> who decides what blocks it (`domain.deadlocks`)."""


def restamp(
    session: Session, task_ids: Iterable[int], now: datetime, *, quiet: bool = False, mend: bool = False
) -> None:
    """Recompute these tasks and all that wait on them, in any project.

    `quiet`: turns that come to somebody by this are not announced (imports and bulk edits). `mend`: the ledger is
    compared row by row, although it can only be wrong where the turn has moved.
    """
    asked = set(task_ids)
    if _later(session, asked):
        return
    _flush_what_is_asked_for(session, asked)
    with session.no_autoflush:
        _restamp_all(session, _with_waiters(session, asked), now, quiet=quiet, mend=mend)


def restamp_one(session: Session, task: Task, before: TurnFacts, now: datetime, *, quiet: bool = False) -> None:
    """The same for the one task that a verb has changed: see `restamp_changed`."""
    restamp_changed(session, [(task, before)], now, quiet=quiet)


def restamp_changed(
    session: Session, changed: Iterable[tuple[Task, TurnFacts]], now: datetime, *, quiet: bool = False
) -> None:
    """Each task with its facts as `facts_now` gave them before the change: those who wait on it are looked up only
    where it looks different to them."""
    facts = {task.id: (task, before) for task, before in changed}
    if _later(session, set(facts)):
        return
    _flush_what_is_asked_for(session, set(facts))
    with session.no_autoflush:
        other = {one for one, (task, before) in facts.items() if not looks_the_same(before, facts_now(session, task))}
        _restamp_all(session, facts.keys() | _with_waiters(session, other), now, quiet=quiet)


def facts_now(session: Session, task: Task) -> TurnFacts:
    return facts_of(task, world_of(session, task.project_id))


def _later(session: Session, task_ids: set[int]) -> bool:
    """Whether they are restamped together with others, at the end."""
    later: set[int] | None = session.info.get(TOGETHER)
    if later is not None:
        later.update(task_ids)
    return later is not None


def _restamp_all(session: Session, task_ids: set[int], now: datetime, *, quiet: bool, mend: bool = False) -> None:
    by_project: dict[int, list[Task]] = {}
    for task in load_tasks(session, task_ids):
        by_project.setdefault(task.project_id, []).append(task)
    for project_id, tasks in by_project.items():
        _restamp_project(session, project_id, tasks, now, quiet=quiet, mend=mend)


def _flush_what_is_asked_for(session: Session, task_ids: set[int]) -> None:
    """Other tasks, stretches and the structure are asked of the database; what else is unwritten stays so, and these
    tasks, which the session holds, are written once, with their new moments."""
    unwritten = [*session.new, *session.deleted, *session.dirty]
    asked_for = (isinstance(one, Stretch) or (isinstance(one, Task) and one.id not in task_ids) for one in unwritten)
    if any(asked_for) or moves_structure(session):
        session.flush()


@contextmanager
def restamped_together(session: Session, now: datetime, *, quiet: bool = False) -> Iterator[None]:
    """Many verbs, one restamping at the end: an import's rows cost half. They must not depend on each other's turns."""
    later: set[int] = set()
    session.info[TOGETHER] = later
    try:
        yield
    finally:
        del session.info[TOGETHER]
    restamp(session, later, now, quiet=quiet)


def restamp_project(session: Session, project_id: int, now: datetime) -> None:
    """After something that all of a project may depend on: a lead, a conductor, hours, holidays, settings."""
    session.flush()
    ids = session.exec(
        select(Task.id).where(
            Task.project_id == project_id, col(Task.archived_at).is_(None), col(Task.status).not_in(FINISHED)
        )
    ).all()
    _restamp_project(session, project_id, list(load_tasks(session, ids)), now, mend=True)


def load_tasks(session: Session, ids: Collection[int]) -> Iterator[Task]:
    """These rows; one that the session holds already (the verb's own, locked) is not read again."""
    held = [session.identity_map.get(identity_key(Task, one)) for one in sorted(ids)]
    yield from (task for task in held if isinstance(task, Task))
    for part in chunks(one for one, task in zip(sorted(ids), held, strict=True) if task is None):
        yield from session.exec(_TASKS, params={"ids": part})


_TASKS = select(Task).where(col(Task.id).in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)))


def _with_waiters(session: Session, ids: set[int]) -> set[int]:
    """The tasks and, step by step, those that wait on them."""
    found, front = set(ids), set(ids)
    while front:
        waiting: set[int] = set()
        for part in chunks(front):
            waiting |= {one for (one,) in _waiters(session, part)}
        front = waiting - found
        found |= front
    return found


def _waiters(session: Session, ids: list[int]) -> Sequence[Any]:
    """For one id, as nearly every edit has it, without a list: that costs a third more."""
    return (
        columns(session, _WAITERS_OF_ONE, {"id": ids[0]}) if len(ids) == 1 else columns(session, _WAITERS, {"ids": ids})
    )


_WAITERS_OF_ONE = sa.select(Task.id).where(Task.waiting_task_id == sa.bindparam("id", type_=sa.Integer))
_WAITERS = sa.select(Task.id).where(Task.waiting_task_id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)))


def world_of(session: Session, project_id: int) -> RuleWorld:
    """Kept while the structure stands still: values only, since it outlives the session."""
    return while_structure_stands(session, project_id, "world", lambda: _read_world(session, project_id))


def _read_world(session: Session, project_id: int) -> RuleWorld:
    project = session.get_one(Project, project_id)
    leads = dict(session.exec(select(Party.id, Party.lead_id).where(Party.project_id == project_id)).all())
    members = rows(
        session,
        sa.select(Membership.person_id, Membership.party_id, Membership.role, Membership.archived_at, Person.deputy_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.project_id == project_id)
        .order_by(Membership.id),
    )
    for person_id, party_id, role, archived_at, _deputy in members:
        # A party without a named lead is spoken for by its member with the role of lead.
        if role == Role.LEAD and archived_at is None and party_id is not None and leads.get(party_id) is None:
            leads[party_id] = person_id
    conductor = next(iter(conductors_of(session, project_id)), None)
    here = {person_id for person_id, _, role, archived_at, _ in members if archived_at is None and may_be_deputy(role)}
    return RuleWorld(
        gaps=Gaps(normal=project.stall_days),
        leads=leads,
        parties={person_id: party_id for person_id, party_id, *_ in members},
        conductor=conductor,
        deputies=frozenset(person_id for person_id, _, _, _, deputy in members if deputy in here),
        deciders=deciders_of((Blocked(*row) for row in columns(session, _BLOCKED, {"project": project_id})), conductor),
    )


_BLOCKED = (
    sa.select(Deadlock.id, DeadlockTask.task_id, Deadlock.decider_id)
    .join(Deadlock, Deadlock.id == DeadlockTask.deadlock_id)
    .where(Deadlock.project_id == sa.bindparam("project", type_=sa.Integer), Deadlock.decided_at.is_(None))
)


def facts_of(task: Task, world: RuleWorld) -> TurnFacts:
    """The row as the turn's rule sees it."""
    waiting = None
    if task.waiting_kind is not None:
        party = task.waiting_party_id
        if task.waiting_kind == WaitKind.PERSON and task.waiting_person_id is not None:
            party = world.parties.get(task.waiting_person_id)
        waiting = WaitingOn(task.waiting_kind, task.waiting_person_id, party, task.waiting_task_id, task.waiting_agreed)
    return TurnFacts(
        task.id,
        task.status,
        task.owner_id,
        task.checker_id,
        task.party_id,
        waiting,
        task.archived_at is not None,
        world.deciders.get(task.id),
    )


def _chains(session: Session, tasks: Collection[Task]) -> dict[int, Task]:
    """The tasks and all that they wait on, to the roots."""
    known = {task.id: task for task in tasks}
    missing = {task.waiting_task_id for task in tasks if task.waiting_task_id is not None} - known.keys()
    while missing:
        found = list(load_tasks(session, [one for one in missing if one is not None]))
        known.update({task.id: task for task in found})
        missing = {task.waiting_task_id for task in found if task.waiting_task_id is not None} - known.keys()
    return known


def _restamp_project(
    session: Session, project_id: int, tasks: list[Task], now: datetime, *, quiet: bool = False, mend: bool = False
) -> None:
    if not tasks:
        return
    world = world_of(session, project_id)
    facts = {key: facts_of(task, world) for key, task in _chains(session, tasks).items()}
    turns = {task.id: turn_of(task.id, facts, world.leads, world.conductor) for task in tasks}
    persons = {turn.person for turn in turns.values()} | {task.turn_id for task in tasks}
    calendars = project_calendars(session, project_id, {one for one in persons if one is not None}, now)
    answered: set[int] = session.info.get(ANSWERED, set())
    moved = {task.id for task in tasks if mend or task.id in answered or _moves(task, turns[task.id], world)}
    stretches = open_stretches(session, sorted(moved - answered))
    ended: list[EndedStretch] = []
    for task in tasks:
        _stamp(task, turns[task.id], world, calendars, now, quiet)
        if task.id in moved and (end := keep_ledger(session, task, calendars, stretches.get(task.id), now)):
            ended.append(end)
    if ended:
        session.flush()
        end_stretches(session, ended)
    answered -= moved


def _moves(task: Task, turn: Turn, world: RuleWorld) -> bool:
    """Whether somebody else is waited for from now on: then the ledger's stretch ends, and another begins."""
    return (task.turn_id, task.turn_party_id) != (turn.person, _party_of(turn, world))


def _party_of(turn: Turn, world: RuleWorld) -> int | None:
    return world.parties.get(turn.person) if turn.person is not None else None


def _stamp(
    task: Task, turn: Turn, world: RuleWorld, calendars: Mapping[int, Calendar], now: datetime, quiet: bool
) -> None:
    if task.turn_id != turn.person or (turn.person is not None and task.turn_since is None):
        _pass_turn(task, turn.person, now)
        task.told_turn_at = now if quiet else None
    task.turn_via = turn.via
    task.turn_party_id = _party_of(turn, world)
    moment = stalling_moment(task, turn.person, calendars, world)
    if moment != task.stalls_at:
        task.stalls_at = moment
    # Everything that moved is looked at in the next round; the clock then says when to look again.
    task.next_at = now if turn.person is not None else None


def stalling_moment(
    task: Task, person: int | None, calendars: Mapping[int, Calendar], world: RuleWorld
) -> datetime | None:
    """When it stalls, if it is this person's turn. With a deputy standing in, the clock runs on through absences."""
    calendar = calendars.get(person) if person is not None else None
    if calendar is None:
        return None
    if person in world.deputies:
        calendar = covered(calendar)
    return stalls_at(_stall_facts(task), calendar, world.gaps)


def _stall_facts(task: Task) -> StallFacts:
    since = task.turn_since or task.created_at
    return StallFacts(
        status=task.status,
        turn=task.turn_id,
        turn_since=since,
        progress_at=task.progress_at,
        others_at=task.others_act_at,
        promised_on=task.promised_on,
        promised_at=task.promised_at,
        snoozed_until=task.snoozed_until,
        priority=task.priority,
        archived=task.archived_at is not None,
    )


def _pass_turn(task: Task, person: int | None, now: datetime) -> None:
    """A turn that came to somebody starts a new episode: nothing asked of the one before counts against them."""
    task.turn_id = person
    task.turn_since = now if person is not None else None
    task.snoozed_until = None
    task.snoozes = task.snoozed_days = 0
    task.progress_at = task.others_act_at = None
    new_episode(task, now)


def new_episode(task: Task, now: datetime) -> None:
    """(task, turn, promise): the policy begins afresh."""
    task.episode += 1
    task.episode_at = now
    task.nudges = 0
    task.last_nudge_at = None
    task.told_turn_at = None
    task.escalated_at = None
