"""The two questions of an integration and its way to *live*; the other two ways it may come to run."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.acceptance import GateCheck, LaunchFacts, missing_to_launch
from tracker.domain.errors import FieldError, Refused
from tracker.domain.permissions import is_named, require, require_conductor
from tracker.domain.terms import IntegrationState, MemberWhy
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor
from tracker.services.ground.versions import change
from tracker.services.integrations.members import join
from tracker.services.integrations.passports import find_integration
from tracker.services.integrations.signatures import customers_decider, signer_facts
from tracker.tables import Check, Deadlock, Evidence, Integration, Signature


def facts_of_launch(session: Session, integration: Integration) -> LaunchFacts:
    return facts_of_launches(session, integration.project_id, [integration])[integration.id]


def facts_of_launches(
    session: Session, project_id: int, integrations: Collection[Integration]
) -> dict[int, LaunchFacts]:
    """What the gate looks at, for many integrations of one project in four queries."""
    ids = [integration.id for integration in integrations]
    checks = _checks(session, ids)
    signatures: dict[int, list[Signature]] = defaultdict(list)
    for row in session.exec(
        select(Signature)
        .where(col(Signature.integration_id).in_(ids), col(Signature.removed_at).is_(None))
        .order_by(col(Signature.id))
    ):
        signatures[row.integration_id].append(row)
    deadlocks: dict[int, list[int]] = defaultdict(list)
    for integration_id, deadlock_id in session.exec(
        select(Deadlock.integration_id, Deadlock.id)
        .where(col(Deadlock.integration_id).in_(ids), col(Deadlock.decided_at).is_(None))
        .order_by(col(Deadlock.id))
    ):
        deadlocks[integration_id or 0].append(deadlock_id)
    decider = customers_decider(session, project_id)
    return {
        one.id: LaunchFacts(
            accountable=one.accountable_id,
            agreed=one.accountable_at is not None,
            list_confirmed=one.checks_agreed_at is not None,
            checks=checks[one.id],
            signers=signer_facts(one.accountable_id, decider, signatures[one.id]),
            open_deadlocks=deadlocks[one.id],
        )
        for one in integrations
    }


def _checks(session: Session, ids: Collection[int]) -> dict[int, list[GateCheck]]:
    shown = (
        sa.select(sa.func.count())
        .select_from(Evidence)
        .where(col(Evidence.check_id) == col(Check.id), col(Evidence.removed_at).is_(None))
        .scalar_subquery()
    )
    found: dict[int, list[GateCheck]] = defaultdict(list)
    query = (
        sa.select(
            col(Check.integration_id),
            col(Check.id),
            col(Check.required),
            col(Check.expected),
            col(Check.tester_id),
            col(Check.result),
            shown,
            col(Check.waived_by_id),
            col(Check.reason),
        )
        .where(col(Check.integration_id).in_(ids), col(Check.archived_at).is_(None))
        .order_by(col(Check.position), col(Check.id))
    )
    for integration_id, *facts in rows(session, query):
        found[integration_id].append(GateCheck(*facts))
    return found


def accept_accountability(session: Session, actor: Actor, integration_id: int, *, now: datetime) -> Integration:
    """«Беру на себя»: the named person's own tap, or their word noted by the conductor (`actor.behalf_id`)."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require(is_named(mine, actor.mover_id, integration.accountable_id), "accountable_only")
    require_voice(session, actor, mine)
    if integration.accountable_at is None:
        values = {"accountable_at": now, "accountable_way": "behalf" if actor.behalf_id else str(actor.way)}
        change(session, actor, integration, values, "integration.accepted", now)
    return integration


def agree_to_checks(session: Session, actor: Actor, integration_id: int, *, now: datetime) -> Integration:
    """The accountable person confirms the list of checks: passing these means that it works."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require(is_named(mine, actor.mover_id, integration.accountable_id), "accountable_only")
    require_voice(session, actor, mine)
    if "no_required_check" in [one.code for one in missing_to_launch(facts_of_launch(session, integration))]:
        raise Refused("checks_incomplete", [{"code": "no_required_check"}])
    if integration.checks_agreed_at is None:
        change(session, actor, integration, {"checks_agreed_at": now}, "integration.list_agreed", now)
    return integration


def go_live(session: Session, actor: Actor, integration_id: int, *, now: datetime) -> Integration:
    """The one door to *live*; Refused with everything that is missing."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require(mine.runs or is_named(mine, actor.mover_id, integration.accountable_id), "conductor_only")
    if integration.state == IntegrationState.LIVE:
        return integration
    if missing := missing_to_launch(facts_of_launch(session, integration)):
        raise Refused("not_ready", [{"code": one.code, **one.facts} for one in missing])
    values = {"state": str(IntegrationState.LIVE), "live_at": now, "bypass_by_id": None, "bypass_reason": ""}
    change(session, actor, integration, values, "integration.went_live", now)
    return integration


def bypass(
    session: Session, actor: Actor, integration_id: int, person_id: int | None, reason: str, *, now: datetime
) -> Integration:
    """«Запущено в обход»: reality was stronger than the gate. Who decided so, and why; it never counts as accepted."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    errors: list[FieldError] = []
    if person_id is None:
        errors.append(FieldError("person", "required"))
    fields.member(session, errors, "person", integration.project_id, person_id)
    words = fields.long_text(errors, "reason", reason, required=True)
    _not_live(errors, integration)
    fields.refuse(errors)
    values: dict[str, Any] = {
        "state": str(IntegrationState.BYPASSED),
        "bypass_by_id": person_id,
        "bypass_reason": words,
    }
    if integration.state != IntegrationState.BYPASSED:
        values["live_at"] = now
    change(session, actor, integration, values, "integration.bypassed", now)
    join(session, actor, integration, person_id or 0, MemberWhy.GUEST, now=now)
    return integration


def mark_inherited(session: Session, actor: Actor, integration_id: int, *, now: datetime) -> Integration:
    """«Работает, приёмки не было»: it ran before anybody asked."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    errors: list[FieldError] = []
    _not_live(errors, integration)
    fields.refuse(errors)
    values = {"state": str(IntegrationState.INHERITED), "bypass_by_id": None, "bypass_reason": ""}
    change(session, actor, integration, values, "integration.inherited", now)
    return integration


def _not_live(errors: list[FieldError], integration: Integration) -> None:
    """What was accepted is not turned into something unaccepted by a wrong tap; stopping it comes first."""
    if integration.state == IntegrationState.LIVE:
        errors.append(FieldError("state", "is_live"))
