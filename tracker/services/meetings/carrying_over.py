"""What one meeting leaves to the next: moved lines go on by themselves, or wait until a next one is planned."""

from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.terms import MeetingState, Outcome
from tracker.services.ground.journal import Actor, record
from tracker.tables import Meeting, MeetingIntegration, MeetingItem


def integrations_of_meeting(session: Session, meeting_id: int) -> list[int]:
    query = select(MeetingIntegration.integration_id).where(MeetingIntegration.meeting_id == meeting_id)
    return list(session.exec(query.order_by(col(MeetingIntegration.id))))


def items_of(session: Session, meeting_id: int) -> list[MeetingItem]:
    query = select(MeetingItem).where(MeetingItem.meeting_id == meeting_id)
    return list(session.exec(query.order_by(col(MeetingItem.position), col(MeetingItem.id))))


def is_followed(session: Session, meeting_id: int) -> bool:
    return session.exec(select(Meeting.id).where(Meeting.follows_id == meeting_id)).first() is not None


def moved_lines(session: Session, meeting_id: int) -> list[MeetingItem]:
    return [item for item in items_of(session, meeting_id) if item.outcome == Outcome.MOVED]


def next_meeting(session: Session, meeting: Meeting) -> Meeting | None:
    """The planned one that was made to follow; else the next planned one about the same integrations."""
    planned = select(Meeting).where(
        Meeting.project_id == meeting.project_id,
        Meeting.state == MeetingState.PLANNED,
        col(Meeting.archived_at).is_(None),
        col(Meeting.id) != meeting.id,
    )
    following = session.exec(planned.where(Meeting.follows_id == meeting.id).order_by(col(Meeting.starts_at))).first()
    if following is not None:
        return following
    later = planned.where(col(Meeting.starts_at) > meeting.starts_at, col(Meeting.follows_id).is_(None))
    ordered = session.exec(later.order_by(col(Meeting.starts_at), col(Meeting.id))).all()
    return next((one for one in ordered if _same_subject(session, meeting, one)), None)


def left_behind(session: Session, meeting: Meeting) -> Meeting | None:
    """The last ended meeting about the same integrations whose moved lines nobody has taken over yet."""
    ended = select(Meeting).where(
        Meeting.project_id == meeting.project_id,
        Meeting.state != MeetingState.PLANNED,
        col(Meeting.archived_at).is_(None),
        col(Meeting.starts_at) <= meeting.starts_at,
    )
    last = session.exec(ended.order_by(col(Meeting.starts_at).desc(), col(Meeting.id).desc())).all()
    found = next((one for one in last if _same_subject(session, meeting, one)), None)
    return None if found is None or is_followed(session, found.id) else found


def _same_subject(session: Session, one: Meeting, other: Meeting) -> bool:
    mine, theirs = set(integrations_of_meeting(session, one.id)), set(integrations_of_meeting(session, other.id))
    return bool(mine & theirs) or not (mine or theirs)


def carry_over(session: Session, actor: Actor, ended: Meeting, following: Meeting, *, now: datetime) -> None:
    """Copy the moved lines to the end of the following meeting's agenda."""
    moved = moved_lines(session, ended.id)
    if not moved:
        return
    place = max((item.position for item in items_of(session, following.id)), default=0)
    session.add_all(
        MeetingItem(
            meeting_id=following.id,
            position=number,
            title=item.title,
            task_id=item.task_id,
            deadlock_id=item.deadlock_id,
        )
        for number, item in enumerate(moved, start=place + 1)
    )
    following.follows_id = ended.id
    session.add(following)
    session.flush()
    record(
        session,
        actor,
        "meeting.items_moved",
        following,
        now=now,
        meeting=ended.id,
        items=[item.title for item in moved],
    )
