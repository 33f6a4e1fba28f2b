"""People and the parties they belong to."""

from datetime import time
from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.created import created, tagged
from tracker.api.http.inputs import Body, Changes, Clock, Id, ProjectName, Yes
from tracker.api.http.lists import After, Cursor, InProject, Limit, Page, PathId, places_of, project_given, walk
from tracker.api.http.views import PartyView, PersonView, Ref, ref
from tracker.domain.permissions import Standing
from tracker.domain.terms import PartyKind, Role
from tracker.services.access.persons import find_person
from tracker.services.facts.people import PartyFacts, PersonFacts, list_parties, list_people, one_party, one_person
from tracker.services.people.memberships import Place as PlaceInProject
from tracker.services.people.memberships import add_member
from tracker.services.people.parties import (
    PartyInput,
    archive_party,
    create_party,
    edit_party,
    find_party,
    restore_party,
)
from tracker.services.people.persons import PersonInput, archive_person, edit_person, restore_person


class PartyFields(Body):
    kind: PartyKind = PartyKind.CONTRACTOR
    lead: Id | None = None
    note: str = ""


class PartyNew(PartyFields):
    project: ProjectName
    name: str


class PartyChanges(Changes, PartyFields):
    name: str = ""


class PersonNew(Body):
    """Somebody joins a project: a new person, or the known one with this e-mail."""

    project: ProjectName
    name: str
    email: str | None = None
    phone: str | None = None
    salutation: str = ""
    language: str = "ru"
    timezone: str = "Europe/Moscow"
    is_role: Yes = False
    knows_bot: Yes = False
    role: Role = Role.CONTRIBUTOR
    party: Id | None = None
    can_decide: Yes = False
    why: str = ""


class PersonChanges(Changes):
    """`weekdays`, `cadence`: digits, Monday is 0."""

    name: str = ""
    email: str | None = None
    phone: str | None = None
    salutation: str = ""
    language: str = ""
    timezone: str = ""
    is_role: Yes = False
    knows_bot: Yes = False
    opens: Clock = time(10)
    closes: Clock = time(18)
    weekdays: str = ""
    country: str = ""
    cadence: str = ""
    deputy: Id | None = None


PLACE = ("role", "party", "can_decide", "why")


def party_view(facts: PartyFacts) -> PartyView:
    return PartyView(facts.id, Ref(*facts.project), facts.name, facts.kind, ref(facts.lead))


def person_view(facts: PersonFacts) -> PersonView:
    return PersonView(
        id=facts.id,
        name=facts.name,
        email=facts.email,
        salutation=facts.salutation,
        timezone=facts.timezone,
        language=facts.language,
        parties=[Ref(*party) for party in facts.parties],
        roles=facts.roles,
        knows_bot=facts.knows_bot,
        reachable_by=facts.reachable_by,
    )


@get("/parties", sync_to_thread=True)
def parties(
    caller: NamedDependency[Caller], in_project: InProject = None, limit: Limit = 50, after: After = None
) -> Page[PartyView]:
    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[PartyFacts]:
        return list_parties(session, mine, last, wanted)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([party_view(one) for one in page.items], page.next)


def _party(caller: Caller, party_id: int) -> Response[PartyView]:
    with caller.reading() as session:
        find_party(session, caller.actor, party_id)
        facts = one_party(session, party_id)
    return tagged(party_view(facts), facts.version)


@get("/parties/{party_id:int}", sync_to_thread=True)
def party(caller: NamedDependency[Caller], party_id: PathId) -> Response[PartyView]:
    return _party(caller, party_id)


@post("/parties", sync_to_thread=True)
def new_party(caller: NamedDependency[Caller], data: JSONBody[PartyNew]) -> Response[PartyView]:
    with caller.writing() as session:
        project_id = project_given(caller, session, data.project)
        made = create_party(session, caller.actor, project_id, PartyInput(**data.sent("project")), now=caller.now).id
        facts = one_party(session, made)
    return created(f"/api/v1/parties/{made}", party_view(facts), facts.version)


