"""Tasks as programs read them: columns into tuples, names from the directory, as much as the reader may see."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from tracker.db import rows
from tracker.domain.errors import NotFound
from tracker.domain.names import Directory
from tracker.domain.permissions import Sight, Standing
from tracker.services.access.loading import SeenTask, kept_project
from tracker.services.ground.directory import directory_of, numbers_of
from tracker.services.register.filters import Filters, page_statement, shape_of, values_of
from tracker.tables import Project, Task


class Reference(NamedTuple):
    """A reference: what is meant, and what it is called."""

    id: int
    name: str


class Awaited(NamedTuple):
    """What a task waits for. Something outside has no id, its name is the note."""

    kind: str
    id: int | None
    name: str
    note: str
    agreed: bool


class TaskFacts(NamedTuple):
    """A task. In outline: number, title, party, status and dates; persons and texts are empty."""

    id: int
    number: int
    project: Reference
    integration: Reference | None
    party: Reference | None
    kind: str
    title: str
    plain_title: str
    done_means: str
    status: str
    priority: str
    owner: Reference | None
    turn: Reference | None
    waiting_on: Awaited | None
    waiting_since: datetime | None
    needed_by: date | None
    promised_on: date | None
    stalls_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def place(self) -> int:
        """Where the list goes on after this one."""
        return self.number


COLUMNS = (
    Task.id, Task.number, Task.integration_id, Task.party_id, Task.kind, Task.title, Task.plain_title, Task.done_means,
    Task.status, Task.priority, Task.owner_id, Task.turn_id, Task.waiting_kind, Task.waiting_person_id,
    Task.waiting_party_id, Task.waiting_task_id, Task.waiting_note, Task.waiting_agreed, Task.waiting_since,
    Task.needed_by, Task.promised_on, Task.stalls_at, Task.version, Task.created_at, Task.updated_at,
)  # fmt: skip


def list_tasks(
    session: Session, project: Project, mine: Standing, filters: Filters, limit: int, now: datetime
) -> list[TaskFacts]:
    """At most `limit` rows of the register with these filters, after the row numbered `filters.after`."""
    directory = directory_of(session, project.id)
    statement = page_statement(shape_of(filters), tuple(mine), COLUMNS)
    found = rows(session, statement, values_of(filters, directory, project, now, limit))
    numbers = numbers_of(session, {row.waiting_task_id for row in found if row.waiting_task_id is not None})
    return [_facts(row, project, directory, numbers, full=bool(row.full)) for row in found]


def task_seen(session: Session, seen: SeenTask) -> TaskFacts:
    """One that the reader has found, or has just changed; raises NotFound where it is out of their sight."""
    if seen.sight is Sight.NONE:
        raise NotFound("task")
    task, project = seen.task, kept_project(session, seen.task.project_id)
    numbers = numbers_of(session, {task.waiting_task_id} if task.waiting_task_id is not None else set())
    return _facts(task, project, directory_of(session, project.id), numbers, full=seen.sight is Sight.FULL)


def _facts(row: Any, project: Project, directory: Directory, numbers: Mapping[int, str], *, full: bool) -> TaskFacts:

    def person(person_id: int | None) -> Reference | None:
        return Reference(person_id, directory.person(person_id)) if person_id is not None and full else None

    party, joint = row.party_id, row.integration_id
    return TaskFacts(
        row.id,
        row.number,
        Reference(project.id, project.name),
        Reference(joint, directory.integration(joint)) if joint is not None else None,
        Reference(party, directory.party(party)) if party is not None else None,
        row.kind,
        row.title,
        row.plain_title,
        row.done_means if full else "",
        row.status,
        row.priority,
        person(row.owner_id),
        person(row.turn_id),
        _awaited(row, directory, numbers) if full else None,
        row.waiting_since if full else None,
        row.needed_by,
        row.promised_on,
        row.stalls_at,
        row.version,
        row.created_at,
        row.updated_at,
    )


def _awaited(row: Any, directory: Directory, numbers: Mapping[int, str]) -> Awaited | None:
    if row.waiting_kind is None:
        return None
    ids = (
        (row.waiting_person_id, directory.person),
        (row.waiting_party_id, directory.party),
        (row.waiting_task_id, lambda task: numbers.get(task, "")),
    )
    for found, name in ids:
        if found is not None:
            return Awaited(row.waiting_kind, found, name(found), row.waiting_note, row.waiting_agreed)
    return Awaited(row.waiting_kind, None, row.waiting_note, row.waiting_note, row.waiting_agreed)
