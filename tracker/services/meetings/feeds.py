"""What stands in one person's calendar: their meetings and due days, read anew as that person at each fetch."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.terms import FINISHED, MeetingState, Rsvp, Status
from tracker.domain.worktime import day_in
from tracker.services.ground.journal import HOUSE
from tracker.tables import Event, House, Meeting, MeetingPerson, Membership, Person, Project, ProjectChain, Task

BACK = timedelta(days=30)
AHEAD = timedelta(days=365)


class FeedMeeting(NamedTuple):
    """A meeting as calendars need it. `uid` is opaque and never changes."""

    uid: str
    sequence: int
    title: str
    project: str
    place: str
    starts_at: datetime
    minutes: int
    cancelled: bool
    updated_at: datetime


class FeedDay(NamedTuple):
    """A day by which a task of this person is expected. `promised`: they named it themselves."""

    task_id: int
    version: int
    title: str
    project: str
    day: date
    promised: bool
    updated_at: datetime


class Feed(NamedTuple):
    """`instance` makes the ids of this installation unique."""

    instance: str
    language: str
    meetings: tuple[FeedMeeting, ...]
    days: tuple[FeedDay, ...]


def feed_of(session: Session, person_id: int, *, now: datetime, project_id: int | None = None) -> Feed:
    """The person's feed, of one project or of all they take part in.

    The window moves by whole days, so that the same content is the same bytes all day long.
    """
    today = day_in(UTC, now)
    person = session.get_one(Person, person_id)
    house = session.get_one(House, 1)
    return Feed(
        house.instance,
        person.language,
        tuple(_meetings(session, person_id, project_id, today)),
        tuple(_days(session, person_id, project_id, today)),
    )


def changed_at(session: Session, person_id: int, *, now: datetime, project_id: int | None = None) -> datetime:
    """No later than this did the feed become what it is: the last change in its projects, or midnight's new window.

    Not the newest of its rows: what drops out of the feed takes its own date along.
    """
    mine = (
        sa.select(col(Project.id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .where(_mine(person_id, project_id))
    )
    query: Any = (
        sa.select(sa.func.max(col(Event.at)))
        .join(
            ProjectChain,
            sa.and_(col(ProjectChain.project_id) == col(Event.project_id), col(ProjectChain.seq) == col(Event.seq)),
        )
        .where(sa.or_(col(Event.project_id).in_(mine), col(Event.project_id) == HOUSE))
    )
    found: datetime | None = session.scalar(query)
    midnight = _midnight(day_in(UTC, now))
    return midnight if found is None else max(found, midnight)


def feed_of_meeting(session: Session, meeting: Meeting, language: str) -> Feed:
    """One meeting, to be put into any calendar by hand. The caller has established that it may be seen."""
    project = session.get_one(Project, meeting.project_id)
    cancelled = meeting.state == MeetingState.NOT_HELD or meeting.archived_at is not None
    facts = FeedMeeting(
        meeting.uid,
        meeting.sequence,
        meeting.title,
        project.name,
        meeting.place,
        meeting.starts_at,
        meeting.minutes,
        cancelled,
        meeting.updated_at,
    )
    return Feed(session.get_one(House, 1).instance, language, (facts,), ())


def _mine(person_id: int, project_id: int | None) -> sa.ColumnElement[bool]:
    """Memberships that count: this person's living ones, in living projects."""
    here = sa.and_(
        col(Membership.person_id) == person_id,
        col(Membership.archived_at).is_(None),
        col(Project.archived_at).is_(None),
    )
    return here if project_id is None else here & (col(Project.id) == project_id)


def _meetings(session: Session, person_id: int, project_id: int | None, today: date) -> list[FeedMeeting]:
    """Those they are invited to and have not declined, and those they planned."""
    cancelled = sa.or_(col(Meeting.state) == MeetingState.NOT_HELD, col(Meeting.archived_at).is_not(None))
    first, last = _midnight(today - BACK), _midnight(today + AHEAD)
    # Cancelled ones stay for a month after the cancelling: what is dropped at once, some calendars never learn.
    in_window = sa.or_(col(Meeting.starts_at) >= first, cancelled & (col(Meeting.updated_at) >= first))
    asked = sa.and_(col(MeetingPerson.meeting_id) == col(Meeting.id), col(MeetingPerson.person_id) == person_id)
    query = (
        sa.select(
            col(Meeting.uid),
            col(Meeting.sequence),
            col(Meeting.title),
            col(Project.name),
            col(Meeting.place),
            col(Meeting.starts_at),
            col(Meeting.minutes),
            cancelled,
            col(Meeting.updated_at),
        )
        .join(Project, col(Project.id) == col(Meeting.project_id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .outerjoin(MeetingPerson, asked)
        .where(
            _mine(person_id, project_id),
            in_window,
            col(Meeting.starts_at) < last,
            sa.or_(col(MeetingPerson.rsvp) != Rsvp.NO, col(Meeting.created_by_id) == person_id),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    )
    return [FeedMeeting._make(row)._replace(cancelled=bool(row[7])) for row in rows(session, query)]


def _days(session: Session, person_id: int, project_id: int | None, today: date) -> list[FeedDay]:
    """Of unfinished tasks that are theirs or whose turn is theirs; drafts are nobody's yet."""
    day = sa.func.coalesce(col(Task.promised_on), col(Task.needed_by))
    query = (
        sa.select(
            col(Task.id),
            col(Task.version),
            col(Task.title),
            col(Project.name),
            col(Task.promised_on),
            col(Task.needed_by),
            col(Task.updated_at),
        )
        .join(Project, col(Project.id) == col(Task.project_id))
        .join(Membership, col(Membership.project_id) == col(Project.id))
        .where(
            _mine(person_id, project_id),
            sa.or_(col(Task.owner_id) == person_id, col(Task.turn_id) == person_id),
            col(Task.status).not_in([*FINISHED, Status.DRAFT]),
            col(Task.archived_at).is_(None),
            day >= today - BACK,
            day < today + AHEAD,
        )
        .order_by(day, col(Task.id))
    )
    return [
        FeedDay(row[0], row[1], row[2], row[3], row[4] or row[5], row[4] is not None, row[6])
        for row in rows(session, query)
    ]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
