"""The project is the border of who sees what, and holds the settings of nudging."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel


class Project(SQLModel, table=True):
    """One customer's engagement."""

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    purpose: str = ""
    timezone: str = "Europe/Moscow"
    language: str = "ru"
    country: str = "RU"
    messages: str = "off"
    approve_until: date | None = None
    """Through this day each message waits for the conductor's approval (the first five working days)."""
    preview_seen_at: datetime | None = None
    """When a conductor had read what would go out: nobody is written to before."""
    preview_seen_by_id: int | None = Field(default=None, foreign_key="person.id")
    paused_at: datetime | None = None
    stall_days: int = 2
    second_days: int = 2
    escalate_days: int = 1
    next_number: int = 1
    own_columns: list[str] = Field(default_factory=list, sa_type=JSON)
    """Up to three names of the conductor's own columns."""
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class DayOverride(SQLModel, table=True):
    """A date whose being a working day differs from the public calendar, in one project."""

    __table_args__ = (UniqueConstraint("project_id", "day"),)

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    day: date
    working: bool


class Import(SQLModel, table=True):
    """One applied sheet, with its report."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    at: datetime
    by_id: int | None = Field(default=None, foreign_key="person.id")
    file_name: str
    sha256: str
    report: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
