"""Members of an integration: a row each, made when somebody becomes owner, checker, tester, accountable or guest."""

from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.terms import MemberWhy
from tracker.services.ground.journal import Actor, record
from tracker.tables import Integration, IntegrationMember


def put_on_integration(
    session: Session, integration_id: int | None, person_id: int | None, why: str, now: datetime
) -> bool:
    """Make the row if there is none; one removed by hand comes back only through a new reason such as this.

    Whether they came by it: whoever was there keeps the reason they came with. `join` is the same as an act of
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


def join(
    session: Session, actor: Actor, integration: Integration, person_id: int, why: MemberWhy, *, now: datetime
) -> None:
    """The person is on the integration from now on. Whoever is there already keeps the reason they came with."""
    if not put_on_integration(session, integration.id, person_id, why, now):
        return
    record(session, actor, "integration.member_joined", integration, now=now, person=person_id, why=str(why))


def leave(session: Session, actor: Actor, integration: Integration, person_id: int, *, now: datetime) -> None:
    row = session.exec(
        select(IntegrationMember).where(
            IntegrationMember.integration_id == integration.id,
            IntegrationMember.person_id == person_id,
            col(IntegrationMember.removed_at).is_(None),
        )
    ).first()
    if row is None:
        return
    row.removed_at = now
    session.add(row)
    record(session, actor, "integration.member_left", integration, now=now, person=person_id)
