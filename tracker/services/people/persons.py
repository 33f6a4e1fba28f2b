"""The verbs of a person: who somebody is, in all projects alike. Their place in one is `services.memberships`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError, Forbidden, Invalid, Refused
from tracker.domain.permissions import require
from tracker.domain.terms import Way
from tracker.services.access.persons import find_person, projects_of, shared_standings
from tracker.services.ground import fields
from tracker.services.ground.journal import About, Actor, record
from tracker.services.ground.search import normalise
from tracker.services.ground.versions import require_no_conflict
from tracker.services.house.installation import acts_for_the_house, close_setup, is_empty
from tracker.services.people.fields import cleaned
from tracker.services.turns.restamp import restamp_project
from tracker.tables import Person, SignIn, Token

PRIVATE = frozenset({"email", "phone"})
"""Fields that the journals of projects leave out: contacts are not for everybody who reads along."""

MOVES_TIME = frozenset({"timezone", "opens", "closes", "weekdays", "country", "deputy"})
"""Fields that stored moments depend on."""


@dataclass(frozen=True)
class PersonInput:
    """A person to be. `timezone` and `language`: those of the house unless said otherwise."""

    name: str
    email: str | None = None
    phone: str | None = None
    salutation: str = ""
    language: str = "ru"
    timezone: str = "Europe/Moscow"
    is_role: bool = False
    knows_bot: bool = False


def found_house(
    session: Session, given: PersonInput, password_hash: str, *, now: datetime
) -> Person:  # the very first verb of an installation
    """The first conductor, who may open projects. Refused once anybody is here."""
    if not is_empty(session):
        raise Refused("already_set_up", [])
    person = make_person(session, Actor(None, Way.WEB), given, now=now, email_needed=True)
    person.password_hash = password_hash
    person.may_found = True
    session.add(person)
    close_setup(session, now=now)
    return person


def wrong_with(session: Session, given: PersonInput) -> tuple[FieldError, ...]:
    """What keeps a new person from being made of this; nothing when it does not."""
    try:
        cleaned(session, None, asdict(given))
    except Invalid as error:
        return tuple(error.errors)
    return ()


def make_person(
    session: Session, actor: Actor, given: PersonInput, *, now: datetime, email_needed: bool = False
) -> Person:
    """A new person without asking who may: for verbs that have asked. Raises Invalid, also for a known e-mail."""
    values = cleaned(session, None, asdict(given))
    if email_needed and not values["email"]:
        raise Invalid(FieldError("email", "required"))
    person = Person(**values, created_at=now, updated_at=now)
    person.search = normalise(person.name, person.email)
    _flush(session, person)
    record(
        session,
        actor,
        "person.created",
        About("person", person.id),
        now=now,
        changes={name: (None, value) for name, value in values.items() if value not in (None, "", False)},
        version=1,
    )
    return person


def add_person(session: Session, actor: Actor, given: PersonInput, *, now: datetime) -> Person:
    """A person without a project yet: the house's own doing. Conductors use `memberships.add_member`."""
    require(acts_for_the_house(session, actor), "not_the_houses")
    return make_person(session, actor, given, now=now)


def edit_person(
    session: Session, actor: Actor, person_id: int, version: int | None, changes: Mapping[str, Any], *, now: datetime
) -> Person:
    """Change some of: name, email, phone, salutation, language, timezone, is_role, knows_bot, opens, closes, weekdays,
    country, cadence, deputy, may_found. `version`: the one that was seen; None: the newest is meant.
    """
    seen = find_person(session, actor, person_id, lock=True)
    require(seen.editable, "edit_person")
    person = seen.person
    if "may_found" in changes:
        require(acts_for_the_house(session, actor), "not_the_houses")
    values = cleaned(session, person, changes)
    require_no_conflict(session, "person", person, version, values)
    changed = fields.apply(person, values, now)
    if not changed:
        return person
    person.search = normalise(person.name, person.email)
    _flush(session, person)
    tell_person(session, actor, person, "person.changed", changed, now=now)
    if {name.removesuffix("_id") for name in changed} & MOVES_TIME:
        restamp_for(session, person_id, now)
    return person


