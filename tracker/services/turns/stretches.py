"""The stretches of the wait ledger: opened when a turn comes to somebody, closed when it goes or is answered.

Written by `restamp` alone, and by an answer that ends one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import chunks, columns, connection_of
from tracker.domain.worktime import Calendar, working_time
from tracker.services.ground.directory import kept_calendars
from tracker.services.ground.working_calendars import calendars_of
from tracker.tables import Project, Stretch, Task

ANSWERED = "stretches ended by an answer"
"""Mark in `session.info`: tasks whose next stretch begins though their turn may stay where it is."""


class OpenStretch(NamedTuple):
    """A stretch of the ledger that has not ended."""

    id: int
    task_id: int
    person_id: int
    party_id: int | None
    started_at: datetime


class EndedStretch(NamedTuple):
    """How one ends: its columns, by their names in the statement."""

    stretch: int
    ended_at: datetime
    ended_by: str
    seconds: int


def open_stretches(session: Session, task_ids: Sequence[int]) -> dict[int, OpenStretch]:
    """By task. Columns alone: where the turn has stayed, the row is not touched."""
    found: dict[int, OpenStretch] = {}
    for part in chunks(task_ids):
        found.update({row.task_id: OpenStretch(*row) for row in columns(session, _OPEN, {"ids": part})})
    return found


_STRETCHES: sa.Table = Stretch.__table__  # type: ignore[attr-defined]
_COLUMNS = sa.select(Stretch.id, Stretch.task_id, Stretch.person_id, Stretch.party_id, Stretch.started_at)
_OPEN = _COLUMNS.where(
    Stretch.task_id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)), Stretch.ended_at.is_(None)
)
_OPEN_ONE = _COLUMNS.where(Stretch.task_id == sa.bindparam("id", type_=sa.Integer), Stretch.ended_at.is_(None))
_END = (
    sa.update(_STRETCHES)
    .where(_STRETCHES.c.id == sa.bindparam("stretch", type_=sa.Integer))
    .values(ended_at=sa.bindparam("ended_at"), ended_by=sa.bindparam("ended_by"), seconds=sa.bindparam("seconds"))
)


def project_calendars(session: Session, project_id: int, persons: set[int], now: datetime) -> Mapping[int, Calendar]:
    kept = kept_calendars(session, project_id, now.year)
    if persons <= kept.keys():
        return kept
    # Somebody who was taken out of the project may still have a turn in it.
    return {**kept, **calendars_of(session, session.get_one(Project, project_id), persons - kept.keys(), now.year)}


def keep_ledger(
    session: Session, task: Task, calendars: Mapping[int, Calendar], stretch: OpenStretch | None, now: datetime
) -> EndedStretch | None:
    """Begin the stretch of the task's turn; returns the end of the one before, where it was another's."""
    ended = None
    if stretch is not None and (stretch.person_id != task.turn_id or stretch.party_id != task.turn_party_id):
        ended = _ended(stretch, calendars.get(stretch.person_id), now, "done" if task.turn_id is None else "turn")
        stretch = None
    if stretch is None and task.turn_id is not None:
        session.add(
            Stretch(
                project_id=task.project_id,
                task_id=task.id,
                person_id=task.turn_id,
                party_id=task.turn_party_id,
                started_at=now,
            )
        )
    return ended


def end_stretches(session: Session, ended: Sequence[EndedStretch]) -> None:
    """In one statement, past the unit of work: nobody holds these rows. Their tasks are locked or written by now: in
    another order two changes could wait for each other."""
    connection_of(session).execute(_END, [one._asdict() for one in ended])


def _ended(stretch: OpenStretch, calendar: Calendar | None, now: datetime, why: str) -> EndedStretch:
    seconds = int(working_time(calendar, stretch.started_at, now).total_seconds()) if calendar else 0
    return EndedStretch(stretch.id, now, why, seconds)


def end_stretch_by_answer(session: Session, task: Task, now: datetime) -> None:
    """An answer of the person of the turn ends the stretch they were waited for; the next begins at once."""
    if any(isinstance(one, Stretch) for one in session.new):
        session.flush()
    # Without a flush of the task, which is written once, with its new moments.
    found = connection_of(session).execute(_OPEN_ONE, {"id": task.id}).first()
    if found is None:
        return
    stretch = OpenStretch(*found)
    calendar = project_calendars(session, task.project_id, {stretch.person_id}, now).get(stretch.person_id)
    end_stretches(session, [_ended(stretch, calendar, now, "answer")])
    session.info.setdefault(ANSWERED, set()).add(task.id)
