"""Names of a project's persons, parties and integrations, and their calendars, kept while the structure stands still.

Lists need the same few hundred names again and again; joining them to every row cost more than the rows themselves.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.alphabet import by_name
from tracker.domain.names import Directory
from tracker.domain.worktime import Calendar
from tracker.services.ground.kept import while_structure_stands
from tracker.services.ground.working_calendars import calendars_of
from tracker.tables import Integration, Membership, Party, Person, Project, Task


def directory_of(session: Session, project_id: int) -> Directory:
    """The directory as of now."""
    return while_structure_stands(session, project_id, "directory", lambda: _read(session, project_id))


def kept_calendars(session: Session, project_id: int, year: int) -> Mapping[int, Calendar]:
    """Calendars of everybody in the project, for holidays around `year`."""

    def read() -> dict[int, Calendar]:
        members = rows(session, sa.select(Membership.person_id).where(Membership.project_id == project_id))
        project = session.get_one(Project, project_id)
        return calendars_of(session, project, [person_id for (person_id,) in members], year)

    return while_structure_stands(session, project_id, ("calendars", year), read)


def numbers_of(session: Session, task_ids: set[int]) -> dict[int, str]:
    """Task -> «№ 17», for tasks that others wait on."""
    if not task_ids:
        return {}
    found = rows(session, sa.select(Task.id, Task.number).where(Task.id.in_(sorted(task_ids))))
    return {row.id: f"№ {row.number}" for row in found}


def _read(session: Session, project_id: int) -> Directory:
    people = rows(
        session,
        sa.select(Person.id, Person.name, Person.search)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.project_id == project_id)
        .order_by(Person.id),
    )
    parties = rows(session, sa.select(Party.id, Party.name).where(Party.project_id == project_id).order_by(Party.id))
    joints = rows(
        session,
        sa.select(Integration.id, Integration.name)
        .where(Integration.project_id == project_id)
        .order_by(Integration.id),
    )
    return Directory(
        persons=_in_order(people),
        searched={row.id: row.search for row in people},
        parties=_in_order(parties),
        integrations=_in_order(joints),
    )


def _in_order(named: Iterable[Any]) -> dict[int, str]:
    return {row.id: row.name for row in sorted(named, key=lambda row: by_name(row.name))}
