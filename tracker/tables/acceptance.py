"""How it is known that an integration works: checks, evidence, signatures."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Check(SQLModel, table=True):
    """A line of an acceptance list."""

    id: int = Field(default=None, primary_key=True)
    integration_id: int = Field(foreign_key="integration.id", index=True)
    position: int = 0
    section: str = ""
    title: str
    plain_title: str = ""
    method: str = ""
    expected: str = ""
    required: bool = True
    tester_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    result: str = "pending"
    result_at: datetime | None = None
    result_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
    """Why failed, not applicable or waived."""
    waived_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class Upload(SQLModel, table=True):
    """A stored file, addressed by its content."""

    id: int = Field(default=None, primary_key=True)
    sha256: str = Field(index=True)
    name: str
    media_type: str
    size: int
    by_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime


class Evidence(SQLModel, table=True):
    """A link, a screenshot or a file that shows it (never just «ок»), on a task or a check."""

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    check_id: int | None = Field(default=None, foreign_key="check.id", index=True)
    kind: str
    url: str = ""
    upload_id: int | None = Field(default=None, foreign_key="upload.id")
    caption: str = ""
    by_id: int | None = Field(default=None, foreign_key="person.id")
    way: str
    at: datetime
    removed_at: datetime | None = None


class Signature(SQLModel, table=True):
    """A named signer of an acceptance, and when and how they signed. A vendor's may be an attached letter."""

    __table_args__ = (UniqueConstraint("integration_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    integration_id: int = Field(foreign_key="integration.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    signed_at: datetime | None = None
    way: str = ""
    noted_by_id: int | None = Field(default=None, foreign_key="person.id")
    letter_id: int | None = Field(default=None, foreign_key="evidence.id")
    created_at: datetime
    removed_at: datetime | None = None
