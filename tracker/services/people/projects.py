"""Projects: opening one, its settings, putting it away. Whether its people are written to is `services.speaking`."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import available_timezones

import holidays
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.permissions import may_conduct, require
from tracker.domain.terms import Messages, Role
from tracker.services.access.loading import project_by_id
from tracker.services.ground import fields
from tracker.services.ground.journal import About, Actor, record, start_chain
from tracker.services.ground.versions import change, require_no_conflict
from tracker.services.house.installation import acts_for_the_house
from tracker.services.turns.restamp import restamp_project
from tracker.tables import DayOverride, Membership, Project
from tracker.wording.say import LANGUAGES

KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")

OWN_COLUMNS = 3
DAYS = {"stall_days": (1, 20), "second_days": (1, 20), "escalate_days": (1, 20)}


@dataclass(frozen=True)
class ProjectInput:
    """A project to be. Its people are not written to until the conductor says so."""

    name: str
    key: str
    purpose: str = ""
    timezone: str = "Europe/Moscow"
    language: str = "ru"
    country: str = "RU"


class Mine(NamedTuple):
    """A project as its member sees it in a list."""

    id: int
    key: str
    name: str
    role: str
    messages: str
    timezone: str
    archived: bool


def create_project(
    session: Session, actor: Actor, given: ProjectInput, *, now: datetime, messages: str | None = None
) -> Project:
    """Open a project; its opener conducts it. For who `may_found`, and for the house.

    `messages`: the house's alone (the demo is past its first days); everybody else begins with none.
    """
    require(acts_for_the_house(session, actor), "may_not_found")
    errors: list[FieldError] = []
    if messages is not None:
        require(actor.person_id is None, "not_the_houses")
        fields.one_of(errors, "messages", messages, Messages)
    values = _clean(session, None, asdict(given), errors)
    project = Project(**values, messages=messages or Messages.OFF, created_at=now, updated_at=now)
    session.add(project)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:  # of two who take the key at once the second is told
        raise Invalid(FieldError("key", "taken")) from None
    start_chain(session, project.id)
    session.flush()
    record(
        session,
        actor,
        "project.created",
        About("project", project.id, project.id),
        now=now,
        key=project.key,
        name=project.name,
        version=1,
    )
    # In the house's journal too: a project that is deleted with its own would be missed by nobody.
    record(session, actor, "project.created", About("project", project.id), now=now, key=project.key)
    if actor.person_id is not None:
        session.add(Membership(project_id=project.id, person_id=actor.person_id, role=Role.CONDUCTOR, created_at=now))
        session.flush()
        record(
            session,
            actor,
            "member.joined",
            About("person", actor.person_id, project.id),
            now=now,
            role=str(Role.CONDUCTOR),
        )
    return project


def edit_project(
    session: Session, actor: Actor, project_id: int, version: int | None, changes: Mapping[str, Any], *, now: datetime
) -> Project:
    """`changes`: name, purpose, timezone, language, country, stall_days, second_days, escalate_days, own_columns.

    The key stays: it stands in everybody's links.
    """
    project, mine = project_by_id(session, actor, project_id)
    require(may_conduct(mine), "conductor_only")
    errors: list[FieldError] = []
    if "key" in changes and str(changes["key"]).upper() != project.key:
        errors.append(FieldError("key", "stays"))
    values = _clean(session, project, {name: value for name, value in changes.items() if name != "key"}, errors)
    require_no_conflict(session, "project", project, version, values)
    changed = change(session, actor, project, values, "project.changed", now, project_id=project.id)
    if changed.keys() & {"stall_days", "timezone", "country"}:
        restamp_project(session, project_id, now)
    return project


def pause_project(session: Session, actor: Actor, project_id: int, paused: bool, *, now: datetime) -> Project:
    """Send nothing in this project for now, and go on later."""
    project, mine = project_by_id(session, actor, project_id)
    require(may_conduct(mine), "conductor_only")
    if (project.paused_at is not None) != paused:
        kind = "project.paused" if paused else "project.resumed"
        change(session, actor, project, {"paused_at": now if paused else None}, kind, now, project_id=project.id)
    return project


def set_day(session: Session, actor: Actor, project_id: int, day: date, working: bool | None, *, now: datetime) -> None:
    """Say that a date is a working day here, or is not; None: as the public calendar has it."""
    _, mine = project_by_id(session, actor, project_id)
    require(may_conduct(mine), "conductor_only")
    if problem := fields.day_problem("day", day, now.date()):
        raise Invalid(problem)
    row = session.exec(select(DayOverride).where(DayOverride.project_id == project_id, DayOverride.day == day)).first()
    before = row.working if row is not None else None
    if before == working:
        return
    if row is None:
        assert working is not None
        row = DayOverride(project_id=project_id, day=day, working=working)
        session.add(row)
    elif working is None:
        session.delete(row)
    else:
        row.working = working
        session.add(row)
    session.flush()
    record(
        session,
        actor,
        "project.day_set",
        About("project", project_id, project_id),
        now=now,
        changes={"working": (before, working)},
        day=day,
    )
    restamp_project(session, project_id, now)


def archive_project(session: Session, actor: Actor, project_id: int, *, now: datetime) -> Project:
    """Put away: out of the lists, and nobody of it is written to any more."""
    project, mine = project_by_id(session, actor, project_id)
    require(may_conduct(mine), "conductor_only")
    if project.archived_at is None:
        change(session, actor, project, {"archived_at": now}, "project.archived", now, project_id=project.id)
    return project


def restore_project(session: Session, actor: Actor, project_id: int, *, now: datetime) -> Project:
    project, mine = project_by_id(session, actor, project_id)
    require(may_conduct(mine), "conductor_only")
    change(session, actor, project, {"archived_at": None}, "project.restored", now, project_id=project.id)
    return project


def my_projects(session: Session, actor: Actor, *, archived: bool = False) -> list[Mine]:
    """The actor's projects by name; the house's own ways see all."""
    columns: tuple[Any, ...] = (
        col(Project.id), col(Project.key), col(Project.name), col(Project.messages), col(Project.timezone),
        col(Project.archived_at),
    )  # fmt: skip
    order = (col(Project.archived_at).is_not(None), col(Project.name), col(Project.id))
    query: Any
    if actor.person_id is None:
        require(acts_for_the_house(session, actor), "not_the_houses")
        query = sa.select(*columns, sa.literal("house").label("role"))
    else:
        query = (
            sa.select(*columns, col(Membership.role))
            .join(Membership, col(Membership.project_id) == col(Project.id))
            .where(col(Membership.person_id) == actor.person_id, col(Membership.archived_at).is_(None))
        )
    if not archived:
        query = query.where(col(Project.archived_at).is_(None))
    return [
        Mine(row.id, row.key, row.name, row.role, row.messages, row.timezone, row.archived_at is not None)
        for row in rows(session, query.order_by(*order))
    ]


def _clean(
    session: Session, project: Project | None, changes: Mapping[str, Any], errors: list[FieldError]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "name":
            values[name] = fields.one_line(errors, name, value, required=True, limit=120)
        elif name == "key":
            values[name] = _key(session, errors, value)
        elif name == "purpose":
            values[name] = fields.long_text(errors, name, value or "")
        elif name == "timezone":
            values[name] = fields.one_of(errors, name, value, available_timezones())
        elif name == "language":
            values[name] = fields.one_of(errors, name, value, LANGUAGES)
        elif name == "country":
            values[name] = fields.one_of(errors, name, value, ("", *holidays.list_supported_countries()))
        elif name in DAYS:
            values[name] = _days(errors, name, value)
        elif name == "own_columns":
            values[name] = _own_columns(errors, value)
        else:
            errors.append(FieldError(name, "unknown_field"))
    fields.refuse(errors)
    return values


def _key(session: Session, errors: list[FieldError], value: str) -> str:
    key = value.strip().upper()
    if not KEY.fullmatch(key):
        errors.append(FieldError("key", "not_a_key" if key else "required"))
    elif session.exec(select(Project.id).where(Project.key == key)).first() is not None:
        errors.append(FieldError("key", "taken"))
    return key


def _days(errors: list[FieldError], name: str, value: int) -> int:
    least, most = DAYS[name]
    if not least <= value <= most:
        errors.append(FieldError(name, "out_of_range", {"least": least, "most": most}))
    return value


def _own_columns(errors: list[FieldError], value: list[str]) -> list[str]:
    """The place tells which column it is: an empty name between hides one and moves none of the others."""
    names = [fields.one_line(errors, "own_columns", name, limit=40) for name in value]
    while names and not names[-1]:
        names.pop()
    if len(names) > OWN_COLUMNS:
        errors.append(FieldError("own_columns", "too_many", {"most": OWN_COLUMNS}))
    return names
