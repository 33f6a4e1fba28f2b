"""News of meetings, outside the day's one message: asked once more, before they leave, whether they still hold."""

from datetime import datetime

from sqlmodel import Session

from tracker.domain.nudging.policy import needs_approval
from tracker.domain.terms import MessageKind, MessageState
from tracker.domain.worktime import day_in, local_day, next_slot
from tracker.services.ground.belonging import member_problem
from tracker.services.ground.journal import ENGINE
from tracker.services.ground.working_calendars import calendar_of
from tracker.services.meetings.guests import guest_row
from tracker.services.messages.queue import cancel
from tracker.services.nudging.cases import policy_of
from tracker.services.nudging.silence import silence_in, silence_of
from tracker.tables import Meeting, Message, Person, Project


def news_verdict(session: Session, message: Message, person: Person, now: datetime) -> str:
    """News that the person need not have asked for, outside the day's one message: meetings within a day."""
    project = session.get(Project, message.project_id) if message.project_id is not None else None
    meeting = session.get(Meeting, int(message.facts["meeting"])) if message.kind == MessageKind.MEETING else None
    reason = _no_news(session, message, person, project, meeting, now)
    if reason or project is None:
        cancel(session, ENGINE, message, reason, now)
        return "cancelled"
    calendar = calendar_of(session, project, person.id, now.year)
    if needs_approval(policy_of(project), local_day(calendar, now)) and message.approved_at is None:
        message.state = MessageState.HELD
        session.add(message)
        return "held"
    slot = next_slot(calendar, now)
    # A meeting that was moved away has to be told of before its former time.
    begins = None if meeting is None else meeting.starts_at
    by = datetime.fromisoformat(message.facts["by"]) if "by" in message.facts else begins
    if slot is None or slot <= now or (by is not None and now < by <= slot):
        # The one thing that may come outside the hours: a meeting that would be over before they open.
        return ""
    message.send_after, message.state_reason, message.updated_at = slot, "quiet", now
    session.add(message)
    return "held"


def _no_news(
    session: Session, message: Message, person: Person, project: Project | None, meeting: Meeting | None, now: datetime
) -> str:
    """Why it is not told after all: a code, or empty."""
    # Uninvited, or gone from the project, before the morning on which they would have heard of it.
    if project is None or member_problem(session, project.id, person.id, "") is not None:
        return "nothing_due"
    silence = silence_in(session, project.id, person, day_in(person.timezone, now)) or silence_of(project)
    if silence:
        return silence
    if message.kind == MessageKind.MEETING and (meeting is None or meeting.starts_at <= now):
        return "past"
    uninvited = meeting is not None and guest_row(session, meeting.id, person.id) is None
    return "nothing_due" if uninvited else ""
