"""The end of a meeting: each line is left with a next step, moved on, or with a reason; steps become tasks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from tracker.db import rows
from tracker.domain.errors import FieldError, Refused
from tracker.domain.meetings import MissingStep, is_confirmed, missing_to_close, missing_to_drop
from tracker.domain.permissions import require_conductor
from tracker.domain.terms import MeetingState, Outcome, Rsvp
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor
from tracker.services.ground.versions import require_no_conflict
from tracker.services.meetings.agenda import clean_note, facts_of_item
from tracker.services.meetings.carrying_over import carry_over, integrations_of_meeting, items_of, next_meeting
from tracker.services.meetings.planning import SeenMeeting, change_meeting, held, require_planned
from tracker.services.tasks.editing import TaskInput, create_tasks
from tracker.tables import Deadlock, Meeting, MeetingItem, MeetingPerson, Task


@dataclass(frozen=True)
class ItemEnd:
    """What became of a line: exactly one of a step, moved, or a reason. All empty: as noted before."""

    item: int
    step_title: str = ""
    step_owner: int | None = None
    step_needed_by: date | None = None
    moved: bool = False
    reason: str = ""


def close_meeting(
    session: Session,
    actor: Actor,
    ended: int | SeenMeeting,
    version: int | None,
    ends: Sequence[ItemEnd] = (),
    *,
    notes: str | None = None,
    attended: Collection[int] | None = None,
    now: datetime,
) -> Meeting:
    """Close it and make its steps tasks; Refused with {item, code} for each line that is not ended yet.

    `attended`: who was there; None: whoever had not declined. Closing a closed meeting changes nothing.
    """
    meeting, mine = held(session, actor, ended)
    require_conductor(mine)
    if meeting.state == MeetingState.CLOSED:
        return meeting
    require_planned(meeting)
    errors: list[FieldError] = []
    values: dict[str, Any] = {} if notes is None else {"notes": fields.long_text(errors, "notes", notes)}
    fields.refuse(errors)
    require_no_conflict(session, "meeting", meeting, version, values)
    items = _note_ends(session, meeting, ends)
    _refuse(missing_to_close([facts_of_item(item) for item in items]))
    present = _note_attendance(session, actor, meeting, attended)
    _make_steps(session, actor, meeting, [item for item in items if _is_step(item)], present, now)
    values |= {"state": str(MeetingState.CLOSED), "closed_at": now}
    change_meeting(session, actor, meeting, values, "meeting.closed", now)
    _pass_on(session, actor, meeting, now)
    return meeting


def drop_meeting(
    session: Session, actor: Actor, dropped: int | SeenMeeting, version: int | None, reason: str, *, now: datetime
) -> Meeting:
    """«Не состоялся», and why. What stood on the agenda waits for the next meeting."""
    meeting, mine = held(session, actor, dropped)
    require_conductor(mine)
    errors: list[FieldError] = []
    words = fields.long_text(errors, "reason", reason)
    fields.refuse(errors)
    if meeting.state == MeetingState.NOT_HELD and meeting.reason == words:
        return meeting
    require_planned(meeting)
    values: dict[str, Any] = {"reason": words}
    require_no_conflict(session, "meeting", meeting, version, values)
    _refuse(missing_to_drop(words))
    for item in items_of(session, meeting.id):
        item.outcome = str(Outcome.MOVED)
        session.add(item)
    values |= {"state": str(MeetingState.NOT_HELD), "closed_at": now}
    change_meeting(session, actor, meeting, values, "meeting.not_held", now)
    _pass_on(session, actor, meeting, now)
    return meeting


def _pass_on(session: Session, actor: Actor, meeting: Meeting, now: datetime) -> None:
    following = next_meeting(session, meeting)
    if following is not None:
        carry_over(session, actor, meeting, following, now=now)


def _refuse(missing: Sequence[MissingStep]) -> None:
    if missing:
        raise Refused("meeting_open", [{"item": one.item, "code": one.code} for one in missing])


def _note_ends(session: Session, meeting: Meeting, ends: Sequence[ItemEnd]) -> list[MeetingItem]:
    items = items_of(session, meeting.id)
    known = {item.id: item for item in items}
    fields.refuse([FieldError("items", "unknown") for end in ends if end.item not in known])
    for end in ends:
        step = bool(end.step_title.strip() or end.step_owner is not None or end.step_needed_by is not None)
        said = [
            outcome
            for outcome, is_said in (
                (Outcome.STEP, step),
                (Outcome.MOVED, end.moved),
                (Outcome.NO_STEP, bool(end.reason.strip())),
            )
            if is_said
        ]
        prefix = f"items.{end.item}."
        fields.refuse([FieldError(f"{prefix}outcome", "only_one")] if len(said) > 1 else [])
        if not said:
            continue
        noted: dict[str, Any] = {"outcome": str(said[0])}
        if step:
            noted |= {"step_title": end.step_title, "step_owner": end.step_owner, "step_needed_by": end.step_needed_by}
        if said[0] is Outcome.NO_STEP:
            noted["reason"] = end.reason
        for name, value in clean_note(session, meeting.project_id, noted, prefix).items():
            setattr(known[end.item], name, value)
        session.add(known[end.item])
    return items


def _note_attendance(
    session: Session, actor: Actor, meeting: Meeting, attended: Collection[int] | None
) -> frozenset[int]:
    present: set[int] = set()
    for row in session.exec(select(MeetingPerson).where(MeetingPerson.meeting_id == meeting.id)):
        row.attended = row.rsvp != Rsvp.NO if attended is None else row.person_id in attended
        if row.attended:
            present.add(row.person_id)
        session.add(row)
    # Whoever closes it was there, invited or not; and somebody may have come uninvited.
    return frozenset(present | set(attended or ()) | ({actor.person_id} if actor.person_id is not None else set()))


def _make_steps(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    items: Sequence[MeetingItem],
    present: Collection[int],
    now: datetime,
) -> None:
    if not items:
        return
    integrations = _integrations(session, meeting, items)
    steps = [_step(item, meeting, integrations[item.id], present) for item in items]
    for item, task in zip(items, create_tasks(session, actor, meeting.project_id, steps, now=now), strict=True):
        item.step_task_id = task.id
        session.add(item)


def _step(item: MeetingItem, meeting: Meeting, integration: int | None, present: Collection[int]) -> TaskInput:
    facts = facts_of_item(item)
    return TaskInput(
        title=facts.step_title,
        owner=facts.step_owner,
        needed_by=facts.step_needed_by,
        integration=integration,
        meeting_id=meeting.id,
        confirmed=facts.step_owner is not None and is_confirmed(facts.step_owner, present),
    )


def _is_step(item: MeetingItem) -> bool:
    return item.outcome == Outcome.STEP and item.step_owner_id is not None


def _integrations(session: Session, meeting: Meeting, items: Sequence[MeetingItem]) -> dict[int, int | None]:
    """Where each line's step belongs: with its task or deadlock, else with the one integration of the meeting."""
    of_task = _integrations_of(session, Task, [item.task_id for item in items])
    of_deadlock = _integrations_of(session, Deadlock, [item.deadlock_id for item in items])
    own = integrations_of_meeting(session, meeting.id)
    alone = own[0] if len(own) == 1 else None
    return {item.id: of_task.get(item.task_id) or of_deadlock.get(item.deadlock_id) or alone for item in items}


def _integrations_of(
    session: Session, table: type[Task] | type[Deadlock], ids: Sequence[int | None]
) -> dict[int | None, int | None]:
    known = [one for one in ids if one is not None]
    if not known:
        return {}
    return dict(rows(session, sa.select(table.id, table.integration_id).where(table.id.in_(known))))
