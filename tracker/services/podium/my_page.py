"""What stands on somebody's own page: the steps that ask for them, what is quiet, and their meetings."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.alphabet import by_name
from tracker.domain.terms import FINISHED, CardKind, MeetingState, Role
from tracker.domain.turns.stalling import is_stalled
from tracker.services.access.tokens import revoke
from tracker.services.ground.journal import Actor
from tracker.services.nudging.message_facts import waiters_of_tasks
from tracker.services.podium.steps import AskedTask, days_ahead, later_days, turns_of
from tracker.services.tasks.cards import open_card
from tracker.tables import Meeting, MeetingPerson, Membership, Party, Person, Project, Task


class Unblocker(NamedTuple):
    """Somebody who can be named as the one who unblocks."""

    person_id: int
    name: str


class MyStep(NamedTuple):
    """A step whose turn is this person's, with all that its card offers."""

    step: AskedTask
    stalled: bool
    waiter: str
    quiet_until: date | None
    """Promised or put off: nothing is asked before that day."""
    ahead: tuple[date, ...]
    later: tuple[date, ...]
    colleagues: tuple[Unblocker, ...]
    told: str
    """What the person has said last, if a word stands: the call for help."""


class OwnTask(NamedTuple):
    """A task of this person where somebody else moves now."""

    number: int
    project: str
    title: str
    status: str
    turn: str
    needed_by: date | None


class MyMeeting(NamedTuple):
    id: int
    title: str
    project: str
    starts_at: datetime
    minutes: int
    place: str
    why: str
    decides: bool
    rsvp: str


class MyPage(NamedTuple):
    name: str
    salutation: str
    places: tuple[tuple[str, str], ...]
    """(party, project) of each membership."""
    asked: list[MyStep]
    quiet: list[MyStep]
    covered: list[MyStep]
    """Of whom they stand in for today, one person after another."""
    others: list[OwnTask]
    meetings: list[MyMeeting]
    observes: bool
    """Only looks on, wherever they are: nothing will ever be asked."""


def my_page(session: Session, person_id: int, project_id: int | None, *, now: datetime, today: date) -> MyPage:
    """`project_id`: only of this project; None: of all."""
    person = session.get_one(Person, person_id)
    turns = [one for one in turns_of(session, person_id, now=now) if project_id in (None, one[1].project_id)]
    waiters = waiters_of_tasks(session, [(task, person_id) for _step, task in turns])
    colleagues = {one: _colleagues(session, one, person_id) for one in {step.project_id for step, _task in turns}}
    cards = [
        MyStep(
            step=step,
            stalled=is_stalled(task.stalls_at, now),
            waiter=waiters[task.id, person_id],
            quiet_until=_quiet_until(task, now, today),
            ahead=tuple(days_ahead(session, person_id, step, now=now)),
            later=tuple(later_days(session, person_id, step, now=now)) if step.may_snooze else (),
            colleagues=colleagues[step.project_id],
            told=task.help_note if task.help_at is not None else "",
        )
        for step, task in turns
    ]
    mine = [one for one in cards if not one.step.covered]
    places = _places(session, person_id, project_id)
    asked = sorted((one for one in mine if one.quiet_until is None), key=lambda one: not one.stalled)
    return MyPage(
        person.name,
        person.salutation,
        tuple((party, project) for party, project, _ in places),
        asked,
        [one for one in mine if one.quiet_until is not None],
        sorted((one for one in cards if one.step.covered), key=lambda one: one.quiet_until is not None),
        _others(session, person_id, project_id),
        _meetings(session, person_id, project_id, now),
        bool(places) and all(role == Role.OBSERVER for _, _, role in places),
    )


def _quiet_until(task: Task, now: datetime, today: date) -> date | None:
    days = [day for day in (task.promised_on, task.snoozed_until) if day is not None and day > today]
    return max(days) if days and not is_stalled(task.stalls_at, now) else None


