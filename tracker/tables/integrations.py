"""Systems, and the joints between them: each joint has ONE accountable person for the whole."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class System(SQLModel, table=True):
    """1С, the site, the CRM, a bank: what is joined."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    name: str
    kind: str = ""
    owner_party_id: int | None = Field(default=None, foreign_key="party.id", index=True)
    current_version: str = ""
    note: str = ""
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class Integration(SQLModel, table=True):
    """A joint between systems."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    name: str
    purpose: str = ""
    """What it is for, in plain words."""
    impact: str = ""
    """What stops if it breaks."""
    state: str = "planned"
    accountable_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    accountable_at: datetime | None = None
    """When the accountable person agreed; `accountable_way` says by their own tap or «со слов»."""
    accountable_way: str = ""
    checks_agreed_at: datetime | None = None
    """When the accountable person confirmed the list of checks; a change of the list clears it."""
    launch_on: date | None = None
    live_at: datetime | None = None
    bypass_by_id: int | None = Field(default=None, foreign_key="person.id")
    bypass_reason: str = ""
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class IntegrationSystem(SQLModel, table=True):
    """A system takes part in a joint."""

    __table_args__ = (UniqueConstraint("integration_id", "system_id"),)

    id: int = Field(default=None, primary_key=True)
    integration_id: int = Field(foreign_key="integration.id", index=True)
    system_id: int = Field(foreign_key="system.id", index=True)
    position: int = 0


class IntegrationMember(SQLModel, table=True):
    """Why a person is on an integration; an explicit row, removable by hand."""

    __table_args__ = (UniqueConstraint("integration_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    integration_id: int = Field(foreign_key="integration.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    why: str = "owner"
    created_at: datetime
    removed_at: datetime | None = None
