"""Standing in: while somebody is away, the deputy they named acts on their turns. The turn itself stays theirs."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import columns
from tracker.domain.permissions import Standing, TaskPeople, may_answer_alone, may_be_deputy, may_stand_in
from tracker.domain.worktime import day_in
from tracker.services.ground.journal import HOUSE, Actor
from tracker.services.ground.kept import while_structure_stands
from tracker.tables import Absence, Membership, Person


class Cover(NamedTuple):
    """Days for which somebody is named as deputy: whose, in which project, both days included, in their own zone."""

    project_id: int
    person_id: int
    zone: str
    first: date
    last: date


_COVERS = (
    sa.select(Membership.project_id, Absence.person_id, Person.timezone, Absence.first, Absence.last, Membership.role)
    .select_from(Person)
    .join(Absence, Absence.person_id == Person.id)
    .join(Membership, Membership.person_id == Person.deputy_id)
    .where(
        Person.deputy_id == sa.bindparam("deputy", type_=sa.Integer),
        Person.archived_at.is_(None),
        Membership.archived_at.is_(None),
    )
)
_COVERS_IN = _COVERS.where(Membership.project_id == sa.bindparam("project", type_=sa.Integer))


def covers_of(session: Session, deputy_id: int, project_id: int | None = None) -> tuple[Cover, ...]:
    """All the absences, past and coming, in which this person stands in: of one project, or of all of theirs."""

    def read() -> tuple[Cover, ...]:
        query = _COVERS if project_id is None else _COVERS_IN
        found = columns(session, query, {"deputy": deputy_id, "project": project_id})
        return tuple(Cover(*row[:5]) for row in found if may_be_deputy(row[5]))

    return while_structure_stands(session, project_id or HOUSE, ("covers", deputy_id), read)


def covered_on(covers: Iterable[Cover], at: datetime) -> set[tuple[int, int]]:
    """(project, person) of who is away at that moment, by their own calendar day."""
    return {(one.project_id, one.person_id) for one in covers if one.first <= day_in(one.zone, at) <= one.last}


def answering(actor: Actor, standing: Standing, people: TaskPeople) -> Actor:
    """Who answers: an answer is what the person of the turn says, so a deputy gives it for them."""
    noted = actor.behalf_id is not None and standing.runs
    if not noted and actor.behalf_id in (None, people.turn_id) and may_stand_in(standing, people):
        return actor._replace(behalf_id=people.turn_id, deputy=True)
    return actor


def acting(actor: Actor, standing: Standing, people: TaskPeople) -> Actor:
    """Who acts, where everybody who belongs to the task may: by their own right if they have one."""
    return actor if may_answer_alone(standing, people) else answering(actor, standing, people)
