"""How to get into the demo, where it is loaded."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlmodel import Session, select

from tracker.paths import shipped
from tracker.tables import Person, Project


class Loaded(NamedTuple):
    """What the demo is, for whoever wants in: the same on every run."""

    project: str
    email: str
    password: str


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
