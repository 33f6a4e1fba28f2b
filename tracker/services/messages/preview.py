"""What the bot would say, before a project speaks at all and for the days to come: what is queued, and what will be."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import chunks, rows
from tracker.domain.nudging.cases import NudgeAction, NudgeDecision, NudgeStep
from tracker.domain.nudging.foresight import Foretold, KnownCase, Meetings, WaitingMessage, foretell
from tracker.domain.terms import CardKind, MeetingState, Messages
from tracker.domain.worktime import local_day
from tracker.services.ground.kept import while_project_stands
from tracker.services.messages.queue import open_rows
from tracker.services.nudging.cases import Cases, load_cases, running_projects, surroundings
from tracker.services.nudging.reach import CHANNELS, circle_of
from tracker.tables import Card, Meeting, MeetingItem, Message, Project, Task

KEPT = timedelta(minutes=5)


class ForeseenTask(NamedTuple):
    """A task as a message would name it, and what the rule stands on."""

    task: int
    step: str
    rule: str
    facts: dict[str, Any]


class Foreseen(NamedTuple):
    """A message as it would go out at `at`. `rest`: due but not named. `message`: its id, if it waits already."""

    person: int
    at: datetime
    day: date
    rule: str
    tasks: tuple[ForeseenTask, ...]
    rest: int
    message: int | None


def foresee(
    session: Session, project_id: int, now: datetime, until: datetime, *, channels: Collection[str] = CHANNELS
) -> list[Foreseen]:
    """What goes out before `until` about tasks of the project if nobody does anything, the soonest first; of a project
    that is silent: if it spoke. Reads only. The caller has established that the project is theirs to conduct.

    Kept while the project stands still, for some minutes at most: what other projects ask of the same people moves it.
    """

    def read() -> tuple[datetime, list[Foreseen]]:
        found = _foresee(session, project_id, now, until, channels)
        return min([now + KEPT, *(one.at for one in found if one.at > now)]), found

    return while_project_stands(session, project_id, ("foreseen", until, tuple(channels)), read, now)


def _foresee(
    session: Session, project_id: int, now: datetime, until: datetime, channels: Collection[str]
) -> list[Foreseen]:
    project = session.get_one(Project, project_id)
    around = surroundings(session, now, {**running_projects(session), project.id: project})
    with_turn = sa.select(col(Task.turn_id)).where(col(Task.project_id) == project_id, col(Task.turn_id).is_not(None))
    persons = {person for (person,) in rows(session, with_turn.distinct())}
    circle = circle_of(session, persons)
    # Without the meetings: which of them is the next one depends on the moment (`_meetings`).
    cases = load_cases(session, around._replace(events={}), circle.all, now, channels=channels, due_by=until)
    policies = dict(cases.policies)
    if project.messages == Messages.OFF:
        policies[project_id] = policies[project_id]._replace(messages=Messages.ON)
    told = foretell(
        [KnownCase(one.case, one.project_id, one.next_at) for one in cases.tasks],
        cases.people,
        policies,
        _waiting(session, circle.whole),
        _carded(session, circle.whole),
        _meetings(session, cases, around.projects, now),
        now,
        until,
    )
    mine = {one.case.id for one in cases.tasks if one.project_id == project_id}
    return [_foreseen(one) for one in told if any(line.task in mine for line in one.lines)]


def _foreseen(one: Foretold) -> Foreseen:
    named = tuple(ForeseenTask(line.task, str(line.step), line.rule, _facts(line)) for line in one.lines)
    return Foreseen(one.person, one.at, one.day, one.rule, named, one.rest, one.message)


def _facts(line: NudgeDecision) -> dict[str, Any]:
    """As they would be written beside the message."""
    return {"turn_since": None if line.since is None else line.since.isoformat(), "nudges": line.asked}


def _waiting(session: Session, persons: Collection[int]) -> dict[int, WaitingMessage]:
    found = open_rows(session, persons)
    columns = sa.select(col(Message.id), col(Message.queued_at), col(Message.facts))
    kept = {
        row.id: row
        for part in chunks(one.id for one in found.values())
        for row in rows(session, columns.where(col(Message.id).in_(part)))
    }
    return {
        person: WaitingMessage(
            row.id,
            row.local_day,
            row.send_after,
            kept[row.id].queued_at,
            row.rule,
            tuple(
                NudgeDecision(task, person, NudgeAction.TELL, row.rule, step=NudgeStep(step))
                for task, step in row.lines
            ),
            int(kept[row.id].facts.get("rest", 0)),
            row.fixed,
            row.tried,
        )
        for person, row in found.items()
    }


def _carded(session: Session, persons: Collection[int]) -> set[int]:
    """Tasks on an open card about many questions of their person."""
    query = sa.select(col(Card.facts)).where(col(Card.kind) == CardKind.OVERLOAD, col(Card.settled_at).is_(None))
    return {
        int(task)
        for part in chunks(persons)
        for (facts,) in rows(session, query.where(col(Card.person_id).in_(part)))
        for task in facts.get("tasks", [])
    }


def _meetings(session: Session, cases: Cases, projects: Mapping[int, Project], now: datetime) -> Meetings:
    """Those to come, with the day on which they are where the person of the turn is."""
    calendars = {one.case.id: cases.people[one.project_id, one.case.turn or 0].calendar for one in cases.tasks}
    planned = (
        sa.select(col(MeetingItem.task_id), col(Meeting.starts_at))
        .join(Meeting, col(Meeting.id) == col(MeetingItem.meeting_id))
        .where(
            col(Meeting.project_id).in_(projects.keys()),
            col(Meeting.state) == MeetingState.PLANNED,
            col(Meeting.archived_at).is_(None),
            col(Meeting.starts_at) > now,
            col(MeetingItem.task_id).is_not(None),
        )
        .order_by(col(Meeting.starts_at))
    )
    found: dict[int, list[tuple[datetime, date]]] = {}
    for task, starts_at in rows(session, planned):
        if task in calendars:
            found.setdefault(task, []).append((starts_at, local_day(calendars[task], starts_at)))
    return found
