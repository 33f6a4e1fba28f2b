"""Meetings: planned, moved, seen, put away. Their people, agenda and end: `inviting`, `agenda`, `closing`."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError, NotFound, Refused
from tracker.domain.meetings import raises_sequence
from tracker.domain.permissions import Standing, may_see_meeting, require_conductor
from tracker.domain.terms import MeetingState, Rsvp
from tracker.services.access.loading import find_row, standing
from tracker.services.ground import fields
from tracker.services.ground.belonging import belongs_problem
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.versions import change, require_no_conflict
from tracker.services.meetings.carrying_over import carry_over, integrations_of_meeting, is_followed, left_behind
from tracker.services.meetings.guests import Invited, clean_guest, guests_of, people_of_meeting, put_guests
from tracker.services.messages.handling import queue_meeting_change
from tracker.tables import Integration, Meeting, MeetingIntegration, MeetingPerson, Project

LONGEST = 24 * 60


@dataclass(frozen=True)
class MeetingInput:
    """`starts_at` is an instant; `timezone` the zone it was chosen in (empty: the project's)."""

    title: str
    starts_at: datetime
    minutes: int = 30
    timezone: str = ""
    place: str = ""
    notes: str = ""
    integrations: Sequence[int] = ()
    people: Sequence[Invited] = ()
    follows: int | None = None


class SeenMeeting(NamedTuple):
    meeting: Meeting
    standing: Standing


def visible_meetings(mine: Standing) -> ColumnElement[bool]:
    """The scope that mirrors `permissions.may_see_meeting`."""
    here = col(Meeting.project_id) == mine.project_id
    if mine.sees_all:
        return here
    invited = sa.select(col(MeetingPerson.meeting_id)).where(col(MeetingPerson.person_id) == mine.person_id)
    return here & col(Meeting.id).in_(invited)


def find_meeting(session: Session, actor: Actor, meeting_id: int, *, lock: bool = False) -> SeenMeeting:
    meeting, mine = find_row(session, actor, Meeting, meeting_id, lock=lock)
    if not may_see_meeting(mine, people_of_meeting(session, meeting)):
        raise NotFound("meeting")
    return SeenMeeting(meeting, mine)


def held(session: Session, actor: Actor, meeting: int | SeenMeeting) -> SeenMeeting:
    """The meeting to act on. A client that has found it already, locked and in this very transaction, hands it on."""
    return meeting if isinstance(meeting, SeenMeeting) else find_meeting(session, actor, meeting, lock=True)


def meetings_of(session: Session, mine: Standing, *, archived: bool = False) -> list[Meeting]:
    """Those that this person may see, by time."""
    query = select(Meeting).where(visible_meetings(mine)).order_by(col(Meeting.starts_at), col(Meeting.id))
    if not archived:
        query = query.where(col(Meeting.archived_at).is_(None))
    return list(session.exec(query))


def plan_meeting(session: Session, actor: Actor, project_id: int, given: MeetingInput, *, now: datetime) -> Meeting:
    """A new meeting. Its time may have passed: what was spoken on the phone an hour ago is noted like this too."""
    mine = standing(session, actor, project_id)
    require_conductor(mine)
    values = _clean(
        session,
        project_id,
        {
            "title": given.title,
            "starts_at": given.starts_at,
            "minutes": given.minutes,
            "place": given.place,
            "timezone": given.timezone or session.get_one(Project, project_id).timezone,
            "notes": given.notes,
            "integrations": given.integrations,
            "people": given.people,
            "follows": given.follows,
        },
        now,
    )
    integrations, people = values.pop("integrations"), values.pop("people")
    taken_over = given.follows is not None and is_followed(session, given.follows)
    meeting = Meeting(
        project_id=project_id,
        uid=secrets.token_hex(16),
        created_by_id=actor.person_id,
        created_at=now,
        updated_at=now,
        **values,
    )
    session.add(meeting)
    session.flush()
    _put_integrations(session, meeting, integrations)
    put_guests(session, meeting, people)
    record(
        session,
        actor,
        "meeting.created",
        meeting,
        now=now,
        title=meeting.title,
        starts_at=meeting.starts_at,
        version=1,
        people=[one.person for one in people],
    )
    ended = session.get_one(Meeting, given.follows) if given.follows else left_behind(session, meeting)
    if ended is not None and not taken_over:
        carry_over(session, actor, ended, meeting, now=now)
    guests = [one.person for one in people]
    queue_meeting_change(session, actor, meeting, guests, "planned", now=now)
    return meeting


def edit_meeting(
    session: Session, actor: Actor, meeting_id: int, version: int | None, changes: Mapping[str, Any], *, now: datetime
) -> Meeting:
    """`changes`: title, starts_at, minutes, timezone, place, notes, integrations; after its end title and notes."""
    meeting, mine = find_meeting(session, actor, meeting_id, lock=True)
    require_conductor(mine)
    if "people" in changes or "follows" in changes:
        fields.refuse([FieldError(name, "unknown_field") for name in ("people", "follows") if name in changes])
    values = _clean(session, meeting.project_id, changes, now)
    old = integrations_of_meeting(session, meeting.id)
    integrations = values.pop("integrations", old)
    require_no_conflict(session, "meeting", meeting, version, values)
    if changes.keys() - {"title", "notes"}:
        require_planned(meeting)
    moved = {"integrations": (old, integrations)} if integrations != old else {}
    if moved:
        _put_integrations(session, meeting, integrations)
    change_meeting(session, actor, meeting, values, "meeting.changed", now, moved)
    return meeting


def archive_meeting(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Out of the lists. Calendars show a planned one as cancelled."""
    return _set_archived(session, actor, meeting_id, now, now)


def restore_meeting(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    return _set_archived(session, actor, meeting_id, None, now)


def _set_archived(
    session: Session, actor: Actor, meeting_id: int, archived_at: datetime | None, now: datetime
) -> Meeting:
    meeting, mine = find_meeting(session, actor, meeting_id, lock=True)
    require_conductor(mine)
    if (meeting.archived_at is None) != (archived_at is None):
        kind = "meeting.restored" if archived_at is None else "meeting.archived"
        if meeting.state == MeetingState.PLANNED:
            meeting.sequence += 1
        change_meeting(session, actor, meeting, {"archived_at": archived_at}, kind, now)
    return meeting


def require_planned(meeting: Meeting) -> None:
    """What has ended stands as it was."""
    if meeting.state != MeetingState.PLANNED:
        raise Refused("meeting_ended", [{"code": "meeting_ended"}])


def change_meeting(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    values: Mapping[str, Any],
    kind: str,
    now: datetime,
    moved: Mapping[str, tuple[Any, Any]] | None = None,
) -> bool:
    """Set, number the edition for calendars, journal, tell. `moved`: changes that stand in other tables."""
    was = meeting.starts_at
    changed = change(session, actor, meeting, values, kind, now, moved=moved)
    if not changed:
        return False
    if raises_sequence(changed):
        meeting.sequence += 1
        session.add(meeting)
    _tell(session, actor, meeting, changed.keys(), was, now)
    return True


def _clean(session: Session, project_id: int, changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name in ("title", "place"):
            values[name] = fields.one_line(errors, name, value, required=name == "title", limit=1000)
        elif name == "notes":
            values[name] = fields.long_text(errors, name, value)
        elif name == "starts_at":
            if fields.day(errors, name, value.date(), now) and not errors:
                # Whole seconds: calendars know no smaller ones, and an unchanged time must compare equal.
                values[name] = value.astimezone(UTC).replace(microsecond=0)
        elif name == "minutes":
            values[name] = value
            if not 1 <= value <= LONGEST:
                errors.append(FieldError(name, "out_of_range", {"least": 1, "most": LONGEST}))
        elif name == "timezone":
            values[name] = value
            fields.note(errors, None if is_zone(value) else FieldError(name, "unknown_zone"))
        elif name == "integrations":
            values[name] = list(dict.fromkeys(value))
            for one in values[name]:
                fields.note(errors, belongs_problem(session, Integration, project_id, one, name))
        elif name == "people":
            values[name] = [clean_guest(session, errors, project_id, one) for one in value]
        elif name == "follows":
            values["follows_id"] = value
            known = session.exec(select(Meeting.id).where(Meeting.id == value, Meeting.project_id == project_id))
            if value is not None and known.first() is None:
                errors.append(FieldError(name, "unknown"))
        else:
            errors.append(FieldError(name, "unknown_field"))
    fields.refuse(errors)
    return values


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return bool(name)


def _put_integrations(session: Session, meeting: Meeting, integrations: Sequence[int]) -> None:
    for row in session.exec(select(MeetingIntegration).where(MeetingIntegration.meeting_id == meeting.id)).all():
        session.delete(row)
    session.flush()
    session.add_all(MeetingIntegration(meeting_id=meeting.id, integration_id=one) for one in integrations)
    session.flush()


def _tell(
    session: Session, actor: Actor, meeting: Meeting, changed: Collection[str], was: datetime, now: datetime
) -> None:
    """What is near is not left to calendars, which may be a day late."""
    if meeting.state == MeetingState.CLOSED:
        return
    if meeting.state == MeetingState.NOT_HELD or meeting.archived_at is not None:
        change = "cancelled" if {"state", "archived_at"} & set(changed) else ""
    else:
        # Brought back is planned anew.
        words = {"archived_at": "planned", "starts_at": "moved", "place": "place"}
        change = next((word for name, word in words.items() if name in changed), "")
    if change:
        guests = [guest.person_id for guest in guests_of(session, meeting.id) if guest.rsvp != Rsvp.NO]
        queue_meeting_change(session, actor, meeting, guests, change, now=now, was=was)
