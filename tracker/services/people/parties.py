"""Parties: the organisations inside a project, each with a lead who speaks for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tracker.domain.alphabet import by_name
from tracker.domain.errors import FieldError, Refused
from tracker.domain.permissions import Standing, require_conductor
from tracker.domain.terms import PartyKind
from tracker.services.access.loading import find_row, standing
from tracker.services.ground import fields
from tracker.services.ground.belonging import name_problem
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.versions import bring_back, change, put_away, require_no_conflict
from tracker.services.turns.restamp import restamp_project
from tracker.tables import Membership, Party, Person


@dataclass(frozen=True)
class PartyInput:
    name: str
    kind: str = PartyKind.CONTRACTOR
    lead: int | None = None
    note: str = ""


def find_party(session: Session, actor: Actor, party_id: int, *, lock: bool = False) -> tuple[Party, Standing]:
    """Every member sees every party of the project: who takes part is no secret."""
    return find_row(session, actor, Party, party_id, lock=lock)


def parties_of(session: Session, mine: Standing, *, archived: bool = False) -> list[Party]:
    query = select(Party).where(Party.project_id == mine.project_id).order_by(col(Party.id))
    found = session.exec(query if archived else query.where(col(Party.archived_at).is_(None)))
    return sorted(found, key=lambda one: by_name(one.name))


def create_party(session: Session, actor: Actor, project_id: int, given: PartyInput, *, now: datetime) -> Party:
    mine = standing(session, actor, project_id)
    require_conductor(mine)
    party = Party(project_id=project_id, created_at=now, updated_at=now, **_clean(session, project_id, asdict(given)))
    session.add(party)
    session.flush()
    record(
        session,
        actor,
        "party.created",
        party,
        now=now,
        name=party.name,
        party_kind=party.kind,
        lead=party.lead_id,
        version=1,
    )
    return party


def edit_party(
    session: Session, actor: Actor, party_id: int, version: int | None, changes: Mapping[str, Any], *, now: datetime
) -> Party:
    """`changes`: name, kind, lead (a member's person id), note. A new lead takes over what waits for the party."""
    party, mine = find_party(session, actor, party_id, lock=True)
    require_conductor(mine)
    values = _clean(session, party.project_id, changes, party)
    require_no_conflict(session, "party", party, version, values)
    if "lead_id" in change(session, actor, party, values, "party.changed", now):
        restamp_project(session, party.project_id, now)
    return party


def archive_party(session: Session, actor: Actor, party_id: int, *, now: datetime) -> Party:
    """Put away; refused while people belong to it."""
    party, mine = find_party(session, actor, party_id, lock=True)
    require_conductor(mine)
    if party.archived_at is not None:
        return party
    people = session.exec(
        select(Person.name)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.party_id == party_id, col(Membership.archived_at).is_(None))
    ).all()
    if people:
        raise Refused(
            "party_has_people", [{"code": "belongs_here", "person": name} for name in sorted(people, key=by_name)]
        )
    put_away(session, actor, party, now)
    return party


def restore_party(session: Session, actor: Actor, party_id: int, *, now: datetime) -> Party:
    party, mine = find_party(session, actor, party_id, lock=True)
    require_conductor(mine)
    _clean(session, party.project_id, {"name": party.name}, party)
    bring_back(session, actor, party, now)
    return party


def _clean(session: Session, project_id: int, changes: Mapping[str, Any], party: Party | None = None) -> dict[str, Any]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "name":
            values[name] = fields.one_line(errors, name, value, required=True, limit=120)
            fields.note(errors, name_problem(session, Party, project_id, values[name], party))
        elif name == "kind":
            values[name] = fields.one_of(errors, name, value, PartyKind)
        elif name == "lead":
            values["lead_id"] = fields.member(session, errors, name, project_id, value)
        elif name == "note":
            values[name] = fields.long_text(errors, name, value or "")
        else:
            errors.append(FieldError(name, "unknown_field"))
    fields.refuse(errors)
    return values
