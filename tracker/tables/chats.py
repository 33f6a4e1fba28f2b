"""What the bot remembers of a chat: what each message is about, and what it has just asked. Survives a restart."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class ChatMessage(SQLModel, table=True):
    """One message in a chat: a card that shows a task, or what a person sent and where it was put."""

    __tablename__ = "chat_message"
    __table_args__ = (
        UniqueConstraint("chat_id", "message_id"),
        Index("ix_chat_message_cards", "chat_id", "incoming", "at"),
        Index("ix_chat_message_loose", "settled", "at"),
    )

    id: int = Field(default=None, primary_key=True)
    chat_id: int = Field(sa_type=BigInteger)
    message_id: int = Field(sa_type=BigInteger)
    person_id: int = Field(foreign_key="person.id", index=True)
    incoming: bool = False
    """True: sent by the person. False: ours, a card."""
    task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    comment_id: int | None = Field(default=None, foreign_key="comment.id")
    card_id: int | None = Field(default=None, foreign_key="card.id")
    """The conductor's inbox, if it went there."""
    album: str = ""
    text: str = ""
    """What was said, until it has a place."""
    evidence: list[int] = Field(default_factory=list, sa_type=JSON)
    uploads: list[int] = Field(default_factory=list, sa_type=JSON)
    settled: bool = True
    """False: it was asked where it belongs. True: it has its place, or was taken back."""
    at: datetime


class ChatState(SQLModel, table=True):
    """What the next text in this chat answers. One row a chat."""

    __tablename__ = "chat_state"

    chat_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    kind: str
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="task.id")
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime
