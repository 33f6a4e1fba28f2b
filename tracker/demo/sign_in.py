"""How to get into the demo, where it is loaded."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlmodel import Session, select

from tracker.domain.terms import Way
from tracker.paths import shipped
from tracker.services.access.sessions import password_fits, revoke_all
from tracker.services.ground.journal import Actor
from tracker.tables import Person, Project


class Loaded(NamedTuple):
    """What the demo is, for whoever wants in: the same on every run."""

    project: str
    email: str
    password: str


SYNTHETIC = Loaded("BENCH", "conductor@bench.example", "auftakt-bench")
"""Of the large project out of random numbers."""


def read_story() -> dict[str, Any]:
    with (shipped("seed_data") / "demo.toml").open("rb") as file:
        return tomllib.load(file)


def demo_sign_in(session: Session) -> Loaded | None:
    """How to get in, where the demo is loaded."""
    loaded = _told()
    return loaded if is_there(session, loaded) else None


@cache
def _told() -> Loaded:
    return ways_in(read_story())


def ways_in(story: Mapping[str, Any]) -> Loaded:
    email = next(row["email"] for row in story["person"] if row["id"] == story["sign_in"]["person"])
    return Loaded(story["project"]["key"], email, story["sign_in"]["password"])


def is_there(session: Session, loaded: Loaded) -> bool:
    project = select(Project.id).where(Project.key == loaded.project)
    person = select(Person.id).where(Person.email == loaded.email)
    return session.exec(project).first() is not None and session.exec(person).first() is not None


def published_passwords() -> frozenset[str]:
    """They stand in the README, in the seeds, on the sign-in page of a demo: elsewhere they open nothing."""
    return frozenset(one.password for one in (_told(), SYNTHETIC))


def end_demo_sessions(session: Session, *, now: datetime) -> int:
    """Where this is a demo no more, whoever came in by a published password is out; returns how many sessions ended."""
    ended = 0
    for email, password in ((one.email, one.password) for one in (_told(), SYNTHETIC)):
        person = session.exec(select(Person).where(Person.email == email)).first()
        if person is not None and person.password_hash and password_fits(person.password_hash, password):
            ended += revoke_all(session, Actor(None, Way.CLI), person.id, now=now)
    return ended
