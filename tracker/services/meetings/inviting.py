"""Inviting to a meeting, and answering an invitation."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from tracker.domain.errors import FieldError
from tracker.domain.permissions import is_named, require, require_conductor
from tracker.domain.terms import Rsvp
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor, record
from tracker.services.meetings.guests import Invited, clean_guest, guest_row, guests_of, put_guests
from tracker.services.meetings.planning import change_meeting, find_meeting, require_planned
from tracker.services.messages.handling import queue_meeting_change
from tracker.tables import Meeting


def invite(session: Session, actor: Actor, meeting_id: int, people: Sequence[Invited], *, now: datetime) -> Meeting:
    """More people. Who is invited already gets the new reason; their answer stays."""
    meeting, mine = find_meeting(session, actor, meeting_id, lock=True)
    require_conductor(mine)
    require_planned(meeting)
    errors: list[FieldError] = []
    clean = [clean_guest(session, errors, meeting.project_id, one) for one in people]
    fields.refuse(errors)
    old = [guest.person_id for guest in guests_of(session, meeting.id)]
    put_guests(session, meeting, clean)
    _people_changed(session, actor, meeting, old, now)
    return meeting


def uninvite(session: Session, actor: Actor, meeting_id: int, person_id: int, *, now: datetime) -> Meeting:
    meeting, mine = find_meeting(session, actor, meeting_id, lock=True)
    require_conductor(mine)
    require_planned(meeting)
    old = [guest.person_id for guest in guests_of(session, meeting.id)]
    row = guest_row(session, meeting.id, person_id)
    if row is not None:
        session.delete(row)
        session.flush()
    _people_changed(session, actor, meeting, old, now)
    return meeting


def answer_invitation(session: Session, actor: Actor, meeting_id: int, rsvp: str, *, now: datetime) -> None:
    """Whether they come: an invited person, or the conductor in their words. No new edition for calendars."""
    meeting, mine = find_meeting(session, actor, meeting_id, lock=True)
    row = guest_row(session, meeting.id, actor.mover_id)
    require(row is not None and is_named(mine, actor.mover_id, row.person_id), "invited_only")
    require_voice(session, actor, mine)
    require_planned(meeting)
    errors: list[FieldError] = []
    fields.one_of(errors, "rsvp", rsvp, Rsvp)
    fields.refuse(errors)
    if row is None or row.rsvp == rsvp:
        return
    old, row.rsvp = row.rsvp, str(rsvp)
    session.add(row)
    record(
        session, actor, "meeting.answered", meeting, now=now, person=row.person_id, changes={"rsvp": (old, row.rsvp)}
    )


def _people_changed(session: Session, actor: Actor, meeting: Meeting, old: list[int], now: datetime) -> None:
    new = [guest.person_id for guest in guests_of(session, meeting.id)]
    if new != old:
        change_meeting(session, actor, meeting, {}, "meeting.people_changed", now, {"people": (old, new)})
        added = [one for one in new if one not in old]
        queue_meeting_change(session, actor, meeting, added, "planned", now=now)
