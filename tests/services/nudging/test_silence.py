"""May be written to, if and only if in scope: of projects and of people's places in them, drawn at random."""

import random
from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW
from tracker.domain.nudging.silence import is_paused, silence_of_person
from tracker.domain.terms import Messages
from tracker.services.nudging.reach import CHANNELS, addresses_of, reached
from tracker.services.nudging.silence import (
    knows,
    silence_in,
    silence_of,
    speaking_projects,
    willing_members,
)
from tracker.tables import Membership, Person, Project

TODAY = date(2026, 11, 23)
MANY = 60


@pytest.fixture(params=range(3))
def drawn(db, request):
    """Dozens of projects, and of persons with a place in one of the first three, each fact of them by a coin."""
    dice = random.Random(request.param)

    def now_and_then(value, likely=0.25):
        return value if dice.random() < likely else None

    with db.writing() as session:
        projects = [
            Project(
                key=f"P{number}",
                name="Проект",
                messages=dice.choice(list(Messages)),
                paused_at=now_and_then(NOW),
                archived_at=now_and_then(NOW),
                created_at=NOW,
                updated_at=NOW,
            )
            for number in range(MANY)
        ]
        session.add_all(projects)
        session.flush()
        for number in range(MANY):
            person = Person(
                name="Кто-то",
                email=dice.choice([None, f"p{number}@x.example"]) if number else "",
                knows_bot=dice.random() < 0.5,
                opted_out_at=now_and_then(NOW, 0.15),
                paused_until=now_and_then(TODAY + timedelta(days=dice.choice([-1, 0, 1])), 0.4),
                telegram_chat_id=now_and_then(1000 + number, 0.6),
                telegram_dead_at=now_and_then(NOW),
                email_dead_at=now_and_then(NOW),
                archived_at=now_and_then(NOW, 0.15),
                created_at=NOW,
                updated_at=NOW,
            )
            session.add(person)
            session.flush()
            session.add(
                Membership(
                    project_id=projects[number % 3].id,
                    person_id=person.id,
                    invited_at=now_and_then(NOW, 0.5),
                    archived_at=now_and_then(NOW, 0.15),
                    created_at=NOW,
                )
            )


def test_a_project_that_has_no_silence_is_what_the_scope_selects(db, drawn):
    with db.reading() as session:
        projects = session.exec(select(Project)).all()
        speaking = {one.id for one in projects if not silence_of(one)}
        assert set(session.exec(select(Project.id).where(speaking_projects()))) == speaking
        assert 0 < len(speaking) < len(projects), "some of each, or this test means nothing"


@pytest.mark.parametrize("channels", [(), *[(one,) for one in sorted(CHANNELS)], tuple(sorted(CHANNELS))])
def test_a_place_of_somebody_who_has_no_silence_is_what_the_scopes_select(db, drawn, channels):
    joined = select(Membership, Person).join(Person, Person.id == Membership.person_id)
    with db.reading() as session:
        places = session.exec(joined).all()
        told = {
            place.id
            for place, person in places
            if not silence_of_person(
                opted_out=person.opted_out_at is not None,
                knows_bot=knows(person, place if place.archived_at is None else None),
                reachable=not addresses_of(person).keys().isdisjoint(channels),
                paused_until=person.paused_until,
                today=TODAY,
            )
        }
        found = session.exec(joined.where(willing_members(), reached(channels))).all()
        assert {place.id for place, person in found if not is_paused(person.paused_until, TODAY)} == told
        assert bool(told) == bool(channels) and len(told) < len(places)


def test_one_person_is_asked_the_same_question(db, drawn):
    joined = select(Membership, Person).join(Person, Person.id == Membership.person_id)
    with db.reading() as session:
        willing = {place.id for place, _person in session.exec(joined.where(willing_members()))}
        for place, person in session.exec(joined).all():
            silence = silence_in(session, place.project_id, person, TODAY)
            assert (silence in ("", "paused")) == (place.id in willing)
            assert silence_in(session, 0, person, TODAY) in ("opted_out", "not_invited"), "they are no member there"