@patch("/parties/{party_id:int}", sync_to_thread=True)
def change_party(
    caller: NamedDependency[Caller], party_id: PathId, data: JSONBody[PartyChanges]
) -> Response[PartyView]:
    with caller.writing() as session:
        find_party(session, caller.actor, party_id)
        edit_party(session, caller.actor, party_id, data.seen(caller), data.changes(), now=caller.now)
    return _party(caller, party_id)


@delete("/parties/{party_id:int}", sync_to_thread=True)
def put_party_away(caller: NamedDependency[Caller], party_id: PathId) -> None:
    """Refused while people belong to it."""
    with caller.writing() as session:
        archive_party(session, caller.actor, party_id, now=caller.now)


@post("/parties/{party_id:int}/restore", status_code=200, sync_to_thread=True)
def bring_party_back(caller: NamedDependency[Caller], party_id: PathId) -> Response[PartyView]:
    with caller.writing() as session:
        restore_party(session, caller.actor, party_id, now=caller.now)
    return _party(caller, party_id)


@get("/people", sync_to_thread=True)
def people(
    caller: NamedDependency[Caller], in_project: InProject = None, limit: Limit = 50, after: After = None
) -> Page[PersonView]:
    """The members of the project, or of all of the caller's projects, each once."""
    with caller.reading() as session:
        places = places_of(caller, session, in_project)
        found = list_people(session, places, Cursor(after).last, limit + 1)
    page = found[:limit]
    return Page([person_view(one) for one in page], str(page[-1].id) if len(found) > limit else None)


def _person(caller: Caller, person_id: int) -> Response[PersonView]:
    with caller.reading() as session:
        facts = one_person(session, caller.actor, person_id)
    return tagged(person_view(facts), facts.version)


@get("/people/{person_id:int}", sync_to_thread=True)
def person(caller: NamedDependency[Caller], person_id: PathId) -> Response[PersonView]:
    return _person(caller, person_id)


@post("/people", sync_to_thread=True)
def new_person(caller: NamedDependency[Caller], data: JSONBody[PersonNew]) -> Response[PersonView]:
    """Whoever is in the project already keeps the place they have: adding twice is adding once."""
    with caller.writing() as session:
        project_id = project_given(caller, session, data.project)
        sent = data.sent("project")
        place = PlaceInProject(**{name: sent.pop(name) for name in PLACE if name in sent})
        made = add_member(session, caller.actor, project_id, PersonInput(**sent), place, now=caller.now).id
        facts = one_person(session, caller.actor, made)
    return created(f"/api/v1/people/{made}", person_view(facts), facts.version)


@patch("/people/{person_id:int}", sync_to_thread=True)
def change_person(
    caller: NamedDependency[Caller], person_id: PathId, data: JSONBody[PersonChanges]
) -> Response[PersonView]:
    """Who they are in all projects alike; their place in one is `/projects/<key>/people/<id>`."""
    with caller.writing() as session:
        find_person(session, caller.actor, person_id)
        edit_person(session, caller.actor, person_id, data.seen(caller), data.changes(), now=caller.now)
    return _person(caller, person_id)


@delete("/people/{person_id:int}", sync_to_thread=True)
def put_person_away(caller: NamedDependency[Caller], person_id: PathId) -> None:
    """Refused while they belong to a project."""
    with caller.writing() as session:
        archive_person(session, caller.actor, person_id, now=caller.now)


@post("/people/{person_id:int}/restore", status_code=200, sync_to_thread=True)
def bring_person_back(caller: NamedDependency[Caller], person_id: PathId) -> Response[PersonView]:
    """By who may open projects here: with their last project nobody else sees them. Their address is theirs again."""
    with caller.writing() as session:
        restore_person(session, caller.actor, person_id, now=caller.now)
    return _person(caller, person_id)


ROUTES: list[Any] = [
    parties, party, new_party, change_party, put_party_away, bring_party_back, people, person, new_person,
    change_person, put_person_away, bring_person_back,
]  # fmt: skip
