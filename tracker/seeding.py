"""The demo: plays `seed_data/demo.toml` through the verbs, each step at its own past moment.

A composition-level module, as `tracker.story` is: it may use every service, and has no rules of its own.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlmodel import Session, select

from tracker.db import Database
from tracker.domain.errors import Refused
from tracker.paths import shipped
from tracker.services.house import clock, has_projects, mark_demo
from tracker.services.sessions import hash_password
from tracker.settings import Settings
from tracker.tables import Person, Project


class Loaded(NamedTuple):
    """What the demo is, for whoever wants in: the same on every run."""

    project: str
    email: str
    password: str


def read_story() -> dict[str, Any]:
    with (shipped("seed_data") / "demo.toml").open("rb") as file:
        return tomllib.load(file)


def load_demo(database: Database, settings: Settings, *, wall_now: datetime) -> Loaded:
    """Load the demo into an empty house; once it is there, say how to get in. Refused beside real projects.

    Everything in it is told from the house's own clock, which the settings may have moved."""
    story = read_story()
    loaded = _loaded(story)
    with database.reading() as session:
        if _is_there(session, loaded):
            return loaded
        if has_projects(session):
            raise Refused("real_projects", [])
    from tracker.story import Play  # not above: most runs find the demo there, and this imports every verb

    password_hash = hash_password(loaded.password)
    with database.writing() as session:
        mark_demo(session, settings.clock_offset, now=wall_now)
        Play(session, story, clock(session, wall_now), settings.key, password_hash).run()
    return loaded


def demo_sign_in(session: Session) -> Loaded | None:
    """How to get in, where the demo is loaded."""
    loaded = _told()
    return loaded if _is_there(session, loaded) else None


@cache
def _told() -> Loaded:
    return _loaded(read_story())


def _loaded(story: Mapping[str, Any]) -> Loaded:
    email = next(row["email"] for row in story["person"] if row["id"] == story["sign_in"]["person"])
    return Loaded(story["project"]["key"], email, story["sign_in"]["password"])


def _is_there(session: Session, loaded: Loaded) -> bool:
    project = select(Project.id).where(Project.key == loaded.project)
    person = select(Person.id).where(Person.email == loaded.email)
    return session.exec(project).first() is not None and session.exec(person).first() is not None
