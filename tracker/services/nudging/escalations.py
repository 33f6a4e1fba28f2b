"""Where the bot stops and a human takes over: a card before the conductor, and the task's mark that says so."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.domain.nudging.digests import Digest
from tracker.domain.terms import CardKind
from tracker.services.ground.journal import Actor
from tracker.services.nudging.cases import Stored
from tracker.services.tasks.cards import open_card
from tracker.tables import Card, Task

ABOUT_PERSON = {
    "opted_out": CardKind.OPT_OUT,
    "paused": CardKind.PAUSE,
    "not_invited": CardKind.UNREACHABLE,
    "channel_dead": CardKind.UNREACHABLE,
    "no_slot": CardKind.UNREACHABLE,
}
"""Rules of which the reason is the person, not the task, with the card that tells it."""


def still(stored: Stored) -> sa.ColumnElement[bool]:
    """The task is as it was read: any verb's restamp would have moved `next_at`."""
    mark = col(Task.next_at)
    same = mark.is_(None) if stored.next_at is None else mark == stored.next_at
    return sa.and_(col(Task.id) == stored.case.id, same, col(Task.episode) == stored.episode)


def hand_over(session: Session, actor: Actor, stored: Stored, rule: str, now: datetime) -> bool:
    """The task becomes the conductor's. False if it has changed since it was read: then the next round decides."""
    if not take_from_bot(session, stored, now):
        return False
    _card(session, actor, stored, rule, now)
    return True


def take_from_bot(session: Session, stored: Stored, now: datetime) -> bool:
    """From here on the task is the conductor's: the bot stops. False if it has changed meanwhile."""
    values = {"escalated_at": now, "next_at": None}
    return bool(session.connection().execute(sa.update(Task).where(still(stored)).values(values)).rowcount)


def _card(session: Session, actor: Actor, stored: Stored, rule: str, now: datetime) -> None:
    case = stored.case
    if rule in ABOUT_PERSON:
        # One card about the person, not one about each of their tasks.
        card = open_card(session, actor, stored.project_id, ABOUT_PERSON[rule], now=now, person_id=case.turn, rule=rule)
        _note_tasks(session, card, [case.id])
        return
    kind = CardKind.DEADLOCK if rule == "decide_by" else CardKind.ESCALATION
    open_card(
        session,
        actor,
        stored.project_id,
        kind,
        now=now,
        task_id=case.id,
        person_id=case.turn,
        rule=rule,
        nudges=case.nudges,
        since=case.turn_since.isoformat(),
        blocks=case.blocks,
    )


def _note_tasks(session: Session, card: Card, task_ids: Iterable[int]) -> None:
    card.facts = {**card.facts, "tasks": sorted(_tasks_on(card) | set(task_ids))}
    session.add(card)


def on_open_card(session: Session, person_id: int) -> set[int]:
    """The tasks that stand on a card about this person which the conductor has not seen to yet."""
    return {task for card in _cards_about(session, person_id) if card.settled_at is None for task in _tasks_on(card)}


def _cards_about(session: Session, person_id: int) -> Iterable[Card]:
    query = sa.select(Card).where(col(Card.kind) == CardKind.OVERLOAD, col(Card.person_id) == person_id)
    return session.scalars(query).all()


def _tasks_on(card: Card) -> set[int]:
    return {int(one) for one in card.facts.get("tasks", [])}


def _seen_to(cards: Iterable[Card], stored: Stored) -> bool:
    """Whether the conductor has settled a card with this task since its person last moved: they know, and have left it
    with them. A new card each minute until the message leaves would be no news."""
    since = max(stored.case.turn_since, stored.case.progress_at or stored.case.turn_since)
    return any(
        card.settled_at is not None and card.settled_at >= since and stored.case.id in _tasks_on(card) for card in cards
    )


def hand_over_person(
    session: Session, actor: Actor, digest: Digest, stored_by_task: dict[int, Stored], now: datetime
) -> None:
    """A flood, or questions left unanswered: one card about the person, in each project that it concerns.

    What the digest names is handed over when it has been sent (`outcomes`): until then it is still to be told.
    """
    named = {line.task for line in digest.lines}
    by_project: dict[int, list[Stored]] = {}
    cards = _cards_about(session, digest.person)
    for task_id in digest.overload:
        stored = stored_by_task[task_id]
        if not _seen_to(cards, stored):
            by_project.setdefault(stored.project_id, []).append(stored)
    for project_id, group in by_project.items():
        card = open_card(
            session, actor, project_id, CardKind.OVERLOAD, now=now, person_id=digest.person, rule=digest.overload_why
        )
        _note_tasks(session, card, [stored.case.id for stored in group])
        for stored in group:
            if stored.case.id not in named:
                take_from_bot(session, stored, now)
