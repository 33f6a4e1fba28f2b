"""What happened: append-only rows, chained by hash; the texts stand in a payload row that can be erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class ProjectChain(SQLModel, table=True):
    """The head of a project's journal; `project_id` 0 is the house itself (persons, sign-ins, settings)."""

    __tablename__ = "project_chain"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = 0
    head: str = ""
    structure: int = 0
    """Of the house's row only: moves when persons, parties, integrations … change (`services.standstill`)."""
    seal: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """`key id:mac` of number and head: whoever cuts the tail off can't set the head back."""


class Event(SQLModel, table=True):
    """One change. Triggers refuse update and delete. No foreign keys: it outlives what it tells of."""

    __table_args__ = (
        UniqueConstraint("project_id", "seq"),
        Index("ix_event_object", "object_type", "object_id"),
    )

    id: int = Field(default=None, primary_key=True)
    project_id: int
    seq: int
    at: datetime = Field(index=True)
    actor_id: int | None = None
    way: str
    behalf_id: int | None = None
    """On whose behalf («со слов»)."""
    kind: str
    object_type: str
    object_id: int
    digest: str
    """SHA-256 of the payload's salt and body."""
    prev: str
    hash: str
    key_id: str | None = None
    """Which key sealed the row (`journal_keys`); NULL: written before there were keys."""
    chained: str | None = Field(default=None, sa_type=Text)
    """JSON, hashed with the row and never erased: the seals of the rows that the transaction has changed
    (`row_seals`), which texts were erased, what `journal.keyed` closes."""


class EventPayload(SQLModel, table=True):
    """What was changed, from what to what. Erasing empties body and salt and sets `erased_at`; the digest stays."""

    __tablename__ = "event_payload"

    event_id: int = Field(primary_key=True, foreign_key="event.id", sa_column_kwargs={"autoincrement": False})
    salt: str | None = None
    body: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    erased_at: datetime | None = None
