"""Meetings: an item is left only with a next step, moved on, or with a reason for no step."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Meeting(SQLModel, table=True):
    """A call. `uid` and `sequence` are what calendars know it by."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    title: str
    starts_at: datetime
    minutes: int = 30
    timezone: str = "Europe/Moscow"
    """The zone the conductor chose the wall time in."""
    place: str = ""
    state: str = "planned"
    notes: str = ""
    reason: str = ""
    """Why it was not held."""
    uid: str = Field(unique=True)
    sequence: int = 0
    """+1 only when time, place, people or state change: what calendars must notice."""
    follows_id: int | None = Field(default=None, foreign_key="meeting.id")
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    archived_at: datetime | None = None
    version: int = 1


class MeetingIntegration(SQLModel, table=True):
    """An integration that the meeting is about."""

    __table_args__ = (UniqueConstraint("meeting_id", "integration_id"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    integration_id: int = Field(foreign_key="integration.id", index=True)


class MeetingPerson(SQLModel, table=True):
    """Somebody invited, and why."""

    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    why: str = ""
    decides: bool = False
    rsvp: str = "asked"
    attended: bool | None = None


class MeetingItem(SQLModel, table=True):
    """A line of the agenda."""

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    position: int = 0
    title: str
    task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    deadlock_id: int | None = Field(default=None, foreign_key="deadlock.id")
    outcome: str | None = None
    reason: str = ""
    step_task_id: int | None = Field(default=None, foreign_key="task.id")
    step_title: str = ""
    """The step as it is being written down, before closing makes it a task."""
    step_owner_id: int | None = Field(default=None, foreign_key="person.id")
    step_needed_by: str = ""
