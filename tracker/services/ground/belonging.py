"""Who and what can be named in a project: its members, its parties, its integrations."""

from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError
from tracker.services.ground.search import normalise
from tracker.tables import Integration, Membership, Party, Person


def member_problem(session: Session, project_id: int, person_id: int | None, field: str) -> FieldError | None:
    """Whether this person can be named in the project: an error for the field, or None."""
    if person_id is None:
        return None
    found = session.exec(
        select(Membership.id)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            Membership.project_id == project_id, Membership.person_id == person_id,
            col(Membership.archived_at).is_(None), col(Person.archived_at).is_(None),
        )
    ).first()  # fmt: skip
    return None if found is not None else FieldError(field, "not_a_member")


def belongs_problem(
    session: Session, table: type[Party] | type[Integration], project_id: int, row_id: int | None, field: str
) -> FieldError | None:
    """Whether this party or integration is one of the project and not put away."""
    if row_id is None:
        return None
    row = session.get(table, row_id)
    if not isinstance(row, Party | Integration) or row.project_id != project_id:
        return FieldError(field, "unknown")
    return None if row.archived_at is None else FieldError(field, "archived")


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
    if person_id is None:
        return None
    return session.exec(
        select(Membership.party_id).where(Membership.project_id == project_id, Membership.person_id == person_id)
    ).first()
