"""The answers as stories tell them: a name each."""

from datetime import date, datetime

from sqlmodel import Session

from tracker.domain.terms import AnswerKind
from tracker.services.access.loading import SeenTask
from tracker.services.ground.journal import Actor
from tracker.services.tasks.answers import Answered, Given, give, wait_on


def done(session: Session, actor: Actor, task: int | SeenTask, *, now: datetime) -> Answered:
    return give(session, actor, task, Given(AnswerKind.DONE), now=now)


def in_progress(session: Session, actor: Actor, task: int | SeenTask, *, now: datetime) -> Answered:
    return give(session, actor, task, Given(AnswerKind.IN_PROGRESS), now=now)


def promise(session: Session, actor: Actor, task: int | SeenTask, on: date, *, now: datetime) -> Answered:
    return give(session, actor, task, Given(AnswerKind.PROMISE, on), now=now)


def need_help(
    session: Session, actor: Actor, task: int | SeenTask, note: str, unblocker: int | None = None, *, now: datetime
) -> Answered:
    return give(session, actor, task, Given(AnswerKind.HELP, note=note, unblocker=unblocker), now=now)


def not_mine(session: Session, actor: Actor, task: int | SeenTask, reason: str = "", *, now: datetime) -> Answered:
    return give(session, actor, task, Given(AnswerKind.NOT_MINE, note=reason), now=now)


def later(session: Session, actor: Actor, task: int | SeenTask, until: date, *, now: datetime) -> Answered:
    return give(session, actor, task, Given(AnswerKind.LATER, until), now=now)


__all__ = ["done", "in_progress", "later", "need_help", "not_mine", "promise", "wait_on"]
