"""Acceptance packs: ready lists of checks in `seed_data/packs/*.toml`, in Russian and English, for people to edit."""

import tomllib
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlmodel import Session

from tracker.domain.errors import FieldError, Invalid, NotFound
from tracker.paths import shipped
from tracker.services.ground.journal import Actor
from tracker.services.ground.search import normalise
from tracker.services.integrations.checks import CheckInput, add_checks, checks_of
from tracker.services.integrations.passports import find_integration
from tracker.tables import Check, Project
from tracker.wording.languages import SOURCE

LANGUAGES = ("ru", "en")
"""In which the packs are written. Who speaks another one reads them in English."""


class PackCheck(NamedTuple):
    """A check of a pack: its texts by language."""

    section: dict[str, str]
    title: dict[str, str]
    plain: dict[str, str]
    method: dict[str, str]
    expected: dict[str, str]
    required: bool


class Pack(NamedTuple):
    key: str
    name: dict[str, str]
    lines: tuple[PackCheck, ...]

    def name_in(self, language: str) -> str:
        return self.name[written_in(language)]


def written_in(language: str) -> str:
    """The language of the packs for who speaks `language`."""
    return language if language in LANGUAGES else SOURCE


@cache
def packs() -> dict[str, Pack]:
    """All packs by key, as their files stood when the process first asked."""
    found = (
        _read(path.read_text(encoding="utf-8")) for path in sorted((shipped("seed_data") / "packs").glob("*.toml"))
    )
    return {pack.key: pack for pack in found}


def _read(text: str) -> Pack:
    data: dict[str, Any] = tomllib.loads(text)
    return Pack(data["key"], data["name"], tuple(PackCheck(**line) for line in data["checks"]))


def add_pack(
    session: Session,
    actor: Actor,
    integration_id: int,
    key: str,
    *,
    language: str | None = None,
    tester: int | None = None,
    now: datetime,
) -> list[Check]:
    """Put the pack's lines at the end of the list; those whose title stands there already are left out.

    `language`: by default the project's. `tester`: who is asked to make them, for now.
    """
    integration, _ = find_integration(session, actor, integration_id)
    pack = packs().get(key)
    if pack is None:
        raise NotFound("pack")
    chosen = language or written_in(session.get_one(Project, integration.project_id).language)
    if chosen not in LANGUAGES:
        raise Invalid(FieldError("language", "unknown_choice"))
    known = {normalise(check.title) for check in checks_of(session, integration.id)}
    # All languages count: a list begun in one is not doubled in the other.
    fresh = [line for line in pack.lines if not known & {normalise(title) for title in line.title.values()}]
    given = [
        CheckInput(
            title=line.title[chosen],
            section=line.section[chosen],
            plain_title=line.plain[chosen],
            method=line.method[chosen],
            expected=line.expected[chosen],
            required=line.required,
            tester=tester,
        )
        for line in fresh
    ]
    return add_checks(session, actor, integration.id, given, now=now)
