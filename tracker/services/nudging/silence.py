"""Who may be written to at all, asked of rows: as SQL scopes, and of a project or a person that is loaded already."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.nudging.silence import knows_of_bot, silence_of_person, silence_of_project
from tracker.domain.terms import Messages
from tracker.tables import Membership, Person, Project


def speaking_projects() -> sa.ColumnElement[bool]:
    """Projects that have no `silence_of_project`."""
    return sa.and_(
        col(Project.archived_at).is_(None), col(Project.paused_at).is_(None), col(Project.messages) != Messages.OFF
    )


def willing_members() -> sa.ColumnElement[bool]:
    """Places of persons who have no `silence_of_person`, but for two facts: the channel is `reach.reached`, and a pause
    ends with a day of their own zone, which is asked of each."""
    return sa.and_(
        col(Person.opted_out_at).is_(None),
        col(Person.archived_at).is_(None),
        col(Membership.archived_at).is_(None),
        sa.or_(col(Person.knows_bot).is_(True), col(Membership.invited_at).is_not(None)),
    )


def silence_of(project: Project) -> str:
    """Why nobody of the project is written to; empty if they may be."""
    return silence_of_project(
        archived=project.archived_at is not None, paused=project.paused_at is not None, messages=project.messages
    )


def knows(person: Any, member: Any) -> bool:
    """Takes a Person and their living Membership (None: they have none), or their columns."""
    return knows_of_bot(
        marked=person.knows_bot,
        member=member is not None and person.archived_at is None,
        invited=member is not None and member.invited_at is not None,
    )


def silence_in(session: Session, project_id: int, person: Person, today: date) -> str:
    """Why this person is not written to in the project on their day `today`. Delivery finds the channel."""
    place = sa.select(col(Membership.invited_at)).where(
        col(Membership.project_id) == project_id,
        col(Membership.person_id) == person.id,
        col(Membership.archived_at).is_(None),
    )
    return silence_of_person(
        opted_out=person.opted_out_at is not None,
        knows_bot=knows(person, next(iter(rows(session, place)), None)),
        paused_until=person.paused_until,
        today=today,
    )
