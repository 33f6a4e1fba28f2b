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
from tracker.domain.terms import Way
from tracker.keeping.anchors import Heads, anchor, heads_of, read_anchors
from tracker.migrations import is_current
from tracker.services.access.persons import person_by_email
from tracker.services.ground.journal import Actor, plain
from tracker.services.ground.journal_keys import Keys, keys_of
from tracker.services.ground.opening import open_database
from tracker.services.house.installation import clock
from tracker.services.house.keying import ANOTHER_KEY, is_sealed_here
from tracker.settings import Settings, load_settings
from tracker.tables import Person, Project
from tracker.wording.say import say

CLI = Actor(None, Way.CLI)

as_json = click.option("--json", "as_json", is_flag=True, help="Report as JSON.")


def N_(text: str) -> str:
    """Marks a text that is said later."""
    return text


CANT_ANCHOR = N_("It is done, but {file} can't be written to ({why}): set AUFTAKT_ANCHOR_FILE to a place that can.")


class Desk(NamedTuple):
    settings: Settings
    database: Database

    @property
    def keys(self) -> Keys:
        return keys_of(self.settings.journal_words)

    def anchor_all(self) -> None:
        """Write down what of the journal is not anchored yet. A file that can't be written ends the command."""
        known = read_anchors(self.settings.anchors, self.keys).last
        self.anchor(known)

    def anchor(self, known: Heads, *, restored: bool = False) -> None:
        """Write down the heads that are not those of `known`."""
        try:
            anchor(self.database, self.settings.anchors, now=datetime.now(UTC), but=known, restored=restored)
        except OSError as error:
            raise self.wrong(CANT_ANCHOR, file=self.settings.anchors, why=error.strerror) from None

    def say(self, text: str, **facts: Any) -> str:
        return say(self.settings.language, text, **facts)

    def wrong(self, text: str, **facts: Any) -> Ended:
        return Ended(self.say(text, **facts))

    def misused(self, text: str, **facts: Any) -> Misused:
        return Misused(self.say(text, **facts))


@contextmanager
def desk(*, any_schema: bool = False, any_key: bool = False) -> Iterator[Desk]:
    """Settings and database of this command. An old schema, or a journal sealed with another key, ends it with the
    cure. `any_key`: of a command that only looks. What a command has added to the journal is anchored at its end."""
    settings = load_settings()
    database = open_database(settings.database_url, keys=keys_of(settings.journal_words))
    try:
        opened = Desk(settings, database)
        if any_schema:
            yield opened
            return
        if not is_current(database.engine):
            raise opened.wrong(N_("The database has another schema than this version: run `auftakt migrate` first."))
        if not any_key and not is_sealed_here(database, now=datetime.now(UTC)):
            raise opened.wrong(ANOTHER_KEY)
        with database.reading() as session:
            heads = heads_of(session)
        yield opened
        opened.anchor(heads)
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
