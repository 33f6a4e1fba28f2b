"""«Мои шаги»: what stands with one person, in all their projects, and one such step in full."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Sight, may_stand_in
from tracker.domain.terms import FINISHED
from tracker.domain.turns.snoozing import CHOICES, may_snooze, snooze_until
from tracker.domain.worktime import local_day, next_working_day
from tracker.services.access.loading import conducting, find_task
from tracker.services.access.standing_in import covered_on, covers_of
from tracker.services.ground.journal import Actor
from tracker.services.ground.working_calendars import calendar_of
from tracker.tables import Integration, Membership, Person, Project, Task

ONE_DAY = timedelta(days=1)


class Step(NamedTuple):
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


def _query() -> Any:
    turn, owner, checker, conductor = (aliased(Person) for _ in range(4))
    first = (
        sa.select(sa.func.min(col(Membership.id)))
        .where(col(Membership.project_id) == col(Task.project_id), conducting())
        .correlate(Task)
        .scalar_subquery()
    )
    leads = aliased(Membership)
    return (
        sa.select(
            Task.id, Task.project_id, Project.key, col(Project.name).label("project"), Task.number, Task.title,
            Task.done_means, sa.func.coalesce(Integration.purpose, "").label("reason"), Task.status, Task.episode,
            Task.needed_by, Task.promised_on, Task.asks_evidence, Task.snoozes, Task.snoozed_days, Task.turn_id,
            Task.turn_via,
            sa.func.coalesce(turn.name, "").label("turn"), sa.func.coalesce(owner.name, "").label("owner"),
            sa.func.coalesce(checker.name, "").label("checker"),
            sa.func.coalesce(conductor.name, "").label("conductor"), Task.archived_at,
        )
        .select_from(Task)
        .join(Project, col(Project.id) == col(Task.project_id))
        .outerjoin(Integration, col(Integration.id) == col(Task.integration_id))
        .outerjoin(turn, turn.id == col(Task.turn_id))
        .outerjoin(owner, owner.id == col(Task.owner_id))
        .outerjoin(checker, checker.id == col(Task.checker_id))
        .outerjoin(leads, leads.id == first)
        .outerjoin(conductor, conductor.id == leads.person_id)
    )  # fmt: skip


def _step(row: Any) -> Step:
    return Step(
        row.id, row.project_id, row.key, row.project, row.number, row.title, row.done_means, row.reason, row.status,
        row.episode, row.needed_by, row.promised_on, row.asks_evidence, may_snooze(row.snoozes, row.snoozed_days),
        row.turn_id, row.turn, row.owner, row.checker, row.conductor,
        row.status in FINISHED or row.archived_at is not None, via=row.turn_via,
    )  # fmt: skip


def steps_of(session: Session, person_id: int, *, now: datetime) -> list[Step]:
    """The open tasks whose turn it is for this person, the nearest date first; then those of whom they stand in for."""
    covered = covered_on(covers_of(session, person_id), now)
    turn = col(Task.turn_id) == person_id
    for project_id, away in covered:
        turn |= (col(Task.project_id) == project_id) & (col(Task.turn_id) == away)
    query = (
        _query()
        .join(
            Membership,
            sa.and_(
                col(Membership.project_id) == col(Task.project_id), col(Membership.person_id) == person_id,
                col(Membership.archived_at).is_(None),
            ),
        )
        .where(
            turn, col(Task.archived_at).is_(None), col(Task.status).not_in(FINISHED), col(Project.archived_at).is_(None)
        )
    )  # fmt: skip
    found = [_step(row)._replace(covered=row.turn_id != person_id) for row in rows(session, query)]
    return sorted(found, key=_nearest_first)


def _nearest_first(step: Step) -> tuple[bool, str, date, str, int]:
    whose = step.turn if step.covered else ""
    return step.covered, whose, step.promised_on or step.needed_by or date.max, step.project_key, step.number


def step_of(session: Session, actor: Actor, task_id: int) -> Step:
    """A task that the person sees in full; NotFound otherwise."""
    seen = find_task(session, actor, task_id)
    if seen.sight < Sight.FULL:
        raise NotFound("task")
    covered = may_stand_in(seen.standing, seen.people)
    return _step(rows(session, _query().where(col(Task.id) == task_id))[0])._replace(covered=covered)


def step_named(session: Session, actor: Actor, name: str) -> Step:
    """By «17» or «LAVKA-17», in the person's own projects; NotFound if it is none, or one of several."""
    key, _, number = name.strip().upper().lstrip("№# ").rpartition("-")
    if not number.isdecimal() or len(number) > 9:
        raise NotFound("task")
    query = (
        sa.select(col(Task.id))
        .join(Project, col(Project.id) == col(Task.project_id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .where(
            col(Membership.person_id) == actor.person_id, col(Membership.archived_at).is_(None),
            col(Task.number) == int(number), *([col(Project.key) == key] if key else []),
        )
    )  # fmt: skip
    seen: list[Step] = []
    for (task_id,) in rows(session, query):
        try:
            seen.append(step_of(session, actor, task_id))
        except NotFound:
            continue
    if len(seen) != 1:
        raise NotFound("task")
    return seen[0]


class Told(NamedTuple):
    """What somebody was told of a task that they do not see: no more than stood in their message."""

    project_id: int
    name: str
    conductor: str


def told_as_deputy(session: Session, task_id: int) -> Told:
    """For who was sent a message about this task: the caller has established that."""
    step = _step(rows(session, _query().where(col(Task.id) == task_id))[0])
    return Told(step.project_id, f"{step.project_key}-{step.number} {step.title}", step.conductor)


def days_ahead(session: Session, person_id: int, step: Step, *, now: datetime, count: int = 6) -> list[date]:
    """The days that the person is likely to name: their next working days, and the one that was asked for."""
    calendar = calendar_of(session, session.get_one(Project, step.project_id), person_id, now.year)
    today = local_day(calendar, now)
    found: list[date] = []
    day = next_working_day(calendar, today + ONE_DAY)
    while day is not None and len(found) < count:
        found.append(day)
        day = next_working_day(calendar, day + ONE_DAY)
    if step.needed_by is not None and step.needed_by > today and step.needed_by not in found:
        found[-1:] = [step.needed_by]
    return sorted(found)


def later_days(session: Session, person_id: int, step: Step, *, now: datetime) -> list[date]:
    """The days that «Позже» offers."""
    calendar = calendar_of(session, session.get_one(Project, step.project_id), person_id, now.year)
    found = {snooze_until(calendar, choice, now) for choice in CHOICES}
    return sorted(day for day in found if day is not None)


def today_of(session: Session, person_id: int, *, now: datetime) -> date:
    """The date where the person is."""
    return now.astimezone(ZoneInfo(session.get_one(Person, person_id).timezone)).date()
