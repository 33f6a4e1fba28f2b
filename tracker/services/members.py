"""Explicit integration members: a row is made when somebody becomes owner, checker, tester, accountable or guest."""

from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError
from tracker.tables import Integration, IntegrationMember, Membership, Party, Person


def put_on_integration(
    session: Session, integration_id: int | None, person_id: int | None, why: str, now: datetime
) -> bool:
    """Make the row if there is none; one removed by hand comes back only through a new reason such as this.

    Whether they came by it: whoever was there keeps the reason they came with. `joining.join` is the same as an act of
    its own, with its line in the journal; that of a task has told of its new owner already.
    """
    if integration_id is None or person_id is None:
        return False
    row = session.exec(
        select(IntegrationMember).where(
            IntegrationMember.integration_id == integration_id, IntegrationMember.person_id == person_id
        )
    ).first()
    if row is None:
        row = IntegrationMember(integration_id=integration_id, person_id=person_id, why=why, created_at=now)
    elif row.removed_at is None:
        return False
    else:
        row.removed_at, row.why = None, why
    session.add(row)
    return True


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


def party_of(session: Session, project_id: int, person_id: int | None) -> int | None:
    """The person's party in this project."""
    if person_id is None:
        return None
    return session.exec(
        select(Membership.party_id).where(Membership.project_id == project_id, Membership.person_id == person_id)
    ).first()
