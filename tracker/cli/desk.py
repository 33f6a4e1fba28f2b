"""What every command works with: settings, an open database of the right schema, the time, and a way to report."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import click
from sqlmodel import Session

from tracker.cli.failing import Ended, Misused
from tracker.db import Database
from tracker.migrations import is_current
from tracker.services.access.persons import person_by_email
from tracker.services.ground.journal import CLI, plain
from tracker.services.ground.opening import open_database
from tracker.services.house.installation import clock
from tracker.settings import Settings, load_settings
from tracker.tables import Person, Project
from tracker.temporary import temporary_files_in
from tracker.wording.marking import N_
from tracker.wording.say import say

as_json = click.option("--json", "as_json", is_flag=True, help="Report as JSON.")


class Desk(NamedTuple):
    settings: Settings
    database: Database

    def say(self, text: str, **facts: Any) -> str:
        return say(self.settings.language, text, **facts)

    def wrong(self, text: str, **facts: Any) -> Ended:
        return Ended(self.say(text, **facts))

    def misused(self, text: str, **facts: Any) -> Misused:
        return Misused(self.say(text, **facts))


@contextmanager
def desk(*, any_schema: bool = False) -> Iterator[Desk]:
    """Settings and database of this command. An old schema ends it with the cure."""
    settings = load_settings()
    database = open_database(settings.database_url)
    try:
        opened = Desk(settings, database)
        if not any_schema and not is_current(database.engine):
            raise opened.wrong(N_("The database has another schema than this version: run `auftakt migrate` first."))
        with temporary_files_in(settings.temporary):
            yield opened
    finally:
        database.close()


def now_of(session: Session) -> datetime:
    """The outermost edge of time: what the wall says, moved in a demo."""
    return clock(session, datetime.now(UTC))


def instant(text: str | None) -> datetime | None:
    """An ISO 8601 instant of the command line; without an offset it is UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no instant such as 2026-11-23T08:00:00Z") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def person_named(session: Session, opened: Desk, who: str) -> Person:
    """By e-mail or id."""
    person = session.get(Person, int(who)) if who.isdecimal() else person_by_email(session, who)
    if person is None:
        raise opened.misused(N_("Nobody here has this e-mail or number: {who}"), who=who)
    return person


def project_named(session: Session, opened: Desk, key: str) -> Project:
    from tracker.domain.errors import NotFound
    from tracker.services.access.loading import project_by_key

    try:
        return project_by_key(session, CLI, key)[0]
    except NotFound:
        raise opened.misused(N_("There is no project with the key {key}"), key=key) from None


def report(value: Mapping[str, Any] | Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Print a result: JSON (instants with Z), or `name: value` lines; a list as one line for each row."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, default=_plain))
    elif isinstance(value, Mapping):
        for name, one in value.items():
            click.echo(f"{name}: {_shown(one)}")
    else:
        for row in value:
            click.echo("  ".join(_shown(one) for one in row.values()))


def _plain(value: Any) -> Any:
    shown = plain(value)
    return shown if isinstance(shown, str | int | float | bool) else str(shown)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(plain(value))
