"""What the journal's events are about: a name and where it stands, for a page of events at once."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.events import Happened
from tracker.tables import Card, Check, Deadlock, Integration, Meeting, Message, Party, Person, System, Task


class Subject(NamedTuple):
    """`path`: below the project's address; empty where no page is about it."""

    text: str
    path: str = ""


Subjects = Mapping[tuple[str, int], Subject]

_NAMED: Mapping[str, tuple[Any, str]] = {
    "integration": (Integration.name, "integrations/{}"),
    "meeting": (Meeting.title, "meetings/{}"),
    "deadlock": (Deadlock.title, "deadlocks/{}"),
    "person": (Person.name, "people/{}"),
    "party": (Party.name, "people"),
    "system": (System.name, "integrations"),
}


def subjects_of(session: Session, events: Sequence[Happened]) -> Subjects:
    """(object type, id) -> subject, one statement for each type that occurs. The caller may see these events."""
    ids: dict[str, set[int]] = {}
    for event in events:
        ids.setdefault(event.object_type, set()).add(event.object_id)
    found: dict[tuple[str, int], Subject] = {}
    for kind, (name, path) in _NAMED.items():
        if kind in ids:
            table = name.class_
            for row_id, text in rows(session, sa.select(table.id, name).where(table.id.in_(ids[kind]))):
                found[kind, row_id] = Subject(text, path.format(row_id))
    of_tasks: Any = sa.select(Task.id, Task.number, Task.title)
    of_cards: Any = sa.select(Card.id, Task.number, Task.title).join(Task, Task.id == Card.task_id)
    found |= _through(session, ids, "task", of_tasks) | _through(session, ids, "card", of_cards)
    if "card" in ids:
        about = sa.select(Card.id, Person.id, Person.name).join(Person, Person.id == Card.person_id)
        cards = rows(session, about.where(Card.id.in_(ids["card"]), Card.task_id.is_(None)))
        found |= {("card", row_id): Subject(name, f"people/{person}") for row_id, person, name in cards}
    if "check" in ids:
        query = sa.select(Check.id, Check.title, Check.integration_id).where(Check.id.in_(ids["check"]))
        found |= {
            ("check", row.id): Subject(row.title, f"integrations/{row.integration_id}") for row in rows(session, query)
        }
    if "message" in ids:
        named = sa.select(Message.id, Person.name).join(Person, Person.id == Message.person_id)
        found |= {
            ("message", row_id): Subject(name)
            for row_id, name in rows(session, named.where(Message.id.in_(ids["message"])))
        }
    return found


def _through(session: Session, ids: Mapping[str, set[int]], kind: str, query: Any) -> dict[tuple[str, int], Subject]:
    """Named by a task: the task itself, or the card about it."""
    if kind not in ids:
        return {}
    found = rows(session, query.where(query.selected_columns[0].in_(ids[kind])))
    return {(kind, row_id): Subject(f"№ {number} {title}", f"t/{number}") for row_id, number, title in found}
