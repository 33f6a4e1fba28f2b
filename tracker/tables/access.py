"""Sessions, private tokens and failed attempts. A dump of these tables opens nothing: tokens are stored hashed."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class SignIn(SQLModel, table=True):
    """A browser's session; rotated at sign-in, revocable."""

    __tablename__ = "sign_in"

    id: int = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    agent: str = ""
    revoked_at: datetime | None = None


class Token(SQLModel, table=True):
    """A private address or API key of one person. The secret is derived from the installation's key and `id`."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    project_id: int | None = Field(default=None, foreign_key="project.id")
    scope: str
    label: str = ""
    nonce: str
    sha256: str = Field(unique=True)
    created_at: datetime
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    expires_at: datetime | None = None
    used_at: datetime | None = None
    uses: int = 0
    revoked_at: datetime | None = None


class Attempt(SQLModel, table=True):
    """A failed sign-in or token, counted against guessing."""

    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)

    id: int = Field(default=None, primary_key=True)
    key: str
    at: datetime
