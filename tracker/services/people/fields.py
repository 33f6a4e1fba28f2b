"""The fields of a person as they are given: their types, limits and names. Shared by making and editing."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any
from zoneinfo import available_timezones

import holidays
from sqlmodel import Session

from tracker.domain.errors import FieldError
from tracker.services.access.persons import person_by_email, projects_of
from tracker.services.ground import fields
from tracker.tables import Person
from tracker.wording.languages import languages

EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
PHONE = re.compile(r"\+?[\d\s().-]{5,30}")


def cleaned(session: Session, person: Person | None, changes: Mapping[str, Any]) -> dict[str, Any]:
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
            values[name] = fields.one_of(errors, name, value, languages())
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
