"""The demo: plays `seed_data/demo.toml` through the verbs, each step at its own past moment.

A composition-level module, as `tracker.story` is: it may use every service, and has no rules of its own.
"""

import tomllib
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, select

from tracker.db import Database
from tracker.domain.errors import Refused
from tracker.paths import shipped
from tracker.services.house import has_projects, mark_demo
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


def load_demo(database: Database, settings: Settings, *, now: datetime) -> Loaded:
    """Load the demo into an empty house; once it is there, say how to get in. Refused beside real projects."""
    story = read_story()
    email = next(row["email"] for row in story["person"] if row["id"] == story["sign_in"]["person"])
    loaded = Loaded(story["project"]["key"], email, story["sign_in"]["password"])
    with database.reading() as session:
        if session.exec(select(Project.id).where(Project.key == loaded.project)).first() is not None and _is_ours(
            session, email
        ):
            return loaded
        if has_projects(session):
            raise Refused("real_projects", [])
    from tracker.story import Play  # not above: most runs find the demo there, and this imports every verb

    password_hash = hash_password(loaded.password)
    with database.writing() as session:
        mark_demo(session, settings.clock_offset, now=now)
        Play(session, story, now, settings.key, password_hash).run()
    return loaded


def _is_ours(session: Session, email: str) -> bool:
    return session.exec(select(Person.id).where(Person.email == email)).first() is not None
