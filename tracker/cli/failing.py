"""How a command ends that can't be done: one line on standard error, and the exit status that says which kind."""

import os
from typing import TYPE_CHECKING, Any

import click

from tracker.wording.marking import N_

if TYPE_CHECKING:
    from tracker.domain.errors import DomainError


HERE_ONLY = {"real_projects": N_("There are projects here already. The demo needs a database of its own.")}
"""Refusals that only the command line meets, by their code."""


class Ended(click.ClickException):
    """Something is wrong: exit status 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Misused(Ended):
    """Wrong use: exit status 2."""

    exit_code = 2


def said(error: Exception) -> Ended | None:
    """A known failure as one line; None for what is a defect of ours and deserves its traceback."""
    # Not above: these cost more to import than `auftakt --help` takes in all.
    from sqlalchemy.exc import DBAPIError

    from tracker.domain.errors import DomainError
    from tracker.settings import BadSetting

    if isinstance(error, BadSetting):
        return Misused(f"{error.variable}: {_say(error.cure, **error.facts)}")
    if isinstance(error, DomainError):
        return _refusal(error)
    if isinstance(error, DBAPIError) and (cure := _cure(error.orig)) is not None:
        return Ended(_say(cure))
    if isinstance(error, DBAPIError):
        first = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
        return Ended(_say(N_("The database does not answer: {why}"), why=first[0]))
    return None


CURES = (
    ("42501", "extension", N_(
        "This role may not create the extension pg_trgm. Let an administrator say once, in this database: "
        "CREATE EXTENSION pg_trgm; then run `auftakt migrate` again."
    )),
    ("42501", "schema", N_(
        "This role may not create tables. Let an administrator say once, in this database: "
        "GRANT USAGE, CREATE ON SCHEMA public TO the role; then run `auftakt migrate` again."
    )),
    ("42704", "gin_trgm_ops", N_(
        "The extension pg_trgm stands in another schema. Let an administrator say once, in this database: "
        "ALTER EXTENSION pg_trgm SET SCHEMA public; then run `auftakt migrate` again."
    )),
    ("0A000", "pg_trgm", N_("This PostgreSQL has no pg_trgm. Install its additional modules (postgresql-contrib).")),
    ("58P01", "pg_trgm", N_("This PostgreSQL has no pg_trgm. Install its additional modules (postgresql-contrib).")),
)  # fmt: skip
"""PostgreSQL's state, a word of what it says -> what to do: a schema is made by whoever was given the right."""


def _cure(error: object) -> str | None:
    state, told = getattr(error, "sqlstate", ""), str(error)
    return next((cure for code, word, cure in CURES if code == state and word in told), None)


def _refusal(error: "DomainError") -> Ended:
    from tracker.domain.errors import Invalid, NotFound, Refused
    from tracker.wording.refusals import field_sentence, sentence

    language = language_now()
    if isinstance(error, Invalid) and error.errors:
        return Misused("; ".join(f"{one.field}: {field_sentence(language, one)}" for one in error.errors))
    if isinstance(error, NotFound):
        return Misused(_say(N_("There is no such thing here: {thing}"), thing=error.facts["thing"]))
    line = _say(HERE_ONLY[error.code]) if error.code in HERE_ONLY else sentence(language, error)
    if isinstance(error, Refused) and error.missing:
        line += " " + "; ".join(", ".join(str(fact) for fact in row.values()) for row in error.missing)
    return Ended(line)


def language_now() -> str:
    """The language that was asked for, before and after the settings could be read."""
    from tracker.wording.languages import DEFAULT, languages

    asked = os.environ.get("AUFTAKT_LANGUAGE", DEFAULT)
    return asked if asked in languages() else DEFAULT


def _say(text: str, **facts: object) -> str:
    from tracker.wording.say import say

    return say(language_now(), text, **facts)
