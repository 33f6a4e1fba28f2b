"""Names of a project's persons, parties and integrations, kept for as long as the journal stands still.

Lists need the same few hundred names again and again; joining them to every row cost more than the rows themselves.
"""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session

from tracker.db import rows
from tracker.services.journal import HOUSE
from tracker.tables import Integration, Membership, Party, Person, ProjectChain, Task

KEPT = 64


class Directory(NamedTuple):
    """id -> name; archived ones too, since old rows still name them."""

    persons: Mapping[int, str]
    searched: Mapping[int, str]
    """Person -> normalised name and e-mail."""
    parties: Mapping[int, str]
    integrations: Mapping[int, str]
    tasks: Mapping[int, str]
    """Awaited tasks -> «№ 17»."""

    def person(self, person_id: int | None) -> str:
        return self.persons.get(person_id, "") if person_id is not None else ""

    def party(self, party_id: int | None) -> str:
        return self.parties.get(party_id, "") if party_id is not None else ""

    def integration(self, integration_id: int | None) -> str:
        return self.integrations.get(integration_id, "") if integration_id is not None else ""

    def task(self, task_id: int | None) -> str:
        return self.tasks.get(task_id, "") if task_id is not None else ""

    def persons_named(self, word: str) -> list[int]:
        """Ids of persons whose name holds this (normalised) word."""
        return [person_id for person_id, text in self.searched.items() if word in text]


_kept: WeakKeyDictionary[Engine, OrderedDict[tuple[int, int, int], Directory]] = WeakKeyDictionary()
_lock = Lock()


def sequences(session: Session, project_id: int) -> tuple[int, int]:
    """(the project's journal sequence, the house's): together they change with everything a page shows."""
    found = dict(
        rows(
            session,
            sa.select(ProjectChain.project_id, ProjectChain.seq).where(
                ProjectChain.project_id.in_((HOUSE, project_id))
            ),
        )
    )
    return found.get(project_id, 0), found.get(HOUSE, 0)


def directory_of(session: Session, project_id: int) -> Directory:
    """The directory as of the journal's present sequence."""
    key = (project_id, *sequences(session, project_id))
    if session.new or session.dirty or session.info:
        # In the middle of a change the sequence does not tell of it yet.
        return _read(session, project_id)
    # By the engine itself, not its address: another database may come to stand at the same address.
    with _lock:
        kept = _kept.setdefault(session.get_bind().engine, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    read = _read(session, project_id)
    with _lock:
        kept[key] = read
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return read


def _read(session: Session, project_id: int) -> Directory:
    people = rows(
        session,
        sa.select(Person.id, Person.name, Person.search)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.project_id == project_id)
        .order_by(Person.name, Person.id),
    )
    parties = rows(session, sa.select(Party.id, Party.name).where(Party.project_id == project_id).order_by(Party.name))
    joints = rows(
        session,
        sa.select(Integration.id, Integration.name)
        .where(Integration.project_id == project_id)
        .order_by(Integration.name),
    )
    awaited = sa.select(Task.waiting_task_id).where(Task.project_id == project_id, Task.waiting_task_id.is_not(None))
    numbers = rows(session, sa.select(Task.id, Task.number).where(Task.id.in_(awaited)))
    return Directory(
        persons={row.id: row.name for row in people},
        searched={row.id: row.search for row in people},
        parties={row.id: row.name for row in parties},
        integrations={row.id: row.name for row in joints},
        tasks={row.id: f"№ {row.number}" for row in numbers},
    )
