"""What the conductor says of messages that are only foreseen: not on that day, or with words of their own in front.

Nothing is queued before its time, so the engine's promises stand as they are: the forecast, the round and the delivery
see a spent day, and find the words where the message of that day is put together.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.errors import FieldError, Invalid, Refused
from tracker.domain.permissions import require
from tracker.domain.terms import MessageState
from tracker.services.access.loading import standings_of
from tracker.services.ground.journal import About, Actor, record
from tracker.services.messages.handling import find_message, stop_message
from tracker.services.messages.preview import Foreseen
from tracker.services.messages.queue import WAITING, due_now, kind_of
from tracker.services.nudging.forewords import Words, free_words
from tracker.services.nudging.message_facts import PODIUM
from tracker.services.nudging.reach import STOPPED
from tracker.tables import Foreword, Message, MessageTask, Person, Task

FOREWORD_LIMIT = 1000
LET_GO = "let_go"


def stop_foreseen(session: Session, actor: Actor, one: Foreseen, *, now: datetime) -> Message:
    """It will not come together on its day, and nothing else unasked goes to this person on that day, but for what
    tells a conductor of their own podium.

    What it would have told is not lost: it comes on a later day under the same rules. Stopped twice, it is stopped
    once; queued meanwhile, the queued one is stopped. Refused: message_gone.
    """
    projects = _projects(session, one)
    _require_theirs(session, actor, projects[:1])
    found = _of_day(session, one)
    if found is not None and found.state in WAITING:
        return stop_message(session, actor, found.id, now=now)
    if found is not None and found.state == MessageState.CANCELLED:
        return found
    if found is not None:
        raise Refused("message_gone", [{"code": found.state}])
    message = Message(
        project_id=projects[0], person_id=one.person, kind=kind_of([line.step for line in one.tasks]), rule=one.rule,
        facts={"rest": one.rest}, local_day=one.day, queued_at=now, send_after=one.at,
        state=MessageState.CANCELLED, state_reason=STOPPED, updated_at=now,
    )  # fmt: skip
    session.add(message)
    session.flush()
    episodes = _episodes(session, one)
    for place, line in enumerate(one.tasks):
        session.add(
            MessageTask(message_id=message.id, task_id=line.task, position=place, step=line.step, rule=line.rule,
                        episode=episodes[line.task], facts=line.facts)
        )  # fmt: skip
    record(
        session,
        actor,
        "message.cancelled",
        About("message", message.id, projects[0]),
        now=now,
        person=one.person,
        reason=STOPPED,
        day=one.day,
    )
    return message


def was_stopped(session: Session, project_id: int, person_id: int | None, day: str) -> bool:
    """Whether it was stopped on this ISO day, in messages of the project."""
    query = sa.select(col(Message.local_day)).where(
        col(Message.person_id) == person_id, col(Message.project_id) == project_id, col(Message.unasked).is_(True),
        col(Message.state) == MessageState.CANCELLED, col(Message.state_reason) == STOPPED,
    )  # fmt: skip
    return any(one.isoformat() == day for (one,) in rows(session, query))


def let_go(session: Session, actor: Actor, message_id: int, *, now: datetime) -> Message:
    """Take a stop back, while its day lasts: the next round puts together what is due by then."""
    message = find_message(session, actor, message_id)
    if message.state_reason == LET_GO:
        return message
    zone = ZoneInfo(session.get_one(Person, message.person_id).timezone)
    if message.state_reason != STOPPED or message.local_day < now.astimezone(zone).date():
        raise Refused("message_gone", [{"code": message.state}])
    message.state_reason, message.updated_at = LET_GO, now
    session.add(message)
    session.flush()
    named = sa.select(col(MessageTask.task_id)).where(col(MessageTask.message_id) == message.id)
    due_now(session, [task for (task,) in rows(session, named)], now)
    record(session, actor, "message.let_go", message, now=now, person=message.person_id, day=message.local_day)
    return message


def say_before(session: Session, actor: Actor, project_id: int, one: Foreseen, text: str, *, now: datetime) -> None:
    """The conductor's own words in front of it; an empty text takes them back. Said with the first message from its
    day on that names one of the same tasks of the project, and never twice. Refused: message_queued."""
    text = text.strip()
    if len(text) > FOREWORD_LIMIT:
        raise Invalid(FieldError("text", "too_long", {"limit": FOREWORD_LIMIT}))
    # Its words are read by whoever writes more of them.
    _require_theirs(session, actor, _projects(session, one))
    there = _of_day(session, one)
    if there is not None and there.state != MessageState.CANCELLED:
        raise Refused("message_queued" if there.state in WAITING else "message_gone", [{"code": there.state}])
    was = standing_words(session, project_id, one)
    if [words.text for words in was] == ([text] if text else []):
        return
    for words in session.scalars(sa.select(Foreword).where(col(Foreword.id).in_([one.id for one in was]))):
        session.delete(words)
    if text:
        session.add(
            Foreword(
                project_id=project_id, person_id=one.person, local_day=one.day, text=text,
                tasks=sorted(_of_project(session, one, project_id)), written_by_id=actor.person_id, written_at=now,
            )
        )  # fmt: skip
    kind = "message.foreword" if text else "message.foreword_dropped"
    record(session, actor, kind, About("person", one.person, project_id), now=now, day=one.day)


def standing_words(session: Session, project_id: int, one: Foreseen) -> list[Words]:
    """What of this project stands in front of it already."""
    named = {line.task for line in one.tasks}
    free = free_words(session, [one.person])
    return [words for words in free if words.project == project_id and words.fit(one.day, named)]


def _of_day(session: Session, one: Foreseen) -> Message | None:
    """The message of that person and day, else one that was stopped. What tells a conductor of their podium is theirs
    alone: nobody else stops it."""
    query = sa.select(Message).where(
        col(Message.person_id) == one.person, col(Message.local_day) == one.day, col(Message.unasked).is_(True),
        col(Message.kind) != PODIUM,
        sa.or_(col(Message.state) != MessageState.CANCELLED, col(Message.state_reason) == STOPPED),
    )  # fmt: skip
    found = session.scalars(query.order_by(col(Message.id))).all()
    return next((one for one in found if one.state != MessageState.CANCELLED), next(iter(found), None))


def _episodes(session: Session, one: Foreseen) -> dict[int, int]:
    ids = [line.task for line in one.tasks]
    return dict(rows(session, sa.select(col(Task.id), col(Task.episode)).where(col(Task.id).in_(ids))))


def _of_project(session: Session, one: Foreseen, project_id: int) -> set[int]:
    query = sa.select(col(Task.id)).where(
        col(Task.id).in_([line.task for line in one.tasks]), col(Task.project_id) == project_id
    )
    return {task for (task,) in rows(session, query)}


def _projects(session: Session, one: Foreseen) -> list[int]:
    """Of its tasks, in the order in which it names them."""
    ids = [line.task for line in one.tasks]
    of_task = dict(rows(session, sa.select(col(Task.id), col(Task.project_id)).where(col(Task.id).in_(ids))))
    return [of_task[task] for task in ids]


def _require_theirs(session: Session, actor: Actor, projects: list[int]) -> None:
    conducted = {mine.project_id for mine in standings_of(session, actor) if mine.runs}
    require(set(projects) <= conducted, "conductor_only")


def foreseen_on(found: Iterable[Foreseen], person_id: int | None, day: date) -> Foreseen | None:
    """Of what is foreseen, the message of that person and day; it may have been queued meanwhile."""
    return next((one for one in found if (one.person, one.day) == (person_id, day)), None)
