"""Remarks on a task. The conductors' private ones are theirs alone."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.errors import FieldError, NotFound
from tracker.domain.permissions import Sight, may_comment, may_see_note, require
from tracker.services.access.loading import SeenTask, find_task
from tracker.services.access.notes import visible_notes
from tracker.services.access.standing_in import acting
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.search import normalise
from tracker.services.tasks.acts import Act, held, mark_progress
from tracker.services.tasks.fields import TEXT_LIMIT
from tracker.services.turns.restamp import facts_now, restamp_one
from tracker.tables import Comment, Person


class Remark(NamedTuple):
    """A comment as it is shown."""

    id: int
    at: datetime
    person: str
    noted_by: str
    way: str
    text: str
    private: bool


def add_comment(
    session: Session, actor: Actor, task: int | SeenTask, text: str, *, private: bool = False, now: datetime
) -> Comment:
    """Somebody says something. By the person of the turn it is an answer; by others it postpones a due step once."""
    seen = held(session, actor, task)
    require(may_comment(seen.standing, seen.people), "comment")
    act = Act(session, acting(actor, seen.standing, seen.people), seen, now)
    require_voice(session, act.actor, seen.standing)
    require(may_see_note(seen.standing, private=private), "comment")
    text = _worth_saying(text)
    author = act.actor.author_id
    comment = Comment(
        task_id=seen.task.id,
        person_id=author,
        noted_by_id=actor.person_id if author != actor.person_id else None,
        at=now,
        way=actor.way,
        text=text,
        private=private,
        search=normalise(text),
    )
    session.add(comment)
    session.flush()
    before = facts_now(session, seen.task)
    if act.is_the_turns:
        mark_progress(act)
    elif not private:
        seen.task.others_act_at = now
    said: dict[str, Any] = {"comment": comment.id, "text": None if private else text, "private": private or None}
    record(session, act.actor, "comment.added", seen.task, now=now, **said)
    restamp_one(session, seen.task, before, now)
    return comment


def _worth_saying(text: str) -> str:
    errors: list[FieldError] = []
    text = fields.long_text(errors, "text", text, required=True, limit=TEXT_LIMIT)
    fields.refuse(errors)
    return text


def edit_comment(session: Session, actor: Actor, comment_id: int, text: str, *, now: datetime) -> Comment:
    """By who said it: messengers let people mend what they have sent. The journal keeps what it said before."""
    comment, seen = _own_comment(session, actor, comment_id)
    text = _worth_saying(text)
    if text == comment.text:
        return comment
    old, comment.text, comment.search = comment.text, text, normalise(text)
    session.add(comment)
    record(
        session,
        actor,
        "comment.edited",
        seen.task,
        now=now,
        comment=comment.id,
        changes=None if comment.private else {"text": (old, text)},
    )
    return comment


def remove_comment(session: Session, actor: Actor, comment_id: int, *, now: datetime) -> None:
    """Taken back by who said it: it belongs to another task. What it counted for stays: they did speak."""
    comment, seen = _own_comment(session, actor, comment_id)
    session.delete(comment)
    session.flush()
    record(session, actor, "comment.removed", seen.task, now=now, comment=comment_id)


def _own_comment(session: Session, actor: Actor, comment_id: int) -> tuple[Comment, SeenTask]:
    comment = session.get(Comment, comment_id)
    if comment is None or actor.person_id is None or comment.person_id != actor.person_id:
        raise NotFound("comment")
    return comment, find_task(session, actor, comment.task_id, lock=True)


def comments_of(session: Session, seen: SeenTask) -> list[Remark]:
    """Oldest first, as this person may see them: none in outline, private ones only for who conducts."""
    if seen.sight < Sight.FULL:
        return []
    noted_by = sa.orm.aliased(Person)
    query = (
        sa.select(
            Comment.id,
            Comment.at,
            sa.func.coalesce(Person.name, ""),
            sa.func.coalesce(noted_by.name, ""),
            Comment.way,
            Comment.text,
            Comment.private,
        )
        .outerjoin(Person, Person.id == Comment.person_id)
        .outerjoin(noted_by, noted_by.id == Comment.noted_by_id)
        .where(Comment.task_id == seen.task.id, visible_notes(seen.standing))
        .order_by(Comment.at, Comment.id)
    )
    return [Remark(*row) for row in rows(session, query)]
