"""SQLModel tables by noun: columns and foreign keys; no Relationship and no logic.

Table classes validate nothing (SQLModel's choice): the services do. Closed lists are stored as the plain text of
`tracker.domain.terms`, so that a new word never needs a rebuilt table.
"""

from sqlmodel import SQLModel

# Unnamed constraints can neither be dropped in SQLite's batch mode nor be compared by Alembic.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

from tracker.tables.acceptance import Check, Evidence, Signature, Upload  # noqa: E402
from tracker.tables.access import Attempt, SignIn, Token  # noqa: E402
from tracker.tables.chats import ChatMessage, ChatState  # noqa: E402
from tracker.tables.deadlocks import Deadlock, DeadlockTask, Position  # noqa: E402
from tracker.tables.house import House, Lease, Press, Pulse, TelegramUpdate  # noqa: E402
from tracker.tables.integrations import Integration, IntegrationMember, IntegrationSystem, System  # noqa: E402
from tracker.tables.journal import Event, EventPayload, ProjectChain  # noqa: E402
from tracker.tables.meetings import Meeting, MeetingIntegration, MeetingItem, MeetingPerson  # noqa: E402
from tracker.tables.messages import Card, Foreword, Message, MessageTask  # noqa: E402
from tracker.tables.people import Absence, Membership, Party, Person  # noqa: E402
from tracker.tables.projects import DayOverride, Import, Project  # noqa: E402
from tracker.tables.tasks import Comment, Stretch, Task  # noqa: E402

__all__ = [
    "Absence", "Attempt", "Card", "ChatMessage", "ChatState", "Check", "Comment", "DayOverride", "Deadlock",
    "DeadlockTask", "Event",
    "EventPayload", "Evidence", "Foreword", "House", "Import", "Integration", "IntegrationMember", "IntegrationSystem",
    "Lease", "Meeting", "MeetingIntegration", "MeetingItem", "MeetingPerson", "Membership", "Message", "MessageTask",
    "Party", "Person", "Position", "Press", "Project", "ProjectChain", "Pulse", "SQLModel", "SignIn", "Signature",
    "Stretch", "System", "Task", "TelegramUpdate", "Token", "Upload",
]  # fmt: skip
