"""Systems, integrations and their checks as programs read them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.acceptance import GateReadiness, readiness
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Standing
from tracker.services.facts.evidence import EvidenceFacts, evidence_of_checks
from tracker.services.facts.tasks import Reference
from tracker.services.ground.directory import directory_of
from tracker.services.integrations.launch import facts_of_launches
from tracker.services.integrations.passports import visible_integrations
from tracker.services.integrations.systems import visible_systems
from tracker.tables import Check, Integration, IntegrationSystem, Project, System


class SystemFacts(NamedTuple):
    id: int
    project: Reference
    name: str
    kind: str
    owner: Reference | None
    current_version: str
    note: str
    version: int

    @property
    def place(self) -> int:
        return self.id


class IntegrationFacts(NamedTuple):
    id: int
    project: Reference
    name: str
    purpose: str
    accountable: Reference | None
    state: str
    launch_on: date | None
    readiness: GateReadiness
    version: int

    @property
    def place(self) -> int:
        return self.id


class CheckFacts(NamedTuple):
    id: int
    integration: Reference
    section: str
    title: str
    method: str
    expected: str
    required: bool
    tester: Reference | None
    result: str
    evidence: Sequence[EvidenceFacts]
    version: int

    @property
    def place(self) -> int:
        return self.id


def list_systems(
    session: Session, mine: Standing, after: int | None, limit: int, *, integration: int | None = None,
    only: int | None = None,
) -> list[SystemFacts]:  # fmt: skip
    """Living systems that this person sees; `only` this one, put away or not."""
    columns: tuple[Any, ...] = (
        System.id, Project.name.label("project"), System.name, System.kind, System.owner_party_id,
        System.current_version, System.note, System.version,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Project, Project.id == System.project_id)
        .where(visible_systems(mine))
        .order_by(System.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(System.id == only)
    else:
        query = query.where(System.archived_at.is_(None), System.id > (after or 0))
    if integration is not None:
        joined = sa.select(IntegrationSystem.system_id).where(IntegrationSystem.integration_id == integration)
        query = query.where(System.id.in_(joined))
    names = directory_of(session, mine.project_id)
    return [
        SystemFacts(
            row.id, Reference(mine.project_id, row.project), row.name, row.kind,
            Reference(row.owner_party_id, names.party(row.owner_party_id)) if row.owner_party_id is not None else None,
            row.current_version, row.note, row.version,
        )
        for row in rows(session, query)
    ]  # fmt: skip


def list_integrations(
    session: Session, mine: Standing, after: int | None, limit: int, *, state: str = "", only: int | None = None
) -> list[IntegrationFacts]:
    """Living integrations that this person sees; `only` this one, put away or not."""
    # Whole rows: the gate reads most of them.
    query = select(Integration).where(visible_integrations(mine)).order_by(col(Integration.id)).limit(limit)
    if only is not None:
        query = query.where(Integration.id == only)
    else:
        query = query.where(col(Integration.archived_at).is_(None), col(Integration.id) > (after or 0))
    if state:
        query = query.where(Integration.state == state)
    found = list(session.exec(query))
    project = session.get_one(Project, mine.project_id)
    names = directory_of(session, mine.project_id)
    launches = facts_of_launches(session, mine.project_id, found)
    return [
        IntegrationFacts(
            one.id,
            Reference(project.id, project.name),
            one.name,
            one.purpose,
            Reference(one.accountable_id, names.person(one.accountable_id)) if one.accountable_id is not None else None,
            one.state,
            one.launch_on,
            readiness(launches[one.id]),
            one.version,
        )
        for one in found
    ]


def list_checks(
    session: Session, mine: Standing, after: int | None, limit: int, *, integration: int | None = None,
    result: str = "", only: int | None = None,
) -> list[CheckFacts]:  # fmt: skip
    """Lines of the acceptance lists of the integrations that this person sees."""
    columns: tuple[Any, ...] = (
        Check.id, Check.integration_id, Integration.name.label("integration"), Check.section, Check.title,
        Check.method, Check.expected, Check.required, Check.tester_id, Check.result, Check.version,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Integration, Integration.id == Check.integration_id)
        .where(visible_integrations(mine))
        .order_by(Check.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(Check.id == only)
    else:
        query = query.where(Check.archived_at.is_(None), Integration.archived_at.is_(None), Check.id > (after or 0))
    if integration is not None:
        query = query.where(Check.integration_id == integration)
    if result:
        query = query.where(Check.result == result)
    found = rows(session, query)
    names = directory_of(session, mine.project_id)
    shown = evidence_of_checks(session, [row.id for row in found])
    return [
        CheckFacts(
            row.id, Reference(row.integration_id, row.integration), row.section, row.title, row.method, row.expected,
            row.required, Reference(row.tester_id, names.person(row.tester_id)) if row.tester_id is not None else None,
            row.result, shown.get(row.id, []), row.version,
        )
        for row in found
    ]  # fmt: skip


def one_of(found: Sequence[Any], thing: str) -> Any:
    """The row of a list of `only` one; NotFound without it."""
    if not found:
        raise NotFound(thing)
    return found[0]
