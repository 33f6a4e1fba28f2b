"""Persons: who somebody is, in all projects alike. Their place in one project is `services.memberships`."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any, NamedTuple
from zoneinfo import available_timezones

import holidays
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError, Forbidden, Invalid, NotFound, Refused
from tracker.domain.permissions import may_see_contacts
from tracker.domain.terms import Role, Way
from tracker.services import fields
from tracker.services.house import acts_for_the_house, close_setup, is_empty
from tracker.services.journal import Actor, record
from tracker.services.restamp import restamp_project
from tracker.services.rights import require, standing
from tracker.services.search import normalise
from tracker.services.versions import require_no_conflict
from tracker.tables import Membership, Person, SignIn, Token
from tracker.wording import LANGUAGES

EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
PHONE = re.compile(r"\+?[\d\s().-]{5,30}")

PRIVATE = frozenset({"email", "phone"})
"""Fields that the journals of projects leave out: contacts are not for everybody who reads along."""

MOVES_TIME = frozenset({"timezone", "opens", "closes", "weekdays", "country", "deputy"})
"""Fields that stored moments depend on."""

COLUMNS = {"deputy": "deputy_id"}


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


class SeenPerson(NamedTuple):
    """A person as the actor may see them: with contacts or without; to be edited or not."""

    person: Person
    contacts: bool
    editable: bool


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
        _clean(session, None, asdict(given))
    except Invalid as error:
        return tuple(error.errors)
    return ()


def make_person(
    session: Session, actor: Actor, given: PersonInput, *, now: datetime, email_needed: bool = False
) -> Person:
    """A new person without asking who may: for verbs that have asked. Raises Invalid, also for a known e-mail."""
    values = _clean(session, None, asdict(given))
    if email_needed and not values["email"]:
        raise Invalid(FieldError("email", "required"))
    person = Person(**values, created_at=now, updated_at=now)
    person.search = normalise(person.name, person.email)
    _flush(session, person)
    record(
        session, actor, "person.created", "person", person.id, now=now,
        changes={name: (None, value) for name, value in values.items() if value not in (None, "", False)},
        version=1,
    )  # fmt: skip
    return person


def add_person(session: Session, actor: Actor, given: PersonInput, *, now: datetime) -> Person:
    """A person without a project yet: the house's own doing. Conductors use `memberships.add_member`."""
    require(acts_for_the_house(session, actor), "not_the_houses")
    return make_person(session, actor, given, now=now)


def person_by_email(session: Session, email: str) -> Person | None:
    """For the house and for verbs that have asked: tells whether somebody is known."""
    return session.exec(select(Person).where(Person.email == email.strip().casefold())).first()


def projects_of(session: Session, person_id: int) -> list[int]:
    """Ids of the projects that the person belongs to."""
    query = (
        select(Membership.project_id)
        .where(Membership.person_id == person_id, col(Membership.archived_at).is_(None))
        .order_by(col(Membership.project_id))
    )
    return list(session.exec(query))


def find_person(session: Session, actor: Actor, person_id: int, *, lock: bool = False) -> SeenPerson:
    """Oneself, and everybody of one's own projects; who runs the house sees all. Others are not found."""
    query = select(Person).where(Person.id == person_id)
    person = session.exec(query.with_for_update() if lock else query).first()
    if person is None:
        raise NotFound("person")
    if actor.person_id == person_id:
        return SeenPerson(person, contacts=True, editable=True)
    if acts_for_the_house(session, actor) and actor.person_id is None:
        return SeenPerson(person, contacts=True, editable=True)
    shared = [mine for mine in (_standing(session, actor, one) for one in projects_of(session, person_id)) if mine]
    known = [mine for mine in shared if mine is not None]
    founder = acts_for_the_house(session, actor)
    if not known and not founder:
        raise NotFound("person")
    conducts = {mine.project_id for mine in known if mine.role == Role.CONDUCTOR}
    # A conductor keeps the records of who never signs in, or works with them alone: nobody else's account is theirs.
    theirs = bool(conducts) and (person.password_hash is None or conducts >= set(projects_of(session, person_id)))
    return SeenPerson(
        person,
        contacts=founder or any(may_see_contacts(mine, person_id) for mine in known),
        editable=(founder or theirs) and not (person.may_found and not founder),
    )


