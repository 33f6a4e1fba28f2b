"""Who sits at a meeting: rows, read and written; the verbs of inviting are in `inviting`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError
from tracker.domain.permissions import MeetingPeople
from tracker.services.ground import fields
from tracker.tables import Meeting, MeetingPerson, Membership, Person


@dataclass(frozen=True)
class Invited:
    """Somebody to invite: why they, and whether they can decide (None: as in the project)."""

    person: int
    why: str = ""
    decides: bool | None = None


class Guest(NamedTuple):
    """Somebody invited, as shown. `attended` is None until the meeting has ended."""

    person_id: int
    name: str
    why: str
    decides: bool
    rsvp: str
    attended: bool | None


def people_of_meeting(session: Session, meeting: Meeting) -> MeetingPeople:
    invited = session.exec(select(MeetingPerson.person_id).where(MeetingPerson.meeting_id == meeting.id))
    return MeetingPeople(meeting.project_id, frozenset(invited))


def guests_of(session: Session, meeting_id: int) -> list[Guest]:
    query = (
        select(MeetingPerson, Person.name)
        .join(Person, col(Person.id) == col(MeetingPerson.person_id))
        .where(MeetingPerson.meeting_id == meeting_id)
        .order_by(col(MeetingPerson.id))
    )
    return [
        Guest(one.person_id, name, one.why, one.decides, one.rsvp, one.attended) for one, name in session.exec(query)
    ]


def clean_guest(session: Session, errors: list[FieldError], project_id: int, one: Invited) -> Invited:
    fields.member(session, errors, "people", project_id, one.person, acts=False)
    why = fields.one_line(errors, "people", one.why)
    if one.decides is not None:
        return Invited(one.person, why, one.decides)
    query = select(Membership.can_decide).where(Membership.project_id == project_id, Membership.person_id == one.person)
    return Invited(one.person, why, bool(session.exec(query).first()))


def guest_row(session: Session, meeting_id: int, person_id: int | None) -> MeetingPerson | None:
    query = select(MeetingPerson).where(MeetingPerson.meeting_id == meeting_id, MeetingPerson.person_id == person_id)
    return session.exec(query).first()


def put_guests(session: Session, meeting: Meeting, people: Iterable[Invited]) -> None:
    for one in people:
        row = guest_row(session, meeting.id, one.person) or MeetingPerson(meeting_id=meeting.id, person_id=one.person)
        row.why, row.decides = one.why or row.why, bool(one.decides)
        session.add(row)
        session.flush()
