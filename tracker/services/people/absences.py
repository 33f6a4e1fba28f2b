"""Days on which a person is away: their turn's clock stands still, and nobody writes to them."""

from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from tracker.domain.errors import FieldError, NotFound
from tracker.domain.permissions import require
from tracker.domain.terms import Role
from tracker.services.access.loading import standing
from tracker.services.access.persons import find_person, projects_of
from tracker.services.ground import fields
from tracker.services.ground.journal import HOUSE, About, Actor, record
from tracker.services.people.persons import restamp_for
from tracker.tables import Absence

LONGEST = 366


class Away(NamedTuple):
    """First and last day away, both included, in the person's own zone."""

    id: int
    first: date
    last: date
    note: str


def add_absence(
    session: Session, actor: Actor, person_id: int, first: date, last: date, *, now: datetime, note: str = ""
) -> Absence:
    """By the person, or by who conducts a project of theirs. The same days twice are once."""
    require(may_plan(session, actor, person_id), "edit_person")
    errors: list[FieldError] = []
    note = fields.one_line(errors, "note", note)
    fields.day(errors, "first", first, now)
    if last < first:
        errors.append(FieldError("last", "ends_before_it_begins"))
    elif (last - first).days > LONGEST:
        errors.append(FieldError("last", "too_long_away", {"limit": LONGEST}))
    fields.refuse(errors)
    same = session.exec(
        select(Absence).where(Absence.person_id == person_id, Absence.first == first, Absence.last == last)
    ).first()
    if same is not None:
        return same
    row = Absence(person_id=person_id, first=first, last=last, note=note)
    session.add(row)
    session.flush()
    _tell(session, actor, "absence.added", row, now)
    return row


def remove_absence(session: Session, actor: Actor, absence_id: int, *, now: datetime) -> None:
    row = session.get(Absence, absence_id)
    if row is None:
        raise NotFound("absence")
    try:
        allowed = may_plan(session, actor, row.person_id)
    except NotFound:
        raise NotFound("absence") from None
    require(allowed, "edit_person")
    session.delete(row)
    session.flush()
    _tell(session, actor, "absence.removed", row, now)


def absences_of(session: Session, actor: Actor, person_id: int, *, since: date) -> list[Away]:
    """Those that end on `since` or later."""
    find_person(session, actor, person_id)
    query = select(Absence).where(Absence.person_id == person_id, Absence.last >= since).order_by(col(Absence.first))
    return [Away(row.id, row.first, row.last, row.note) for row in session.exec(query)]


def may_plan(session: Session, actor: Actor, person_id: int) -> bool:
    """Say when they are away or want no messages: the person, and who conducts a project of theirs."""
    seen = find_person(session, actor, person_id)
    if seen.editable:
        return True
    for project_id in projects_of(session, person_id):
        try:
            if standing(session, actor, project_id).role == Role.CONDUCTOR:
                return True
        except NotFound:
            continue
    return False


def _tell(session: Session, actor: Actor, kind: str, row: Absence, now: datetime) -> None:
    """In each project of theirs: its people count on them. The note stays out of it."""
    for project_id in projects_of(session, row.person_id) or [HOUSE]:
        record(
            session, actor, kind, About("person", row.person_id, project_id), now=now, first=row.first, last=row.last
        )
    restamp_for(session, row.person_id, now)
