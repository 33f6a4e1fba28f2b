"""The stretches of the wait ledger: opened when a turn comes to somebody, closed when it goes or is answered.

Written by `restamp` alone, and by an answer that ends one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import chunks, columns
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


def open_stretches(session: Session, task_ids: list[int]) -> dict[int, OpenStretch]:
    """By task. Columns alone: nearly always the turn has stayed, and the row is not touched."""
    found: dict[int, OpenStretch] = {}
    for part in chunks(task_ids):
        found.update({row.task_id: OpenStretch(*row) for row in columns(session, _OPEN, {"ids": part})})
    return found


_OPEN = sa.select(Stretch.id, Stretch.task_id, Stretch.person_id, Stretch.party_id).where(
    Stretch.task_id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)), Stretch.ended_at.is_(None)
)


def project_calendars(session: Session, project_id: int, persons: set[int], now: datetime) -> Mapping[int, Calendar]:
    kept = kept_calendars(session, project_id, now.year)
    if persons <= kept.keys():
        return kept
    # Somebody who was taken out of the project may still have a turn in it.
    return {**kept, **calendars_of(session, session.get_one(Project, project_id), persons - kept.keys(), now.year)}


def keep_ledger(
    session: Session,
    task: Task,
    calendars: Mapping[int, Calendar],
    stretch: OpenStretch | None,
    now: datetime,
) -> None:
    if stretch is not None and (stretch.person_id != task.turn_id or stretch.party_id != task.turn_party_id):
        ended = session.get_one(Stretch, stretch.id)
        _end_stretch(ended, calendars.get(stretch.person_id), now, "done" if task.turn_id is None else "turn")
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


def _end_stretch(stretch: Stretch, calendar: Calendar | None, now: datetime, why: str) -> None:
    stretch.ended_at = now
    stretch.ended_by = why
    stretch.seconds = int(working_time(calendar, stretch.started_at, now).total_seconds()) if calendar else 0


def end_stretch_by_answer(session: Session, task: Task, now: datetime) -> None:
    """An answer of the person of the turn ends the stretch they were waited for; the next begins at once."""
    stretch = session.exec(select(Stretch).where(Stretch.task_id == task.id, col(Stretch.ended_at).is_(None))).first()
    if stretch is None:
        return
    calendar = project_calendars(session, task.project_id, {stretch.person_id}, now).get(stretch.person_id)
    _end_stretch(stretch, calendar, now, "answer")
    session.info.setdefault(ANSWERED, set()).add(task.id)
