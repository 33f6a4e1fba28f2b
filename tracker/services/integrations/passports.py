"""Integrations: the joints between systems, their people and their plain-language passport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from tracker.domain.acceptance import BY_HAND
from tracker.domain.alphabet import by_name
from tracker.domain.errors import FieldError, NotFound
from tracker.domain.permissions import IntegrationPeople, Standing, may_see_integration, require_conductor
from tracker.domain.terms import MemberWhy
from tracker.services.access.loading import find_row, standing
from tracker.services.ground import fields
from tracker.services.ground.belonging import name_problem
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.versions import bring_back, change, put_away, require_no_conflict
from tracker.services.integrations.members import join, leave
from tracker.tables import Integration, IntegrationMember, IntegrationSystem, Membership, Signature, System, Task


@dataclass(frozen=True)
class IntegrationInput:
    """A new integration, with typed values."""

    name: str
    purpose: str = ""
    impact: str = ""
    launch_on: date | None = None
    accountable: int | None = None
    systems: Sequence[int] = ()


class SeenIntegration(NamedTuple):
    """An integration as the actor may see it."""

    integration: Integration
    standing: Standing


def people_of_integration(session: Session, integration: Integration) -> IntegrationPeople:
    of_members = (
        select(Membership.party_id)
        .join(IntegrationMember, col(IntegrationMember.person_id) == col(Membership.person_id))
        .where(
            IntegrationMember.integration_id == integration.id,
            col(IntegrationMember.removed_at).is_(None),
            Membership.project_id == integration.project_id,
        )
    )
    of_tasks = select(Task.party_id).where(Task.integration_id == integration.id, col(Task.archived_at).is_(None))
    of_systems = (
        select(System.owner_party_id)
        .join(IntegrationSystem, col(IntegrationSystem.system_id) == col(System.id))
        .where(IntegrationSystem.integration_id == integration.id)
    )
    found = (party for query in (of_members, of_tasks, of_systems) for party in session.exec(query))
    parties = frozenset(party for party in found if party is not None)
    return IntegrationPeople(integration.project_id, integration.id, parties)


def visible_integrations(mine: Standing) -> ColumnElement[bool]:
    """The scope that mirrors `permissions.may_see_integration`."""
    here = col(Integration.project_id) == mine.project_id
    if mine.sees_all:
        return here
    ids, parties = col(Integration.id), sorted(mine.parties)
    on_it = ids.in_(sorted(mine.integrations))
    if not parties:
        return here & on_it
    of_members = (
        sa.select(col(IntegrationMember.integration_id))
        .join(Membership, col(Membership.person_id) == col(IntegrationMember.person_id))
        .where(
            col(IntegrationMember.removed_at).is_(None),
            col(Membership.project_id) == mine.project_id,
            col(Membership.party_id).in_(parties),
        )
    )
    of_tasks = sa.select(col(Task.integration_id)).where(
        col(Task.party_id).in_(parties), col(Task.archived_at).is_(None), col(Task.integration_id).is_not(None)
    )
    of_systems = (
        sa.select(col(IntegrationSystem.integration_id))
        .join(System, col(System.id) == col(IntegrationSystem.system_id))
        .where(col(System.owner_party_id).in_(parties))
    )
    return here & or_(on_it, ids.in_(of_members), ids.in_(of_tasks), ids.in_(of_systems))


def find_integration(session: Session, actor: Actor, integration_id: int, *, lock: bool = False) -> SeenIntegration:
    integration, mine = find_row(session, actor, Integration, integration_id, lock=lock)
    if not may_see_integration(mine, people_of_integration(session, integration)):
        raise NotFound("integration")
    return SeenIntegration(integration, mine)


def integrations_of(session: Session, mine: Standing, *, archived: bool = False) -> list[Integration]:
    """Those that this person may see, by name."""
    query = select(Integration).where(visible_integrations(mine)).order_by(col(Integration.id))
    if not archived:
        query = query.where(col(Integration.archived_at).is_(None))
    return sorted(session.exec(query), key=lambda one: by_name(one.name))


def create_integration(
    session: Session, actor: Actor, project_id: int, given: IntegrationInput, *, now: datetime
) -> Integration:
    mine = standing(session, actor, project_id)
    require_conductor(mine)
    values = _clean(
        session,
        project_id,
        {
            "name": given.name,
            "purpose": given.purpose,
            "impact": given.impact,
            "launch_on": given.launch_on,
            "accountable": given.accountable,
        },
        now,
    )
    accountable = values.pop("accountable_id")
    integration = Integration(project_id=project_id, created_at=now, updated_at=now, **values)
    session.add(integration)
    session.flush()
    record(session, actor, "integration.created", integration, now=now, name=integration.name, version=1)
    if accountable is not None:
        edit_integration(session, actor, integration.id, 1, {"accountable": accountable}, now=now)
    if given.systems:
        set_systems(session, actor, integration.id, given.systems, now=now)
    return integration


def edit_integration(
    session: Session,
    actor: Actor,
    integration_id: int,
    version: int | None,
    changes: Mapping[str, Any],
    *,
    now: datetime,
) -> Integration:
    """`changes`: name, purpose, impact, state (but not live, inherited, bypassed), launch_on, accountable."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    values = _clean(session, integration.project_id, changes, now, integration)
    require_no_conflict(session, "integration", integration, version, values)
    if values.get("accountable_id", integration.accountable_id) != integration.accountable_id:
        _pass_on(session, actor, integration, values, now)
    change(session, actor, integration, values, "integration.changed", now)
    return integration


