"""Memberships: a person's place in one project, with a party and a role."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.alphabet import by_name
from tracker.domain.errors import FieldError, Invalid, NotFound, Refused
from tracker.domain.permissions import Standing, may_conduct, may_see_contacts, require
from tracker.domain.terms import Role
from tracker.services.access.loading import conductors_of, standing
from tracker.services.access.persons import person_by_email
from tracker.services.ground import fields
from tracker.services.ground.journal import About, Actor, record
from tracker.services.people.leaving import work_of
from tracker.services.people.persons import PersonInput, make_person, wrong_with
from tracker.services.turns.restamp import restamp_project
from tracker.tables import Integration, IntegrationMember, Membership, Party, Person

COLUMNS = {"party": "party_id"}


@dataclass(frozen=True)
class Place:
    """Where a person stands in a project."""

    role: str = Role.CONTRIBUTOR
    party: int | None = None
    can_decide: bool = False
    why: str = ""


class Member(NamedTuple):
    """A line of «Участники». `email` and `phone` are None where the reader may not see contacts."""

    person_id: int
    name: str
    is_role: bool
    role: str
    party_id: int | None
    party: str | None
    can_decide: bool
    why: str
    knows_bot: bool
    opted_out: bool
    invited_at: datetime | None
    email: str | None
    phone: str | None
    salutation: str
    language: str
    timezone: str
    version: int
    opens: time
    closes: time
    weekdays: str
    cadence: str
    """Weekdays on which they answer by agreement; empty: any."""
    deputy_id: int | None


def add_member(
    session: Session, actor: Actor, project_id: int, given: PersonInput, place: Place, *, now: datetime
) -> Person:
    """Somebody joins the project: a new person, or the known one with this e-mail, whose record stays as it is.

    Somebody who is in the project already keeps the place they have: adding twice is adding once.
    """
    mine = standing(session, actor, project_id)
    require(may_conduct(mine), "add_member")
    person = person_by_email(session, given.email) if given.email else None
    known = person if person is not None and person.archived_at is None else None
    try:
        values = _clean(session, project_id, place.__dict__)
    except Invalid as error:  # place and person are one form: all that is wrong is said at once
        raise Invalid(*error.errors, *(wrong_with(session, given) if known is None else ())) from None
    person = known or make_person(session, actor, given, now=now)
    _place(session, actor, project_id, person.id, values, now)
    return person


def place_person(
    session: Session, actor: Actor, project_id: int, person_id: int, place: Place, *, now: datetime
) -> None:
    """A known person joins the project: for the house, which sees everybody."""
    mine = standing(session, actor, project_id)
    require(mine.role == "house", "add_member")
    if session.get(Person, person_id) is None:
        raise NotFound("person")
    _place(session, actor, project_id, person_id, _clean(session, project_id, place.__dict__), now)


def _place(
    session: Session, actor: Actor, project_id: int, person_id: int, values: Mapping[str, Any], now: datetime
) -> None:
    row = _row(session, project_id, person_id)
    if row is not None and row.archived_at is None:
        return
    if row is None:
        row = Membership(project_id=project_id, person_id=person_id, created_at=now)
    row.archived_at = None
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        "member.joined",
        About("person", person_id, project_id),
        now=now,
        role=row.role,
        party=row.party_id,
        can_decide=row.can_decide,
    )
    restamp_project(session, project_id, now)


def edit_member(
    session: Session, actor: Actor, project_id: int, person_id: int, changes: Mapping[str, Any], *, now: datetime
) -> None:
    """Change role, party, can_decide or why. The last conductor stays one."""
    mine, row = find_member(session, actor, project_id, person_id)
    require(may_conduct(mine), "edit_member")
    values = _clean(session, project_id, changes)
    if values.get("role", row.role) != Role.CONDUCTOR:
        _keep_a_conductor(session, row)
    changed = {name: (getattr(row, name), new) for name, new in values.items() if getattr(row, name) != new}
    if not changed:
        return
    for name, (_, new) in changed.items():
        setattr(row, name, new)
    session.add(row)
    record(session, actor, "member.changed", About("person", person_id, project_id), now=now, changes=changed)
    restamp_project(session, project_id, now)


def remove_member(session: Session, actor: Actor, project_id: int, person_id: int, *, now: datetime) -> None:
    """The person leaves the project. Refused while unfinished work is theirs: somebody has to take it over first."""
    mine, row = find_member(session, actor, project_id, person_id)
    require(may_conduct(mine), "edit_member")
    _keep_a_conductor(session, row)
    held = work_of(session, project_id, person_id)
    if held:
        raise Refused("holds_work", held)
    row.archived_at = now
    session.add(row)
    for party in session.exec(select(Party).where(Party.project_id == project_id, Party.lead_id == person_id)):
        party.lead_id = None
        session.add(party)
    here = sa.select(col(Integration.id)).where(col(Integration.project_id) == project_id)
    on_them = select(IntegrationMember).where(
        IntegrationMember.person_id == person_id,
        col(IntegrationMember.removed_at).is_(None),
        col(IntegrationMember.integration_id).in_(here),
    )
    for place in session.exec(on_them):
        place.removed_at = now
        session.add(place)
    session.flush()
    record(session, actor, "member.left", About("person", person_id, project_id), now=now)
    restamp_project(session, project_id, now)


def restore_member(session: Session, actor: Actor, project_id: int, person_id: int, *, now: datetime) -> Person:
    """Back to the place they had, without a party that was put away meanwhile. Who is there stays as they are."""
    mine = standing(session, actor, project_id)
    require(may_conduct(mine), "add_member")
    row, person = _row(session, project_id, person_id), session.get(Person, person_id)
    if row is None or person is None or person.archived_at is not None:
        raise NotFound("person")
    party = row.party_id if row.party_id is not None and _is_party_of(session, row.party_id, project_id) else None
    _place(session, actor, project_id, person_id, {"party_id": party}, now)
    return person


def find_member(session: Session, actor: Actor, project_id: int, person_id: int) -> tuple[Standing, Membership]:
    mine = standing(session, actor, project_id)
    row = _row(session, project_id, person_id)
    if row is None or row.archived_at is not None:
        raise NotFound("person")
    return mine, row


class Former(NamedTuple):
    """Whose place has come to its end."""

    person_id: int
    name: str
    role: str


def former_members(session: Session, mine: Standing) -> list[Former]:
    query = (
        sa.select(col(Person.id), col(Person.name), col(Membership.role))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.project_id) == mine.project_id, col(Membership.archived_at).is_not(None),
            col(Person.archived_at).is_(None),
        )
        .order_by(col(Person.id))
    )  # fmt: skip
    return sorted((Former(*row) for row in rows(session, query)), key=lambda one: by_name(one.name))


def members_of(session: Session, mine: Standing) -> list[Member]:
    """The project's living members by party and name, with contacts where the reader may see them."""
    columns: tuple[Any, ...] = (
        col(Person.id), col(Person.name), col(Person.is_role), col(Membership.role), col(Membership.party_id),
        col(Party.name).label("party"), col(Membership.can_decide), col(Membership.why), col(Person.knows_bot),
        col(Person.opted_out_at),
        col(Membership.invited_at), col(Person.email), col(Person.phone), col(Person.salutation),
        col(Person.language), col(Person.timezone), col(Person.version), col(Person.opens), col(Person.closes),
        col(Person.weekdays), col(Person.cadence), col(Person.deputy_id),
    )  # fmt: skip
    found = rows(
        session,
        sa.select(*columns)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .outerjoin(Party, col(Party.id) == col(Membership.party_id))
        .where(col(Membership.project_id) == mine.project_id, col(Membership.archived_at).is_(None))
        .order_by(col(Person.id)),
    )
    return [
        Member(
            row.id, row.name, row.is_role, row.role, row.party_id, row.party, row.can_decide, row.why, row.knows_bot,
            row.opted_out_at is not None,
            row.invited_at, row.email if may_see_contacts(mine, row.id) else None,
            row.phone if may_see_contacts(mine, row.id) else None, row.salutation, row.language, row.timezone,
            row.version, row.opens, row.closes, row.weekdays, row.cadence, row.deputy_id,
        )
        for row in sorted(found, key=lambda row: (by_name(row.party), by_name(row.name)))
    ]  # fmt: skip


def _row(session: Session, project_id: int, person_id: int) -> Membership | None:
    return session.exec(
        select(Membership).where(Membership.project_id == project_id, Membership.person_id == person_id)
    ).first()


def _keep_a_conductor(session: Session, row: Membership) -> None:
    if row.role == Role.CONDUCTOR and conductors_of(session, row.project_id) == [row.person_id]:
        raise Refused("last_conductor", [{"code": "last_conductor", "person": row.person_id}])


def _clean(session: Session, project_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "role":
            values[name] = fields.one_of(errors, name, value, Role)
        elif name == "party":
            values["party_id"] = value
            if value is not None and not _is_party_of(session, value, project_id):
                errors.append(FieldError(name, "unknown_choice", {"value": str(value)}))
        elif name == "can_decide":
            values[name] = bool(value)
        elif name == "why":
            values[name] = fields.one_line(errors, name, value or "")
        else:
            errors.append(FieldError(name, "unknown_field"))
    fields.refuse(errors)
    return values


def _is_party_of(session: Session, party_id: int, project_id: int) -> bool:
    party = session.get(Party, party_id)
    return party is not None and party.project_id == project_id and party.archived_at is None
