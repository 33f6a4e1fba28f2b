"""The town: five parties, forty people in six zones, two projects, made by the verbs that make them in life."""

import random
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from tests.simulation.hours import Hours
from tests.simulation.shadow import Citizen, Project, Shadow
from tracker.domain.terms import Role, Way
from tracker.services.ground.journal import Actor
from tracker.services.people.absences import add_absence
from tracker.services.people.memberships import Place, add_member, place_person
from tracker.services.people.parties import PartyInput, create_party, edit_party
from tracker.services.people.persons import PersonInput, edit_person, found_house
from tracker.services.people.projects import ProjectInput, create_project

HOUSE = Actor(None, Way.CLI)
PARTIES = ("Магазин", "Студия", "Интегратор", "Банк", "Доставка")
ZONES = (
    ("Europe/Kaliningrad", "RU"), ("Europe/Moscow", "RU"), ("Asia/Kamchatka", "RU"), ("Europe/Berlin", "DE"),
    ("America/New_York", "US"), ("Asia/Yekaterinburg", "RU"),
)  # fmt: skip
HABITS = ("prompt", "prompt", "usual", "usual", "usual", "slow", "slow", "silent")
DAY = timedelta(days=1)


def settle(session: Session, shadow: Shadow, chance: random.Random, people: int, start: datetime) -> None:
    """Everybody moves in a day before it begins."""
    now = start - DAY
    anna = found_house(session, PersonInput("Анна Белова", "anna@desk.example"), "no hash", now=now)
    one, two = (
        create_project(session, HOUSE, ProjectInput(name, key), now=now, messages="on").id
        for name, key in (("Лавка", "LAVKA"), ("Склад", "SKLAD"))
    )
    parties = {project: _parties(session, project, now) for project in (one, two)}
    place_person(session, HOUSE, one, anna.id, Place(Role.CONDUCTOR, parties[one][0]), now=now)
    shadow.people[anna.id] = Citizen(anna.id, Hours(), "conductor", frozenset({one}), {one: parties[one][0]})
    for number in range(1, people):
        _move_in(session, shadow, chance, number, one, parties[one][number % len(PARTIES)], now)
    ids = sorted(shadow.people)
    for place, person_id in enumerate(ids[1 : 2 + people // 5]):
        # Some work in both projects; the first of them conducts the second one.
        role = Role.CONTRIBUTOR if place else Role.CONDUCTOR
        place_person(session, HOUSE, two, person_id, Place(role, parties[two][place % 5]), now=now)
        shadow.people[person_id].party[two] = parties[two][place % 5]
    shadow.people[ids[1]].conducts = frozenset({two})
    for project, conductor in ((one, anna.id), (two, ids[1])):
        shadow.projects[project] = Project(project, conductor)
        for party in parties[project]:
            mine = [one.id for one in shadow.people.values() if one.party.get(project) == party]
            if mine and chance.random() < 0.8:
                lead = chance.choice(mine)
                edit_party(session, HOUSE, party, None, {"lead": lead}, now=now)
                shadow.projects[project].leads[party] = lead
    _deputies(session, shadow, chance, one, now)
    for person_id in ids:
        if chance.random() < 0.35:
            first = (start + DAY * chance.randrange(40)).date()
            be_away(session, shadow, person_id, first, first + DAY * chance.randrange(9), now)


def _parties(session: Session, project: int, now: datetime) -> list[int]:
    return [create_party(session, HOUSE, project, PartyInput(name), now=now).id for name in PARTIES]


def _move_in(
    session: Session, shadow: Shadow, chance: random.Random, number: int, project: int, party: int, now: datetime
) -> None:
    zone, country = ZONES[number % len(ZONES)]
    opens = chance.choice([8, 9, 10, 10, 10, 12])
    hours = Hours(
        zone, time(opens), time(opens + chance.choice([6, 8, 8, 9])), chance.choice(["01234"] * 6 + ["0123", "12345"]),
        country, chance.choice([""] * 8 + ["13", "2"]),
    )  # fmt: skip
    knows, email = chance.random() < 0.95, chance.random() < 0.3
    given = PersonInput(f"Житель {number:02}", f"p{number}@town.example" if email else None, timezone=zone,
                        knows_bot=knows)  # fmt: skip
    person = add_member(session, HOUSE, project, given, Place(Role.CONTRIBUTOR, party), now=now)
    edit_person(
        session, HOUSE, person.id, None,
        {"opens": hours.opens, "closes": hours.closes, "weekdays": hours.weekdays, "country": country,
         "cadence": hours.cadence}, now=now,
    )  # fmt: skip
    telegram = chance.random() < 0.92
    if telegram:
        # As the bot does on linking; it needs a token and a chat, which are not the matter here.
        person.telegram_id = person.telegram_chat_id = 10**6 + person.id
        session.add(person)
        session.flush()
    shadow.people[person.id] = Citizen(
        person.id, hours, chance.choice(HABITS), party={project: party}, knows=knows, telegram=telegram, email=email
    )


def _deputies(session: Session, shadow: Shadow, chance: random.Random, project: int, now: datetime) -> None:
    for citizen in shadow.people.values():
        mates = [
            one.id for one in shadow.people.values()
            if one is not citizen and one.party.get(project) == citizen.party.get(project)
        ]  # fmt: skip
        if mates and chance.random() < 0.25:
            citizen.deputy = chance.choice(mates)
            edit_person(session, HOUSE, citizen.id, None, {"deputy": citizen.deputy}, now=now)


def be_away(session: Session, shadow: Shadow, person_id: int, first: date, last: date, now: datetime) -> None:
    add_absence(session, HOUSE if person_id == 1 else Actor(person_id, Way.WEB), person_id, first, last, now=now)
    shadow.people[person_id].hours.absences.append((first, last))