def _pass_on(session: Session, actor: Actor, integration: Integration, values: dict[str, Any], now: datetime) -> None:
    """Somebody else answers for the whole: nothing that the one before agreed to binds the new one."""
    values |= {"accountable_at": None, "accountable_way": "", "checks_agreed_at": None}
    old, new = integration.accountable_id, values["accountable_id"]
    if new is not None:
        join(session, actor, integration, new, MemberWhy.ACCOUNTABLE, now=now)
    signers = select(Signature).where(
        Signature.integration_id == integration.id, col(Signature.person_id).in_([one for one in (old, new) if one])
    )
    rows = {row.person_id: row for row in session.exec(signers)}
    if old in rows and rows[old].removed_at is None:
        # The list of signers was named with the old accountable person on it: the new one takes that place.
        rows[old].removed_at = now
        if new in rows:
            rows[new].removed_at = None
        elif new is not None:
            session.add(Signature(integration_id=integration.id, person_id=new, created_at=now))
        session.flush()


def _clean(
    session: Session, project_id: int, changes: Mapping[str, Any], now: datetime, integration: Integration | None = None
) -> dict[str, Any]:
    """Column values; Invalid for what can't be taken."""
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "name":
            values[name] = fields.one_line(errors, name, value, required=True)
            fields.note(errors, name_problem(session, Integration, project_id, values[name], integration))
        elif name in ("purpose", "impact"):
            values[name] = fields.long_text(errors, name, value)
        elif name == "state":
            # What it is already may be sent along with other fields.
            allowed = {*BY_HAND, integration.state} if integration is not None else BY_HAND
            values[name] = fields.one_of(errors, name, value, allowed)
        elif name == "launch_on":
            values[name] = fields.day(errors, name, value, now)
        elif name == "accountable":
            values["accountable_id"] = fields.member(session, errors, name, project_id, value)
        else:
            errors.append(FieldError(name, "unknown_field"))
    fields.refuse(errors)
    return values


def archive_integration(session: Session, actor: Actor, integration_id: int, *, now: datetime) -> Integration:
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    put_away(session, actor, integration, now)
    return integration


def restore_integration(session: Session, actor: Actor, integration_id: int, *, now: datetime) -> Integration:
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    _clean(session, integration.project_id, {"name": integration.name}, now, integration)
    bring_back(session, actor, integration, now)
    return integration


def set_systems(
    session: Session, actor: Actor, integration_id: int, system_ids: Sequence[int], *, now: datetime
) -> None:
    """What is joined, in this order."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    wanted = list(dict.fromkeys(system_ids))
    known = set(
        session.exec(select(System.id).where(System.project_id == integration.project_id, col(System.id).in_(wanted)))
    )
    fields.refuse([FieldError("systems", "unknown_system") for one in wanted if one not in known])
    rows = list(session.exec(select(IntegrationSystem).where(IntegrationSystem.integration_id == integration.id)))
    old = [row.system_id for row in sorted(rows, key=lambda row: row.position)]
    if old == wanted:
        return
    for row in rows:
        session.delete(row)
    session.flush()
    session.add_all(
        IntegrationSystem(integration_id=integration.id, system_id=one, position=place)
        for place, one in enumerate(wanted)
    )
    record(session, actor, "integration.changed", integration, now=now, changes={"systems": (old, wanted)})


def add_guest(session: Session, actor: Actor, integration_id: int, person_id: int, *, now: datetime) -> None:
    """Somebody who sees this integration without having a part in it yet."""
    integration, mine = find_integration(session, actor, integration_id)
    require_conductor(mine)
    errors: list[FieldError] = []
    fields.member(session, errors, "person", integration.project_id, person_id, acts=False)
    fields.refuse(errors)
    join(session, actor, integration, person_id, MemberWhy.GUEST, now=now)


def remove_member(session: Session, actor: Actor, integration_id: int, person_id: int, *, now: datetime) -> None:
    integration, mine = find_integration(session, actor, integration_id)
    require_conductor(mine)
    leave(session, actor, integration, person_id, now=now)
