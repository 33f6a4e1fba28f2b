"""The agenda of a meeting: its lines, and what is being noted at each of them before the meeting ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import Session, func, select

from tracker.domain.errors import FieldError, NotFound
from tracker.domain.meetings import ClosingItem
from tracker.domain.permissions import Standing, require_conductor
from tracker.domain.terms import Outcome
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor, record
from tracker.services.meetings.planning import find_meeting, require_planned
from tracker.tables import Deadlock, Meeting, MeetingItem, Task


@dataclass(frozen=True)
class ItemInput:
    """A line; it may be about a task or a deadlock, whose title it then takes if it has none."""

    title: str = ""
    task: int | None = None
    deadlock: int | None = None


class SeenItem(NamedTuple):
    item: MeetingItem
    meeting: Meeting
    standing: Standing


def facts_of_item(item: MeetingItem) -> ClosingItem:
    """As the rule of closing reads it."""
    return ClosingItem(
        item.id,
        item.outcome,
        item.step_title,
        item.step_owner_id,
        date.fromisoformat(item.step_needed_by) if item.step_needed_by else None,
        item.reason,
    )


def find_item(session: Session, actor: Actor, item_id: int) -> SeenItem:
    meeting_id = session.exec(select(MeetingItem.meeting_id).where(MeetingItem.id == item_id)).first()
    if meeting_id is None:
        raise NotFound("item")
    try:
        meeting, mine = find_meeting(session, actor, meeting_id, lock=True)
    except NotFound:
        raise NotFound("item") from None
    item = session.exec(select(MeetingItem).where(MeetingItem.id == item_id)).first()
    if item is None:
        raise NotFound("item")
    return SeenItem(item, meeting, mine)


def add_items(
    session: Session, actor: Actor, meeting_id: int, given: Sequence[ItemInput], *, now: datetime
) -> list[MeetingItem]:
    """Lines at the end of the agenda."""
    meeting, mine = find_meeting(session, actor, meeting_id, lock=True)
    require_conductor(mine)
    require_planned(meeting)
    last = session.exec(select(func.max(MeetingItem.position)).where(MeetingItem.meeting_id == meeting.id)).one()
    added = []
    for place, one in enumerate(given, start=(last or 0) + 1):
        item = MeetingItem(meeting_id=meeting.id, position=place, **_clean_line(session, meeting.project_id, one))
        session.add(item)
        session.flush()
        record(session, actor, "meeting.item_added", meeting, now=now, item=item.id, title=item.title)
        added.append(item)
    return added


def note_item(
    session: Session, actor: Actor, item_id: int, changes: Mapping[str, Any], *, now: datetime
) -> MeetingItem:
    """`changes`: title, outcome, reason, step_title, step_owner (a person), step_needed_by (a date or None)."""
    item, meeting, mine = find_item(session, actor, item_id)
    require_conductor(mine)
    require_planned(meeting)
    values = clean_note(session, meeting.project_id, changes)
    changed = {name: (getattr(item, name), new) for name, new in values.items() if getattr(item, name) != new}
    for name, (_, new) in changed.items():
        setattr(item, name, new)
    if changed:
        session.add(item)
        record(session, actor, "meeting.item_noted", meeting, now=now, item=item.id, changes=changed)
    return item


def remove_item(session: Session, actor: Actor, item_id: int, *, now: datetime) -> None:
    item, meeting, mine = find_item(session, actor, item_id)
    require_conductor(mine)
    require_planned(meeting)
    session.delete(item)
    record(session, actor, "meeting.item_removed", meeting, now=now, item=item.id, title=item.title)


def clean_note(session: Session, project_id: int, changes: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Column values of what is noted at a line. `prefix` names the line in a form with several."""
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        field = f"{prefix}{name}"
        if name in ("title", "step_title"):
            values[name] = fields.one_line(errors, field, value, required=name == "title")
        elif name == "reason":
            values[name] = fields.long_text(errors, field, value)
        elif name == "outcome":
            values[name] = fields.one_of(errors, field, value, Outcome) if value is not None else None
        elif name == "step_owner":
            values["step_owner_id"] = fields.member(session, errors, field, project_id, value)
        elif name == "step_needed_by":
            values[name] = value.isoformat() if value is not None else ""
        else:
            errors.append(FieldError(field, "unknown_field"))
    fields.refuse(errors)
    return values


def _clean_line(session: Session, project_id: int, given: ItemInput) -> dict[str, Any]:
    errors: list[FieldError] = []
    title = given.title
    if given.task is not None:
        task = session.get(Task, given.task)
        if task is None or task.project_id != project_id:
            errors.append(FieldError("task", "unknown"))
        else:
            title = title or task.title
    if given.deadlock is not None:
        deadlock = session.get(Deadlock, given.deadlock)
        if deadlock is None or deadlock.project_id != project_id:
            errors.append(FieldError("deadlock", "unknown"))
        else:
            title = title or deadlock.title
    clean = fields.one_line(errors, "title", title, required=not errors)
    fields.refuse(errors)
    return {"title": clean, "task_id": given.task, "deadlock_id": given.deadlock}
