"""Parties and people as programs read them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.permissions import Standing, may_see_contacts
from tracker.services.access.loading import standings_of
from tracker.services.access.persons import find_person
from tracker.services.facts.tasks import Reference
from tracker.services.ground.journal import Actor
from tracker.services.nudging.reach import addresses_of
from tracker.tables import Membership, Party, Person, Project


class PartyFacts(NamedTuple):
    id: int
    project: Reference
    name: str
    kind: str
    lead: Reference | None
    version: int

    @property
    def place(self) -> int:
        return self.id


class PersonFacts(NamedTuple):
    """`email` and `reachable_by` as far as the reader may see contacts; parties and roles in shared projects."""

    id: int
    name: str
    email: str | None
    salutation: str
    timezone: str
    language: str
    parties: Sequence[Reference]
    roles: Sequence[str]
    knows_bot: bool
    reachable_by: Sequence[str]
    version: int

    @property
    def place(self) -> int:
        return self.id


def list_parties(session: Session, mine: Standing, after: int | None, limit: int) -> list[PartyFacts]:
    living = [Party.project_id == mine.project_id, Party.archived_at.is_(None), Party.id > (after or 0)]
    return _parties(session, *living, limit=limit)


def one_party(session: Session, party_id: int) -> PartyFacts:
    """For who has found it (`people.parties.find_party`)."""
    return _parties(session, Party.id == party_id, limit=1)[0]


def _parties(session: Session, *clauses: sa.ColumnElement[bool], limit: int) -> list[PartyFacts]:
    columns: tuple[Any, ...] = (
        Party.id, Party.project_id, Project.name.label("project"), Party.name, Party.kind, Party.lead_id,
        Person.name.label("lead"), Party.version,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Project, Project.id == Party.project_id)
        .outerjoin(Person, Person.id == Party.lead_id)
        .where(*clauses)
        .order_by(Party.id)
        .limit(limit)
    )
    return [
        PartyFacts(
            row.id,
            Reference(row.project_id, row.project),
            row.name,
            row.kind,
            Reference(row.lead_id, row.lead) if row.lead_id is not None else None,
            row.version,
        )
        for row in rows(session, query)
    ]


COLUMNS: tuple[Any, ...] = (
    Person.id, Person.name, Person.email, Person.salutation, Person.timezone, Person.language, Person.knows_bot,
    Person.telegram_chat_id, Person.telegram_dead_at, Person.email_dead_at, Person.version,
)  # fmt: skip


def list_people(session: Session, places: Sequence[Standing], after: int | None, limit: int) -> list[PersonFacts]:
    """The living members of these projects, each once, by id."""
    shared = sa.select(Membership.person_id).where(
        Membership.project_id.in_([mine.project_id for mine in places]), Membership.archived_at.is_(None)
    )
    query = (
        sa.select(*COLUMNS)
        .where(Person.id.in_(shared), Person.archived_at.is_(None), Person.id > (after or 0))
        .order_by(Person.id)
        .limit(limit)
    )
    found = rows(session, query)
    members = _members(session, places, [row.id for row in found])
    return [_person(row, members[row.id], _sees_contacts(members[row.id], places, row.id)) for row in found]


def one_person(session: Session, actor: Actor, person_id: int) -> PersonFacts:
    """Raises NotFound for somebody of no common project."""
    seen = find_person(session, actor, person_id)
    row = rows(session, sa.select(*COLUMNS).where(Person.id == person_id))[0]
    return _person(row, _members(session, standings_of(session, actor), [person_id])[person_id], seen.contacts)


def _members(session: Session, places: Sequence[Standing], person_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Person -> their places in these projects, in one query."""
    columns: tuple[Any, ...] = (
        Membership.person_id,
        Membership.project_id,
        Membership.role,
        Membership.party_id,
        Party.name.label("party"),
    )
    query = (
        sa.select(*columns)
        .outerjoin(Party, Party.id == Membership.party_id)
        .where(
            Membership.project_id.in_([mine.project_id for mine in places]),
            Membership.person_id.in_(person_ids),
            Membership.archived_at.is_(None),
        )
        .order_by(Membership.project_id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows(session, query):
        found[row.person_id].append(row)
    return found


def _sees_contacts(members: Sequence[Any], places: Sequence[Standing], person_id: int) -> bool:
    shared = {row.project_id for row in members}
    return any(may_see_contacts(mine, person_id) for mine in places if mine.project_id in shared)


def _person(row: Any, members: Sequence[Any], contacts: bool) -> PersonFacts:
    parties = {member.party_id: member.party for member in members if member.party_id is not None}
    return PersonFacts(
        row.id,
        row.name,
        row.email if contacts else None,
        row.salutation,
        row.timezone,
        row.language,
        [Reference(*party) for party in parties.items()],
        list(dict.fromkeys(member.role for member in members)),
        row.knows_bot,
        list(addresses_of(row)) if contacts else [],
        row.version,
    )