def _colleagues(session: Session, project_id: int, person_id: int) -> tuple[Unblocker, ...]:
    query = (
        sa.select(col(Person.id), col(Person.name))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.project_id) == project_id,
            col(Membership.archived_at).is_(None),
            col(Membership.role) != Role.OBSERVER,
            col(Person.id) != person_id,
        )
        .order_by(col(Person.id))
    )
    return tuple(sorted((Unblocker(*row) for row in rows(session, query)), key=lambda one: by_name(one.name)))


def _here(person_id: int, project_id: int | None) -> sa.ColumnElement[bool]:
    """Living memberships of this person in living projects; joined by the caller."""
    here = sa.and_(
        col(Membership.person_id) == person_id,
        col(Membership.archived_at).is_(None),
        col(Project.archived_at).is_(None),
    )
    return here if project_id is None else here & (col(Project.id) == project_id)


def _places(session: Session, person_id: int, project_id: int | None) -> list[tuple[str, str, str]]:
    query = (
        sa.select(sa.func.coalesce(Party.name, ""), col(Project.name), col(Membership.role))
        .select_from(Membership)
        .join(Project, col(Project.id) == col(Membership.project_id))
        .outerjoin(Party, col(Party.id) == col(Membership.party_id))
        .where(_here(person_id, project_id))
        .order_by(col(Project.name))
    )
    return [(row[0], row[1], row[2]) for row in rows(session, query)]


def _others(session: Session, person_id: int, project_id: int | None) -> list[OwnTask]:
    turn = aliased(Person)
    query = (
        sa.select(
            col(Task.number),
            col(Project.name),
            col(Task.title),
            col(Task.status),
            sa.func.coalesce(turn.name, ""),
            col(Task.needed_by),
        )
        .select_from(Task)
        .join(Project, col(Project.id) == col(Task.project_id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .outerjoin(turn, turn.id == col(Task.turn_id))
        .where(
            _here(person_id, project_id),
            col(Task.owner_id) == person_id,
            col(Task.archived_at).is_(None),
            col(Task.status).not_in(FINISHED),
            sa.or_(col(Task.turn_id) != person_id, col(Task.turn_id).is_(None)),
        )
        .order_by(col(Task.needed_by).is_(None), col(Task.needed_by), col(Task.id))
    )
    return [OwnTask(*row) for row in rows(session, query)]


def _meetings(session: Session, person_id: int, project_id: int | None, now: datetime) -> list[MyMeeting]:
    """Planned ones, until they have ended."""
    query = (
        sa.select(
            col(Meeting.id),
            col(Meeting.title),
            col(Project.name),
            col(Meeting.starts_at),
            col(Meeting.minutes),
            col(Meeting.place),
            col(MeetingPerson.why),
            col(MeetingPerson.decides),
            col(MeetingPerson.rsvp),
        )
        .select_from(Meeting)
        .join(MeetingPerson, col(MeetingPerson.meeting_id) == col(Meeting.id))
        .join(Project, col(Project.id) == col(Meeting.project_id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .where(
            _here(person_id, project_id),
            col(MeetingPerson.person_id) == person_id,
            col(Meeting.state) == MeetingState.PLANNED,
            col(Meeting.archived_at).is_(None),
            col(Meeting.starts_at) > now - timedelta(days=1),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    )
    found = [MyMeeting(*row) for row in rows(session, query)]
    return [one for one in found if one.starts_at + timedelta(minutes=one.minutes) > now]


def not_me(session: Session, actor: Actor, token_id: int, *, now: datetime) -> None:
    """«Это не вы?»: the address stops working, and who conducts hears that it went astray."""
    revoke(session, actor, token_id, now=now)
    query = (
        sa.select(col(Project.id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .where(_here(actor.person_id or 0, None))
    )
    for (project_id,) in rows(session, query):
        open_card(session, actor, project_id, CardKind.UNREACHABLE, now=now, person_id=actor.person_id, rule="not_them")
