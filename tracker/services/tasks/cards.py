"""Cards: what needs the conductor. One open card of a kind for each task and person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tracker.domain.errors import NotFound
from tracker.domain.permissions import require_conductor
from tracker.domain.terms import CardKind
from tracker.services.access.loading import standing
from tracker.services.ground.journal import Actor, record
from tracker.tables import Card


def open_card(
    session: Session,
    actor: Actor,
    project_id: int,
    kind: CardKind,
    *,
    now: datetime,
    task_id: int | None = None,
    person_id: int | None = None,
    note: str = "",
    **facts: Any,
) -> Card:
    """Put something before the conductor; an open card of the same kind about the same is renewed, not doubled."""
    query = select(Card).where(Card.project_id == project_id, Card.kind == kind, col(Card.settled_at).is_(None))
    query = query.where(col(Card.task_id).is_(None) if task_id is None else Card.task_id == task_id)
    query = query.where(col(Card.person_id).is_(None) if person_id is None else Card.person_id == person_id)
    card = session.exec(query).first()
    if card is None:
        card = Card(project_id=project_id, kind=kind, task_id=task_id, person_id=person_id, at=now)
    card.note, card.facts = note or card.note, {**card.facts, **facts}
    session.add(card)
    session.flush()
    record(session, actor, f"card.{kind}", card, now=now, task=task_id, person=person_id, note=note or None)
    return card


def settle_card(session: Session, actor: Actor, card_id: int, how: str = "", *, now: datetime) -> Card:
    """The conductor has seen to it. Settling a settled card changes nothing."""
    card = session.get(Card, card_id)
    if card is None:
        raise NotFound("card")
    mine = standing(session, actor, card.project_id)
    if not mine.runs:
        raise NotFound("card")
    require_conductor(mine)
    _settle(session, actor, card, how, now)
    return card


def settle_cards_of(session: Session, actor: Actor, task_id: int, how: str, *, now: datetime) -> None:
    """What was asked about this task has been answered by an act on it."""
    for card in session.exec(select(Card).where(Card.task_id == task_id, col(Card.settled_at).is_(None))).all():
        _settle(session, actor, card, how, now)


def settle_cards_about(
    session: Session, actor: Actor, person_id: int, kinds: Collection[CardKind], how: str, *, now: datetime
) -> None:
    """What was said about this person themself, and not about a task of theirs, has come to its end."""
    query = select(Card).where(
        Card.person_id == person_id, col(Card.settled_at).is_(None), col(Card.kind).in_(kinds),
        col(Card.task_id).is_(None),
    )  # fmt: skip
    for card in session.exec(query).all():
        _settle(session, actor, card, how, now)


def open_unmatched_card(session: Session, project_id: int) -> Card | None:
    """The open card of names from a sheet; a person whose account somebody else opened has one of their own."""
    return session.exec(
        select(Card).where(
            Card.project_id == project_id, Card.kind == CardKind.UNMATCHED, col(Card.settled_at).is_(None),
            col(Card.task_id).is_(None), col(Card.person_id).is_(None),
        )
    ).first()  # fmt: skip


def settle_found(session: Session, actor: Actor, card: Card, *, now: datetime) -> None:
    """Nothing that the card lists waits for anybody any more."""
    _settle(session, actor, card, "found", now)


def _settle(session: Session, actor: Actor, card: Card, how: str, now: datetime) -> None:
    if card.settled_at is not None:
        return
    card.settled_at, card.settled_by_id, card.settled_how = now, actor.person_id, how
    session.add(card)
    record(session, actor, "card.settled", card, now=now, task=card.task_id, card_kind=card.kind, how=how or None)


def open_cards(session: Session, project_ids: list[int]) -> list[Card]:
    """Oldest first. The caller has established that these projects are theirs to conduct."""
    query = select(Card).where(col(Card.project_id).in_(project_ids), col(Card.settled_at).is_(None))
    return list(session.exec(query.order_by(col(Card.at), col(Card.id))))
