"""Coming to an integration and leaving it, as acts of somebody; and speaking there for somebody else."""

from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.terms import MemberWhy
from tracker.services.journal import Actor, record
from tracker.services.members import put_on_integration
from tracker.tables import Integration, IntegrationMember


def join(
    session: Session, actor: Actor, integration: Integration, person_id: int, why: MemberWhy, *, now: datetime
) -> None:
    """The person is on the integration from now on. Whoever is there already keeps the reason they came with."""
    if not put_on_integration(session, integration.id, person_id, why, now):
        return
    record(
        session, actor, "integration.member_joined", "integration", integration.id,
        now=now, project_id=integration.project_id, person=person_id, why=str(why),
    )  # fmt: skip


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
    record(
        session, actor, "integration.member_left", "integration", integration.id,
        now=now, project_id=integration.project_id, person=person_id,
    )  # fmt: skip
