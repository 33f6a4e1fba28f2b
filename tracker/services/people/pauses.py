"""Pauses: a person asks for no messages through a day. It quiets the bot; their turn's clock and the ledger run on."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.nudging.silence import is_paused
from tracker.domain.permissions import require
from tracker.domain.terms import CardKind
from tracker.domain.worktime import day_in
from tracker.services.access.persons import find_person, projects_of
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor
from tracker.services.people.absences import LONGEST, may_plan
from tracker.services.people.persons import tell_person
from tracker.services.tasks.cards import open_card, settle_cards_about
from tracker.services.turns.restamp import restamp
from tracker.tables import Person, Task


def pause(session: Session, actor: Actor, person_id: int, through: date, *, now: datetime) -> Person:
    """No messages through this day of theirs: by the person, or noted by who conducts a project of theirs.

    Their own pause is put before the conductors; one that a conductor noted is known already.
    """
    require(may_plan(session, actor, person_id), "edit_person")
    person = find_person(session, actor, person_id, lock=True).person
    today = day_in(person.timezone, now)
    if through < today:
        raise Invalid(FieldError("paused_until", "in_the_past"))
    if through - today > timedelta(days=LONGEST):
        raise Invalid(FieldError("paused_until", "too_long_away", {"limit": LONGEST}))
    changed = _change(session, actor, person, through, now)
    if changed and actor.person_id == person_id:
        for project_id in projects_of(session, person_id):
            open_card(session, actor, project_id, CardKind.PAUSE, now=now, person_id=person_id)
    return person


def end_pause(session: Session, actor: Actor, person_id: int, *, now: datetime) -> Person:
    """Messages are welcome again. Ending what has ended changes nothing."""
    require(may_plan(session, actor, person_id), "edit_person")
    person = find_person(session, actor, person_id, lock=True).person
    _change(session, actor, person, None, now)
    settle_cards_about(session, actor, person_id, (CardKind.PAUSE,), "resumed", now=now)
    return person


def paused_through(person: Person, now: datetime) -> date | None:
    """The last day of a pause that holds now."""
    today = day_in(person.timezone, now)
    return person.paused_until if is_paused(person.paused_until, today) else None


def _change(session: Session, actor: Actor, person: Person, through: date | None, now: datetime) -> bool:
    changed = fields.apply(person, {"paused_until": through}, now)
    if not changed:
        return False
    session.add(person)
    tell_person(session, actor, person, "person.resumed" if through is None else "person.paused", changed, now=now)
    # What stands with them is looked at anew in the next round: due questions rest, or are asked at last.
    query = sa.select(col(Task.id)).where(col(Task.turn_id) == person.id, col(Task.archived_at).is_(None))
    restamp(session, [task_id for (task_id,) in rows(session, query)], now)
    return True
