"""Cards: what needs the conductor. One open card of a kind for each task and person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tracker.domain.errors import NotFound
from tracker.domain.terms import CardKind
from tracker.services.access.loading import find_row
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
    """The conductor has seen to it."""
    card = find_card(session, actor, card_id)
    settle(session, actor, card, how, now)
    return card


def find_card(session: Session, actor: Actor, card_id: int, *, lock: bool = False) -> Card:
    """Only who conducts the project has cards; for all others there are none."""
    card, mine = find_row(session, actor, Card, card_id, lock=lock)
    if not mine.runs:
        raise NotFound("card")
    return card


def settle_cards_of(session: Session, actor: Actor, task_id: int, how: str, *, now: datetime) -> None:
    """What was asked about this task has been answered by an act on it."""
    # Cards are written as they are opened; the task that is being changed is written later, once.
    with session.no_autoflush:
        cards = session.exec(select(Card).where(Card.task_id == task_id, col(Card.settled_at).is_(None))).all()
    for card in cards:
        settle(session, actor, card, how, now)


def settle_cards_about(
    session: Session, actor: Actor, person_id: int, kinds: Collection[CardKind], how: str, *, now: datetime
) -> None:
    """What was said about this person themself, and not about a task of theirs, has come to its end."""
    query = select(Card).where(
        Card.person_id == person_id,
        col(Card.settled_at).is_(None),
        col(Card.kind).in_(kinds),
        col(Card.task_id).is_(None),
    )
    for card in session.exec(query).all():
        settle(session, actor, card, how, now)


def open_unmatched_card(session: Session, project_id: int) -> Card | None:
    """The open card of names from a sheet; a person whose account somebody else opened has one of their own."""
    return session.exec(
        select(Card).where(
            Card.project_id == project_id,
            Card.kind == CardKind.UNMATCHED,
            col(Card.settled_at).is_(None),
            col(Card.task_id).is_(None),
            col(Card.person_id).is_(None),
        )
    ).first()


def settle_found(session: Session, actor: Actor, card: Card, *, now: datetime) -> None:
    """Nothing that the card lists waits for anybody any more."""
    settle(session, actor, card, "found", now)


def settle(session: Session, actor: Actor, card: Card, how: str, now: datetime) -> None:
    """A card that was found already. Settling a settled card changes nothing."""
    if card.settled_at is not None:
        return
    card.settled_at, card.settled_by_id, card.settled_how = now, actor.person_id, how
    session.add(card)
    record(session, actor, "card.settled", card, now=now, task=card.task_id, card_kind=card.kind, how=how or None)


def open_cards(session: Session, project_ids: list[int]) -> list[Card]:
    """Oldest first. The caller has established that these projects are theirs to conduct."""
    query = select(Card).where(col(Card.project_id).in_(project_ids), col(Card.settled_at).is_(None))
    return list(session.exec(query.order_by(col(Card.at), col(Card.id))))
