"""Bringing a database to the newest schema, and its journal along: nothing that a migration does to rows passes for
something that was done behind the verbs' back, and nothing that was passes for a migration."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import Database, connection_of
from tracker.migrations import current, newest, upgrade
from tracker.services.ground.journal_keys import Keys
from tracker.services.ground.opening import open_database
from tracker.services.ground.row_seals import SEALED
from tracker.services.house.keying import key_in_use, key_journal, note_migrated, rows_amiss

KEYS_SINCE = "0009"
"""The revision that has brought the columns which rows are sealed in."""


class BroughtUp(NamedTuple):
    """Revisions before (empty: there was no schema) and now. `problems`: what was wrong with the chains when they were
    closed with this key; None: it was in use already."""

    before: str
    after: str
    problems: int | None


def bring_up(url: str, keys: Keys, *, now: datetime) -> BroughtUp:
    """The newest schema at `url`, and its journal sealed with the current key."""
    database = open_database(url, keys=keys)
    try:
        before, in_use, amiss = current(database.engine), "", frozenset[str]()
        moves = KEYS_SINCE <= before != newest()
        if moves:
            with database.steady() as session:
                in_use, amiss = key_in_use(session), rows_amiss(session, _columns(session))
    finally:
        database.close()
    upgrade(url)
    if moves and in_use in keys.known:
        # Told with the key that these rows were sealed with: what comes next may be another one.
        _tell(open_database(url, keys=keys._replace(current=in_use)), amiss, now, before)
    database = open_database(url, keys=keys)
    try:
        return BroughtUp(before, newest(), key_journal(database, now=now))
    finally:
        database.close()


def _tell(database: Database, amiss: Collection[str], now: datetime, before: str) -> None:
    try:
        with database.writing() as session:
            note_migrated(session, amiss, now=now, before=before, after=newest())
    finally:
        database.close()


def _columns(session: Session) -> Mapping[str, Collection[str]]:
    """Table -> its columns, of the schema that is there."""
    seen = sa.inspect(connection_of(session))
    tables = set(seen.get_table_names())
    return {
        one.table: {column["name"] for column in seen.get_columns(one.table)}
        for one in SEALED.values()
        if one.table in tables
    }
