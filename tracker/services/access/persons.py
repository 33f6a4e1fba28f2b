"""Whom a person finds, with what of them, and the projects in which they may meet."""

from contextlib import suppress
from typing import NamedTuple

from sqlmodel import Session, col, select

from tracker.domain.errors import NotFound
from tracker.domain.permissions import Standing, may_see_contacts
from tracker.services.access.loading import standing
from tracker.services.ground.journal import Actor
from tracker.services.house.installation import acts_for_the_house
from tracker.tables import Membership, Person


class SeenPerson(NamedTuple):
    """A person as the actor may see them: with contacts or without; to be edited or not."""

    person: Person
    contacts: bool
    editable: bool


def person_by_email(session: Session, email: str) -> Person | None:
    """For the house and for verbs that have asked: tells whether somebody is known."""
    return session.exec(select(Person).where(Person.email == email.strip().casefold())).first()


def projects_of(session: Session, person_id: int) -> list[int]:
    """Ids of the projects that the person belongs to."""
    query = (
        select(Membership.project_id)
        .where(Membership.person_id == person_id, col(Membership.archived_at).is_(None))
        .order_by(col(Membership.project_id))
    )
    return list(session.exec(query))


def find_person(session: Session, actor: Actor, person_id: int, *, lock: bool = False) -> SeenPerson:
    """Oneself, and everybody of one's own projects; who runs the house sees all. Others are not found."""
    query = select(Person).where(Person.id == person_id)
    person = session.exec(query.with_for_update() if lock else query).first()
    if person is None:
        raise NotFound("person")
    if actor.person_id == person_id:
        return SeenPerson(person, contacts=True, editable=True)
    if acts_for_the_house(session, actor) and actor.person_id is None:
        return SeenPerson(person, contacts=True, editable=True)
    known = shared_standings(session, actor, person_id)
    founder = acts_for_the_house(session, actor)
    if not known and not founder:
        raise NotFound("person")
    conducts = {mine.project_id for mine in known if mine.runs}
    # A conductor keeps the records of who never signs in, or works with them alone: nobody else's account is theirs.
    theirs = bool(conducts) and (person.password_hash is None or conducts >= set(projects_of(session, person_id)))
    return SeenPerson(
        person,
        contacts=founder or any(may_see_contacts(mine, person_id) for mine in known),
        editable=(founder or theirs) and not (person.may_found and not founder),
    )


def shared_standings(session: Session, actor: Actor, person_id: int) -> list[Standing]:
    """How the actor stands in each project of this person that is theirs, too."""
    found: list[Standing] = []
    for project_id in projects_of(session, person_id):
        with suppress(NotFound):
            found.append(standing(session, actor, project_id))
    return found
