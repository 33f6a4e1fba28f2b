"""The installation itself: its one row, the leases of its loops, their pulses, and Telegram's seen updates."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class House(SQLModel, table=True):
    """One row, id 1."""

    id: int = Field(default=None, primary_key=True)
    instance: str
    """Opaque id in calendars' UIDs."""
    demo: bool = False
    clock_offset: int = 0
    """Seconds, demo only."""
    paused_at: datetime | None = None
    """Sending is paused (after a restore) until `resume`."""
    paused_reason: str = ""
    restored_at: datetime | None = None
    """When a copy was put in the original's place. Whom the original wrote to on that day nobody knows."""
    setup_code_sha256: str = ""
    bot_username: str = ""
    created_at: datetime


class Lease(SQLModel, table=True):
    """Who runs a loop: one clock, one poller, one server on SQLite."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime


class Pulse(SQLModel, table=True):
    """The last sign of life of a loop or a channel, for the self-watch."""

    name: str = Field(primary_key=True)
    at: datetime
    ok: bool = True
    detail: str = ""


class Press(SQLModel, table=True):
    """A form that made something new, in the last hour: pressed twice, it shall not make a second thing."""

    key: str = Field(primary_key=True)
    """Digest of who sent what whereto."""
    at: datetime = Field(index=True)
    url: str = ""
    """Where its answer led; empty until it is answered."""


class TelegramUpdate(SQLModel, table=True):
    """An update already taken in: Telegram delivers duplicates."""

    __tablename__ = "telegram_update"

    update_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(index=True)
