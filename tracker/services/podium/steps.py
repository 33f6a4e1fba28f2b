"""«Мои шаги»: what stands with one person, in all their projects, and one such step in full."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Sight, may_stand_in
from tracker.domain.terms import FINISHED
from tracker.domain.turns.snoozing import CHOICES, may_snooze, snooze_until
from tracker.domain.worktime import day_in, local_day, next_working_day
from tracker.services.access.loading import SeenTask, conductors_of, find_task, kept_project
from tracker.services.access.standing_in import covered_on, covers_of
from tracker.services.ground.directory import directory_of
from tracker.services.ground.journal import Actor
from tracker.services.ground.kept import while_structure_stands
from tracker.services.turns.stretches import project_calendars
from tracker.tables import Integration, Membership, Person, Project, Task

ONE_DAY = timedelta(days=1)


class AskedTask(NamedTuple):
    """A task as the person who is asked sees it. Names are empty where there is nobody."""

    id: int
    project_id: int
    project_key: str
    project: str
    number: int
    title: str
    done_means: str
    reason: str
    """What the integration is for."""
    status: str
    episode: int
    needed_by: date | None
    promised_on: date | None
    asks_evidence: bool
    may_snooze: bool
    turn_id: int | None
    turn: str
    owner: str
    checker: str
    conductor: str
    is_over: bool
    """Done, dropped or put away."""
    covered: bool = False
    """The reader stands in for the person of the turn, who is away."""
    via: str = ""
    """Why it is their turn, as `domain.turns` says it: a check and a decision are asked for in other words."""

    def asks(self, person_id: int) -> bool:
        """Whether the reader is the one who answers now."""
        return not self.is_over and (self.covered or self.turn_id == person_id)


def steps_of(session: Session, person_id: int, *, now: datetime) -> list[AskedTask]:
    """The open tasks whose turn it is for this person, the nearest date first; then those of whom they stand in for."""
    return [step for step, _task in turns_of(session, person_id, now=now)]


def turns_of(session: Session, person_id: int, *, now: datetime) -> list[tuple[AskedTask, Task]]:
    """The same with their rows."""
    covered = covered_on(covers_of(session, person_id), now)
    turn = Task.turn_id == person_id
    for project_id, away in covered:
        turn |= sa.and_(Task.project_id == project_id, Task.turn_id == away)
    here = sa.and_(
        Membership.project_id == Task.project_id, Membership.person_id == person_id, Membership.archived_at.is_(None)
    )
    query = (
        sa.select(Task)
        .join(Membership, here)
        .join(Project, Project.id == Task.project_id)
        .where(turn, Task.archived_at.is_(None), Task.status.not_in(FINISHED), Project.archived_at.is_(None))
    )
    found = [(_drawn(session, task, covered=task.turn_id != person_id), task) for task in session.scalars(query)]
    return sorted(found, key=lambda one: _nearest_first(one[0]))


def _nearest_first(step: AskedTask) -> tuple[bool, str, date, str, int]:
    whose = step.turn if step.covered else ""
    return step.covered, whose, step.promised_on or step.needed_by or date.max, step.project_key, step.number


def find_step(session: Session, actor: Actor, task_id: int, *, lock: bool = False) -> SeenTask:
    """A task that the person sees in full; NotFound otherwise."""
    seen = find_task(session, actor, task_id, lock=lock)
    if seen.sight < Sight.FULL:
        raise NotFound("task")
    return seen


def step_seen(session: Session, seen: SeenTask) -> AskedTask:
    """What was found, or has just been changed, as a step."""
    return _drawn(session, seen.task, covered=may_stand_in(seen.standing, seen.people))


def step_of(session: Session, actor: Actor, task_id: int) -> AskedTask:
    """A task that the person sees in full; NotFound otherwise."""
    return step_seen(session, find_step(session, actor, task_id))


def _drawn(session: Session, task: Task, *, covered: bool) -> AskedTask:
    """Nothing but the task is read: what stands round it is kept while the structure stands."""
    project, names = kept_project(session, task.project_id), directory_of(session, task.project_id)
    return AskedTask(
        id=task.id,
        project_id=project.id,
        project_key=project.key,
        project=project.name,
        number=task.number,
        title=task.title,
        done_means=task.done_means,
        reason=_purposes(session, project.id).get(task.integration_id or 0, ""),
        status=task.status,
        episode=task.episode,
        needed_by=task.needed_by,
        promised_on=task.promised_on,
        asks_evidence=task.asks_evidence,
        may_snooze=may_snooze(task.snoozes, task.snoozed_days),
        turn_id=task.turn_id,
        turn=names.person(task.turn_id),
        owner=names.person(task.owner_id),
        checker=names.person(task.checker_id),
        conductor=names.person(next(iter(conductors_of(session, project.id)), None)),
        is_over=task.status in FINISHED or task.archived_at is not None,
        covered=covered,
        via=task.turn_via,
    )


def _purposes(session: Session, project_id: int) -> Mapping[int, str]:
    """What each integration is for."""

    def read() -> dict[int, str]:
        query = sa.select(Integration.id, Integration.purpose).where(Integration.project_id == project_id)
        return dict(rows(session, query))

    return while_structure_stands(session, project_id, "purposes", read)


def step_named(session: Session, actor: Actor, name: str) -> AskedTask:
    """By «17» or «LAVKA-17», in the person's own projects; NotFound if it is none, or one of several."""
    key, _, number = name.strip().upper().lstrip("№# ").rpartition("-")
    if not number.isdecimal() or len(number) > 9:
        raise NotFound("task")
    query = (
        sa.select(col(Task.id))
        .join(Project, col(Project.id) == col(Task.project_id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .where(
            col(Membership.person_id) == actor.person_id,
            col(Membership.archived_at).is_(None),
            col(Task.number) == int(number),
            *([col(Project.key) == key] if key else []),
        )
    )
    seen: list[AskedTask] = []
    for (task_id,) in rows(session, query):
        try:
            seen.append(step_of(session, actor, task_id))
        except NotFound:
            continue
    if len(seen) != 1:
        raise NotFound("task")
    return seen[0]


class ToldTask(NamedTuple):
    """What somebody was told of a task that they do not see: no more than stood in their message."""

    project_id: int
    name: str
    conductor: str


def told_as_deputy(session: Session, task_id: int) -> ToldTask:
    """For who was sent a message about this task: the caller has established that."""
    step = _drawn(session, session.get_one(Task, task_id), covered=False)
    return ToldTask(step.project_id, f"{step.project_key}-{step.number} {step.title}", step.conductor)


def days_ahead(session: Session, person_id: int, step: AskedTask, *, now: datetime, count: int = 6) -> list[date]:
    """The days that the person is likely to name: their next working days, and the one that was asked for."""
    calendar = project_calendars(session, step.project_id, {person_id}, now)[person_id]
    today = local_day(calendar, now)
    found: list[date] = []
    day = next_working_day(calendar, today + ONE_DAY)
    while day is not None and len(found) < count:
        found.append(day)
        day = next_working_day(calendar, day + ONE_DAY)
    if step.needed_by is not None and step.needed_by > today and step.needed_by not in found:
        found[-1:] = [step.needed_by]
    return sorted(found)


def later_days(session: Session, person_id: int, step: AskedTask, *, now: datetime) -> list[date]:
    """The days that «Позже» offers."""
    calendar = project_calendars(session, step.project_id, {person_id}, now)[person_id]
    found = {snooze_until(calendar, choice, now) for choice in CHOICES}
    return sorted(day for day in found if day is not None)


def today_of(session: Session, person_id: int, *, now: datetime) -> date:
    """The date where the person is."""
    return day_in(session.get_one(Person, person_id).timezone, now)
