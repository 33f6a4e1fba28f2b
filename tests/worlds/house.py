"""A small named house, made by its own verbs: Marina conducts LEN, where a shop and a studio work together; Stas is in
another project, and nobody of LEN knows him.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracker.domain.terms import Role, Way
from tracker.services.ground.journal import Actor
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput, found_house
from tracker.services.people.projects import ProjectInput, create_project

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CLI = Actor(None, Way.CLI)
NOBODY = 10**6
KEY = b"a key of thirty-two bytes or more"


@dataclass(frozen=True)
class House:
    """Ids. Marina conducts and may found; Olga leads the shop; Petr leads the studio, Timur works there; Vera looks
    on; Gleb conducts the other project, where Stas works."""

    len: int
    other: int
    shop: int
    studio: int
    marina: int
    olga: int
    petr: int
    timur: int
    vera: int
    gleb: int
    stas: int


def by(person_id, way=Way.WEB):
    return Actor(person_id, way)


def build(session) -> House:
    marina = found_house(session, PersonInput("Марина Ким", "kim@agency.example"), "no hash", now=NOW).id
    project = create_project(session, by(marina), ProjectInput("Лён и нить", "LEN"), now=NOW).id
    shop, studio = (
        create_party(session, by(marina), project, PartyInput(name), now=NOW).id for name in ("Лён и нить", "Студия")
    )

    def member(name, email, role=Role.CONTRIBUTOR, party=None):
        return add_member(session, by(marina), project, PersonInput(name, email), Place(role, party), now=NOW).id

    olga = member("Ольга Ветрова", "olga@shop.example", Role.LEAD, shop)
    petr = member("Пётр Соколов", "petr@studio.example", Role.LEAD, studio)
    timur = member("Тимур Азаров", "timur@studio.example", Role.CONTRIBUTOR, studio)
    vera = member("Вера Зимина", "vera@shop.example", Role.OBSERVER, shop)
    other = create_project(session, CLI, ProjectInput("Другой", "OTHER"), now=NOW).id
    gleb = add_member(
        session, CLI, other, PersonInput("Глеб Орлов", "gleb@else.example"), Place(Role.CONDUCTOR), now=NOW
    ).id
    stas = add_member(session, by(gleb), other, PersonInput("Стас Панин", "stas@else.example"), Place(), now=NOW).id
    return House(project, other, shop, studio, marina, olga, petr, timur, vera, gleb, stas)
