"""Systems: what is joined, whose it is, and which version of it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from tracker.domain.alphabet import by_name
from tracker.domain.errors import FieldError, NotFound
from tracker.domain.permissions import Standing, require_conductor
from tracker.services.access.loading import standing, standing_by
from tracker.services.ground import fields
from tracker.services.ground.belonging import belongs_problem
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.versions import bring_back, change, put_away, require_no_conflict
from tracker.services.integrations.passports import visible_integrations
from tracker.tables import Integration, IntegrationSystem, Party, System


@dataclass(frozen=True)
class SystemInput:
    name: str
    kind: str = ""
    owner_party: int | None = None
    current_version: str = ""
    note: str = ""


class SeenSystem(NamedTuple):
    system: System
    standing: Standing


def visible_systems(mine: Standing) -> ColumnElement[bool]:
    """All for who sees all; for others those of their own party and those of integrations that they see."""
    here = col(System.project_id) == mine.project_id
    if mine.sees_all:
        return here
    joined = (
        sa.select(col(IntegrationSystem.system_id))
        .join(Integration, col(Integration.id) == col(IntegrationSystem.integration_id))
        .where(visible_integrations(mine))
    )
    parties = sorted(mine.parties | ({mine.party_id} if mine.party_id is not None else set()))
    return here & or_(col(System.id).in_(joined), col(System.owner_party_id).in_(parties))


def find_system(session: Session, actor: Actor, system_id: int, *, lock: bool = False) -> SeenSystem:
    project_id = session.exec(select(System.project_id).where(System.id == system_id)).first()
    if project_id is None:
        raise NotFound("system")
    mine = standing_by(session, actor, project_id, "system")
    query = select(System).where(System.id == system_id, visible_systems(mine))
    system = session.exec(query.with_for_update() if lock else query).first()
    if system is None:
        raise NotFound("system")
    return SeenSystem(system, mine)


def systems_of(session: Session, mine: Standing, *, archived: bool = False) -> list[System]:
    query = select(System).where(visible_systems(mine)).order_by(col(System.id))
    if not archived:
        query = query.where(col(System.archived_at).is_(None))
    return sorted(session.exec(query), key=lambda one: by_name(one.name))


def create_system(session: Session, actor: Actor, project_id: int, given: SystemInput, *, now: datetime) -> System:
    mine = standing(session, actor, project_id)
    require_conductor(mine)
    values = _clean(
        session,
        project_id,
        {
            "name": given.name,
            "kind": given.kind,
            "owner_party": given.owner_party,
            "current_version": given.current_version,
            "note": given.note,
        },
    )
    system = System(project_id=project_id, created_at=now, updated_at=now, **values)
    session.add(system)
    session.flush()
    record(session, actor, "system.created", system, now=now, name=system.name, version=1)
    return system


def edit_system(
    session: Session, actor: Actor, system_id: int, version: int | None, changes: Mapping[str, Any], *, now: datetime
) -> System:
    """`changes`: name, kind, owner_party, current_version, note."""
    system, mine = find_system(session, actor, system_id, lock=True)
    require_conductor(mine)
    values = _clean(session, system.project_id, changes)
    require_no_conflict(session, "system", system, version, values)
    change(session, actor, system, values, "system.changed", now)
    return system


def archive_system(session: Session, actor: Actor, system_id: int, *, now: datetime) -> System:
    system, mine = find_system(session, actor, system_id, lock=True)
    require_conductor(mine)
    put_away(session, actor, system, now)
    return system


def restore_system(session: Session, actor: Actor, system_id: int, *, now: datetime) -> System:
    system, mine = find_system(session, actor, system_id, lock=True)
    require_conductor(mine)
    bring_back(session, actor, system, now)
    return system


def _clean(session: Session, project_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "name":
            values[name] = fields.one_line(errors, name, value, required=True)
        elif name in ("kind", "current_version"):
            values[name] = fields.one_line(errors, name, value, limit=100)
        elif name == "note":
            values[name] = fields.long_text(errors, name, value)
        elif name == "owner_party":
            values["owner_party_id"] = value
            fields.note(errors, belongs_problem(session, Party, project_id, value, name))
        else:
            errors.append(FieldError(name, "unknown_field"))
    fields.refuse(errors)
    return values
