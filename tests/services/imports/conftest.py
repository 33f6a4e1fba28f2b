"""A project with its conductor and everybody of the sheets but a role or two."""

import pytest

from tests.worlds.imports import HOUSE, NOW, PEOPLE, Shop
from tracker.db import Database
from tracker.domain.terms import Role, Way
from tracker.services.ground.journal import Actor
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput
from tracker.services.people.projects import ProjectInput, create_project


@pytest.fixture
def shop(db: Database) -> Shop:
    with db.writing() as session:
        project = create_project(session, HOUSE, ProjectInput("Лён и нить", "SHOP"), now=NOW)
        place = Place(Role.CONDUCTOR)
        conductor = add_member(session, HOUSE, project.id, PersonInput("Олег Дирижёров", "o@d.example"), place, now=NOW)
        people = {}
        for party, names in PEOPLE.items():
            row = create_party(session, HOUSE, project.id, PartyInput(party), now=NOW)
            for name in names:
                place = Place(Role.CONTRIBUTOR, row.id)
                people[name] = add_member(session, HOUSE, project.id, PersonInput(name), place, now=NOW).id
    return Shop(db, project.id, Actor(conductor.id, Way.WEB), people)
