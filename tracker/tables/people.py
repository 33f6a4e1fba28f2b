"""Persons are global; a membership places one of them in a party of a project, with a role."""

from datetime import date, datetime, time

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Person(SQLModel, table=True):
    """Somebody who conducts, answers or looks on. A person may stand for a role («Бухгалтерия»)."""

    id: int = Field(default=None, primary_key=True)
    name: str
    search: str = ""
    """Name and e-mail, normalised (see `services.ground.search.normalise`)."""
    email: str | None = Field(default=None, unique=True)
    """Lower case."""
    phone: str | None = None
    password_hash: str | None = None
    salutation: str = ""
    language: str = "ru"
    timezone: str = "Europe/Moscow"
    is_role: bool = False
    may_found: bool = False
    """May open new projects: the first conductor, and whom they made one."""
    opens: time = time(10)
    closes: time = time(18)
    weekdays: str = "01234"
    """Their working weekdays, Monday is 0."""
    country: str = "RU"
    """Whose public holidays they keep; empty: none."""
    cadence: str = ""
    """Weekdays on which they answer by agreement («отвечаю по вторникам»); empty: any."""
    deputy_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    knows_bot: bool = False
    opted_out_at: datetime | None = None
    paused_until: date | None = None
    """The last day, in their own zone, on which they want no messages. Their turn's clock and the ledger run on."""
    podium_on: date | None = None
    """The last day of theirs on which their podium was looked at for the conductor's own message."""
    telegram_id: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    telegram_chat_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    telegram_name: str = ""
    telegram_dead_at: datetime | None = None
    telegram_dead_reason: str = ""
    email_dead_at: datetime | None = None
    last_answer_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class Absence(SQLModel, table=True):
    """Days on which a person is away, both ends included, in their own zone."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    first: date
    last: date
    note: str = ""


class Party(SQLModel, table=True):
    """An organisation inside a project."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    name: str
    kind: str = "contractor"
    lead_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    note: str = ""
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class Membership(SQLModel, table=True):
    """A person's place in a project."""

    __table_args__ = (
        UniqueConstraint("project_id", "person_id"),
        # Who conducts: asked in each round of the clock.
        Index("ix_membership_role", "role", "project_id"),
    )

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    party_id: int | None = Field(default=None, foreign_key="party.id", index=True)
    role: str = "contributor"
    can_decide: bool = False
    why: str = ""
    """«Зачем он здесь»: shown on the contact card before a first meeting."""
    invited_at: datetime | None = None
    created_at: datetime
    archived_at: datetime | None = None
