"""Who and what can be named in a project: its members, its parties, its integrations."""

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.errors import FieldError
from tracker.services.ground.kept import while_structure_stands
from tracker.services.ground.search import normalise
from tracker.tables import Integration, Membership, Party, Person


class Belonging(NamedTuple):
    """Somebody who belongs or has belonged to a project. `living`: may still be named there."""

    party_id: int | None
    role: str
    living: bool


def members(session: Session, project_id: int) -> Mapping[int, Belonging]:
    """By person; kept while the structure stands."""
    return while_structure_stands(session, project_id, "members", lambda: _read_members(session, project_id))


def _read_members(session: Session, project_id: int) -> dict[int, Belonging]:
    query = (
        sa.select(
            Membership.person_id,
            Membership.party_id,
            Membership.role,
            sa.and_(Membership.archived_at.is_(None), Person.archived_at.is_(None)),
        )
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.project_id == project_id)
    )
    return {
        person_id: Belonging(party_id, role, bool(living)) for person_id, party_id, role, living in rows(session, query)
    }


def member_problem(session: Session, project_id: int, person_id: int | None, field: str) -> FieldError | None:
    """Whether this person can be named in the project: an error for the field, or None."""
    if person_id is None:
        return None
    found = members(session, project_id).get(person_id)
    return None if found is not None and found.living else FieldError(field, "not_a_member")


def belongs_problem(
    session: Session, table: type[Party] | type[Integration], project_id: int, row_id: int | None, field: str
) -> FieldError | None:
    """Whether this party or integration is one of the project and not put away."""
    if row_id is None:
        return None
    name = str(table.__tablename__)
    archived = while_structure_stands(session, project_id, name, lambda: _read_archived(session, table, project_id))
    if row_id not in archived:
        return FieldError(field, "unknown")
    return FieldError(field, "archived") if archived[row_id] else None


def _read_archived(session: Session, table: type[Party] | type[Integration], project_id: int) -> dict[int, bool]:
    query = sa.select(table.id, table.archived_at.is_not(None)).where(table.project_id == project_id)
    return {row_id: bool(archived) for row_id, archived in rows(session, query)}


def name_problem(
    session: Session,
    table: type[Party] | type[Integration],
    project_id: int,
    name: str,
    row: Party | Integration | None,
) -> FieldError | None:
    """Whether another one of the project is called so: two of one name could not be told apart in a sheet.

    `row`: the one that is to be called so, where it is there already.
    """
    others = session.exec(
        select(table.id, table.name).where(table.project_id == project_id, col(table.archived_at).is_(None))
    )
    wanted, mine = normalise(name), None if row is None else row.id
    taken = any(one != mine and normalise(other) == wanted for one, other in others)
    return FieldError("name", "taken") if taken else None


def party_of(session: Session, project_id: int, person_id: int | None) -> int | None:
    """The person's party in this project."""
    found = members(session, project_id).get(person_id) if person_id is not None else None
    return found.party_id if found is not None else None
