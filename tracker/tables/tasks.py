"""Tasks and questions: what is needed, from whom, how it is known to be done, and whose turn it is."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Task(SQLModel, table=True):
    """A row of the register.

    `turn_id`, `turn_party_id`, `turn_since`, `stalls_at` and `next_at` have one writer: `services.turns.restamp`.
    """

    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        # An index for each order of the register: fifty rows are found after reading about as many, of any number.
        Index("ix_task_register", "project_id", "archived_at", "status", "number"),
        Index("ix_task_needed_by", "project_id", "needed_by", "number"),
        Index("ix_task_promised_on", "project_id", "promised_on", "number"),
        Index("ix_task_title_key", "project_id", "title_key", "number"),
        # The moments that the pages ask for, and what the head of the register counts, without touching the rows.
        Index("ix_task_stalls", "project_id", "stalls_at"),
        Index("ix_task_counts", "project_id", "archived_at", "status", "waiting_kind", "owner_id", "stalls_at"),
        Index("ix_task_project_integration", "project_id", "integration_id"),
        Index("ix_task_project_party", "project_id", "party_id"),
        Index("ix_task_project_turn", "project_id", "turn_id"),
        Index("ix_task_project_owner", "project_id", "owner_id"),
    )

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    number: int
    integration_id: int | None = Field(default=None, foreign_key="integration.id", index=True)
    party_id: int | None = Field(default=None, foreign_key="party.id", index=True)
    """From whom: the party that is asked."""
    kind: str = "task"
    title: str
    plain_title: str = ""
    """The title in plain words, for the customer."""
    notes: str = ""
    done_means: str = ""
    """How it is known to be done."""
    external_url: str = ""
    """The owner's own ticket."""
    sheet_ref: str = ""
    """The № of the sheet it was imported from: a reference, never the task's number."""
    status: str = "open"
    priority: str = "normal"
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    checker_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    asks_evidence: bool = False
    confirmed: bool = True
    """False: a next step agreed for somebody who was absent, until their tap."""
    needed_by: date | None = None
    promised_on: date | None = None
    promised_at: datetime | None = None
    promise_moves: int = 0
    waiting_kind: str | None = None
    waiting_person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    waiting_party_id: int | None = Field(default=None, foreign_key="party.id")
    waiting_task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    waiting_note: str = ""
    waiting_since: datetime | None = None
    waiting_agreed: bool = True
    """False: a wait on another party that the conductor has not passed on yet."""
    waiting_from_id: int | None = Field(default=None, foreign_key="person.id")
    """Who asked to wait, so that they learn when it flips back."""
    help_at: datetime | None = None
    help_note: str = ""
    muted: bool = False
    snoozed_until: date | None = None
    snoozes: int = 0
    """In a row, since the last act of progress."""
    snoozed_days: int = 0
    episode: int = 1
    """(task, turn, promise): a new one starts the nudge policy afresh."""
    episode_at: datetime | None = None
    nudges: int = 0
    """Sent in this episode."""
    last_nudge_at: datetime | None = None
    told_turn_at: datetime | None = None
    """When the person of the turn was told that it is theirs, in this episode."""
    escalated_at: datetime | None = None
    reminder_at: datetime | None = None
    """When the conductor asked to remind now."""
    progress_at: datetime | None = None
    """The last act of progress by the person of the turn, or on their behalf."""
    others_act_at: datetime | None = None
    turn_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    turn_party_id: int | None = Field(default=None, foreign_key="party.id")
    turn_via: str = ""
    turn_since: datetime | None = None
    stalls_at: datetime | None = None
    next_at: datetime | None = Field(default=None, index=True)
    own_1: str = ""
    own_2: str = ""
    own_3: str = ""
    search: str = ""
    """Title, notes and number, normalised."""
    title_key: str = ""
    """The beginning of the normalised title: what the register sorts by."""
    import_id: int | None = Field(default=None, foreign_key="import.id")
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True)
    """The meeting whose next step this is."""
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    archived_at: datetime | None = None
    version: int = 1


class Comment(SQLModel, table=True):
    """A remark; private ones are the conductors' own."""

    id: int = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="task.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    noted_by_id: int | None = Field(default=None, foreign_key="person.id")
    """Who noted it «со слов», if not the person."""
    at: datetime
    way: str
    text: str
    private: bool = False
    search: str = ""


class Stretch(SQLModel, table=True):
    """A stretch of turn: the wait ledger. One open stretch (no `ended_at`) for each task with a turn."""

    __table_args__ = (
        Index("ix_stretch_ledger", "project_id", "party_id", "started_at"),
        Index("ix_stretch_started", "project_id", "started_at", "id"),
        Index("ix_stretch_ended", "project_id", "ended_at"),
    )

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    task_id: int = Field(foreign_key="task.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    party_id: int | None = Field(default=None, foreign_key="party.id")
    started_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    """answer, turn, done: what ended it."""
    seconds: int | None = None
    """Working time of the person of the turn, once ended."""