def archive_person(session: Session, actor: Actor, person_id: int, *, now: datetime) -> Person:
    """The person can't sign in any more and their private links end. Their places in projects are ended one by one
    before (`memberships.remove_member`), since each project has to hand their work over.
    """
    seen = find_person(session, actor, person_id, lock=True)
    require(seen.editable and actor.person_id != person_id, "archive_person")
    person = seen.person
    if person.archived_at is not None:
        return person
    if places := projects_of(session, person_id):
        raise Refused("still_a_member", [{"code": "still_a_member", "project": project} for project in places])
    changed = fields.apply(person, {"archived_at": now}, now)
    for opened in session.exec(select(SignIn).where(SignIn.person_id == person_id, col(SignIn.revoked_at).is_(None))):
        opened.revoked_at = now
    for token in session.exec(select(Token).where(Token.person_id == person_id, col(Token.revoked_at).is_(None))):
        token.revoked_at = now
    session.add(person)
    tell_person(session, actor, person, "person.archived", changed, now=now)
    return person


def restore_person(session: Session, actor: Actor, person_id: int, *, now: datetime) -> Person:
    seen = find_person(session, actor, person_id, lock=True)
    require(acts_for_the_house(session, actor), "not_the_houses")
    changed = fields.apply(seen.person, {"archived_at": None}, now)
    if changed:
        session.add(seen.person)
        tell_person(session, actor, seen.person, "person.restored", changed, now=now)
    return seen.person


def set_password(session: Session, actor: Actor, person_id: int, password_hash: str, *, now: datetime) -> None:
    """One's own, or by the house. `password_hash`: from `sessions.hash_password`, made before the transaction."""
    seen = find_person(session, actor, person_id, lock=True)
    if actor.person_id != person_id and not (actor.person_id is None and actor.way == Way.CLI):
        raise Forbidden("set_password")
    seen.person.password_hash = password_hash
    session.add(seen.person)
    record(session, actor, "person.password_set", About("person", person_id), now=now)


def mark_knows_bot(session: Session, actor: Actor, person_id: int, knows: bool, *, now: datetime) -> Person:
    """«Знает о боте»: said by who conducts a project of theirs, or by themself. Without it nobody is written to."""
    seen = find_person(session, actor, person_id, lock=True)
    allowed = seen.editable or any(mine.runs for mine in shared_standings(session, actor, person_id))
    require(allowed, "edit_person")
    changed = fields.apply(seen.person, {"knows_bot": knows}, now)
    if changed:
        session.add(seen.person)
        tell_person(session, actor, seen.person, "person.changed", changed, now=now)
    return seen.person


def tell_person(
    session: Session, actor: Actor, person: Person, kind: str, changed: Mapping[str, tuple[Any, Any]], *, now: datetime
) -> None:
    """In the house's journal in full, and in that of each project they are in without their contacts: what a project
    shows of them has changed, and its pages are kept fresh by its own sequence.
    """
    record(session, actor, kind, About("person", person.id), now=now, changes=changed, version=person.version)
    shown = {name: both for name, both in changed.items() if name not in PRIVATE}
    for project_id in projects_of(session, person.id):
        record(session, actor, kind, About("person", person.id, project_id), now=now, changes=shown)


def restamp_for(session: Session, person_id: int, now: datetime) -> None:
    """Stored moments follow the hours of the person in all their projects."""
    for project_id in projects_of(session, person_id):
        restamp_project(session, project_id, now)


def _flush(session: Session, person: Person) -> None:
    """The address is unique; of two who add it at once the second is told."""
    session.add(person)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:
        raise Invalid(FieldError("email", "taken")) from None
