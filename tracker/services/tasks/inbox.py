"""The conductor's inbox: what somebody sent and nobody could place. Nothing that a person says is dropped."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError, Invalid
from tracker.domain.terms import CardKind
from tracker.services.access.loading import standing
from tracker.services.ground.fields import legible
from tracker.services.ground.journal import Actor
from tracker.services.tasks.cards import open_card
from tracker.tables import Card


def send_to_inbox(
    session: Session, actor: Actor, project_id: int, text: str, uploads: Sequence[int] = (), *, now: datetime
) -> Card:
    """One open card for each person; what comes after is added to it, not put in its place."""
    standing(session, actor, project_id)
    text = legible(text)
    if not text and not uploads:
        raise Invalid(FieldError("text", "required"))
    open_one = session.exec(
        select(Card).where(
            Card.project_id == project_id,
            Card.kind == CardKind.INBOX,
            Card.person_id == actor.mover_id,
            col(Card.task_id).is_(None),
            col(Card.settled_at).is_(None),
        )
    ).first()
    note = "\n".join(part for part in (open_one.note if open_one else "", text) if part)
    known: list[int] = [*(open_one.facts.get("uploads", []) if open_one else []), *uploads]
    return open_card(
        session, actor, project_id, CardKind.INBOX, now=now, person_id=actor.mover_id, note=note, uploads=known
    )