def _standing(session: Session, actor: Actor, project_id: int) -> Any:
    try:
        return standing(session, actor, project_id)
    except NotFound:
        return None


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
    values = _clean(session, person, changes)
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
    for table in (SignIn, Token):
        session.connection().execute(
            update(table).where(table.person_id == person_id, table.revoked_at.is_(None)).values(revoked_at=now)
        )
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
    record(session, actor, "person.password_set", "person", person_id, now=now)


def mark_knows_bot(session: Session, actor: Actor, person_id: int, knows: bool, *, now: datetime) -> Person:
    """«Знает о боте»: said by who conducts a project of theirs, or by themself. Without it nobody is written to."""
    seen = find_person(session, actor, person_id, lock=True)
    allowed = seen.editable or any(
        mine is not None and mine.runs
        for mine in (_standing(session, actor, one) for one in projects_of(session, person_id))
    )
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
    record(session, actor, kind, "person", person.id, now=now, changes=changed, version=person.version)
    shown = {name: both for name, both in changed.items() if name not in PRIVATE}
    for project_id in projects_of(session, person.id):
        record(session, actor, kind, "person", person.id, now=now, project_id=project_id, changes=shown)


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


def _clean(session: Session, person: Person | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values by column; raises Invalid with an error for each wrong field."""
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "name":
            values[name] = fields.one_line(errors, name, value, required=True, limit=120)
        elif name == "salutation":
            values[name] = fields.one_line(errors, name, value or "", limit=120)
        elif name == "email":
            values[name] = _email(session, errors, value or "", person)
        elif name == "phone":
            values[name] = _phone(errors, value or "")
        elif name == "language":
            values[name] = fields.one_of(errors, name, value, LANGUAGES)
        elif name == "timezone":
            values[name] = fields.one_of(errors, name, value, available_timezones())
        elif name == "country":
            values[name] = fields.one_of(errors, name, value, ("", *holidays.list_supported_countries()))
        elif name in ("weekdays", "cadence"):
            values[name] = _weekdays(errors, name, value, needed=name == "weekdays")
        elif name in ("opens", "closes"):
            values[name] = value
        elif name == "deputy":
            values["deputy_id"] = _deputy(session, errors, value, person)
        elif name in ("is_role", "knows_bot", "may_found"):
            values[name] = bool(value)
        else:
            errors.append(FieldError(name, "unknown_field"))
    _hours(errors, values, person)
    fields.refuse(errors)
    return values


def _email(session: Session, errors: list[FieldError], value: str, person: Person | None) -> str | None:
    email = fields.one_line(errors, "email", value, limit=254).casefold()
    if not email:
        return None
    if not EMAIL.fullmatch(email):
        errors.append(FieldError("email", "not_an_email"))
    elif (other := person_by_email(session, email)) is not None and (person is None or other.id != person.id):
        errors.append(FieldError("email", "taken"))
    return email


def _phone(errors: list[FieldError], value: str) -> str | None:
    phone = fields.one_line(errors, "phone", value, limit=40)
    if phone and not PHONE.fullmatch(phone):
        errors.append(FieldError("phone", "not_a_phone"))
    return phone or None


def _weekdays(errors: list[FieldError], name: str, value: str, *, needed: bool) -> str:
    days = "".join(sorted(set(value or "")))
    if not set(days) <= set("0123456") or (needed and not days):
        errors.append(FieldError(name, "not_weekdays"))
    return days


def _hours(errors: list[FieldError], values: Mapping[str, Any], person: Person | None) -> None:
    opens = values.get("opens", person.opens if person else time(10))
    closes = values.get("closes", person.closes if person else time(18))
    if opens >= closes:
        errors.append(FieldError("closes", "ends_before_it_begins"))


def _deputy(session: Session, errors: list[FieldError], value: int | None, person: Person | None) -> int | None:
    """Somebody of the same projects, and not the person themself."""
    if value is None or person is None:
        return value
    deputy = session.get(Person, value)
    shared = set(projects_of(session, value)) & set(projects_of(session, person.id))
    if deputy is None or deputy.archived_at is not None or not shared or value == person.id:
        errors.append(FieldError("deputy", "not_a_member"))
    return value
