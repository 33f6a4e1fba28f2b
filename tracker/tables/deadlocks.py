"""A deadlock (тупик): a block on one side, or a contradiction of two, with a decider and a day to decide by."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Deadlock(SQLModel, table=True):
    """Open until a decision stands in it."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    integration_id: int | None = Field(default=None, foreign_key="integration.id", index=True)
    kind: str
    title: str
    decider_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    decide_by: date | None = None
    decision: str = ""
    decided_at: datetime | None = None
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    updated_at: datetime
    version: int = 1


class DeadlockTask(SQLModel, table=True):
    """What the deadlock blocks."""

    __table_args__ = (UniqueConstraint("deadlock_id", "task_id"),)

    id: int = Field(default=None, primary_key=True)
    deadlock_id: int = Field(foreign_key="deadlock.id", index=True)
    task_id: int = Field(foreign_key="task.id", index=True)


class Position(SQLModel, table=True):
    """What one party holds."""

    __table_args__ = (UniqueConstraint("deadlock_id", "party_id"),)

    id: int = Field(default=None, primary_key=True)
    deadlock_id: int = Field(foreign_key="deadlock.id", index=True)
    party_id: int = Field(foreign_key="party.id", index=True)
    text: str
    by_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime
