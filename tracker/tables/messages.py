"""The outbox: what must be told is a row, sent later by somebody else; and the cards put before the conductor."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Field, SQLModel


class Message(SQLModel, table=True):
    """One message to one person. Facts are stored, words are made for the preview and again at delivery."""

    __table_args__ = (
        # One unasked message per person and local day; a cancelled one gives its day back.
        Index(
            "uq_message_person_day",
            "person_id",
            "local_day",
            unique=True,
            sqlite_where=text("unasked AND state <> 'cancelled'"),
            postgresql_where=text("unasked AND state <> 'cancelled'"),
        ),
        Index("ix_message_due", "state", "send_after"),
    )

    id: int = Field(default=None, primary_key=True)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str = ""
    """telegram, email, copied; empty until one is chosen at delivery."""
    kind: str
    rule: str = ""
    """The policy's rule id: «почему мне это пришло»."""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    unasked: bool = True
    local_day: date
    queued_at: datetime
    send_after: datetime
    state: str = "queued"
    state_reason: str = ""
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
    approved_at: datetime | None = None
    own_text: str = ""
    """The conductor's own words, if they edited the message."""
    text: str = ""
    """As sent."""
    claimed_by: str = ""
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    tries: int = 0
    chat_id: int | None = Field(default=None, sa_type=BigInteger)
    chat_message_id: int | None = Field(default=None, sa_type=BigInteger)
    updated_at: datetime


class MessageTask(SQLModel, table=True):
    """A task named in a message, with the step of the policy it stands for."""

    id: int = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    task_id: int = Field(foreign_key="task.id", index=True)
    position: int = 0
    step: str
    rule: str = ""
    episode: int = 1
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    cancelled: str = ""
    """Why it was taken out again before sending."""


class Foreword(SQLModel, table=True):
    """The conductor's own words in front of a message that is not there yet: the person's first one from `local_day`
    on that names one of `tasks`."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    local_day: date
    text: str
    tasks: list[int] = Field(default_factory=list, sa_type=JSON)
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    """Which message carries it; one that was cancelled gives it free again."""
    written_by_id: int | None = Field(default=None, foreign_key="person.id")
    written_at: datetime


class Card(SQLModel, table=True):
    """Something that needs the conductor."""

    __table_args__ = (Index("ix_card_open", "project_id", "settled_at"),)

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    kind: str
    task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    """Whom it is about."""
    note: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime
    settled_at: datetime | None = None
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")
    settled_how: str = ""
