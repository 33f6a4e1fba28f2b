"""Whether a project's people are written to: not before its conductor has read what would go out."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from tracker.domain.errors import FieldError, Refused
from tracker.domain.permissions import require_conductor
from tracker.domain.terms import Messages
from tracker.domain.worktime import Calendar, day_in, next_working_day
from tracker.services.access.loading import project_by_id
from tracker.services.ground import fields
from tracker.services.ground.journal import About, Actor, record
from tracker.services.ground.versions import change
from tracker.services.ground.working_calendars import public_days
from tracker.tables import Project

FIRST_DAYS = 5
"""Working days during which each message waits for the conductor's approval."""


def see_preview(session: Session, actor: Actor, project_id: int, *, now: datetime) -> Project:
    """The conductor says that they have read what would go out: the first time is kept, with who it was."""
    project, mine = project_by_id(session, actor, project_id)
    require_conductor(mine)
    if project.preview_seen_at is None and actor.person_id is not None:
        project.preview_seen_at, project.preview_seen_by_id = now, actor.person_id
        session.add(project)
        record(session, actor, "project.preview_seen", About("project", project.id, project.id), now=now)
    return project


def switch_messages(session: Session, actor: Actor, project_id: int, messages: str, *, now: datetime) -> Project:
    """Let the project's people be written to, or stop it. Refused (preview_first) before somebody has read what would
    go out; the first working days go through the conductor's hands: `on` means `approve` until they are over.
    """
    project, mine = project_by_id(session, actor, project_id)
    require_conductor(mine)
    errors: list[FieldError] = []
    wanted = fields.one_of(errors, "messages", messages, Messages)
    fields.refuse(errors)
    values: dict[str, Any] = {"messages": wanted}
    # The house itself (the command line) answers for what it does; it has no page to read.
    if wanted != Messages.OFF and actor.person_id is not None:
        if project.messages == Messages.OFF and project.preview_seen_at is None:
            raise Refused("preview_first", [])
        today = day_in(project.timezone, now)
        until = project.approve_until
        if until is None and project.messages != Messages.ON:
            until = values["approve_until"] = _after_first_days(project, today)
        if until is not None and today <= until:
            values["messages"] = Messages.APPROVE
    change(session, actor, project, values, "project.messages_switched", now, project_id=project.id)
    return project


def _after_first_days(project: Project, today: date) -> date:
    off, extra = public_days(project.country, today.year, today.year + 1)
    calendar = Calendar(zone=project.timezone, days_off=off, extra_days=extra)
    day: date | None = today
    for number in range(FIRST_DAYS):
        day = next_working_day(calendar, day + timedelta(days=1) if number else day) if day else None
    return day or today
