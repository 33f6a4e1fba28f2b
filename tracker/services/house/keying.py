"""Closing the journal's chains with a key: when there was none before, or when it is changed for another one.

Each chain gets a `journal.keyed`, which names its last number and head and takes down the seals of the rows that stand
there. Where the former key is known, it links to the seals made with that one: a row that was changed past the verbs
before stays found.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import Database, connection_of
from tracker.domain.terms import Way
from tracker.services.ground.journal import HOUSE, KEYED, ROWS, About, Actor, record
from tracker.services.ground.journal_keys import KEYS, NO_KEYS, UNKEYED, Keys
from tracker.services.ground.row_seals import home_of, seal_of
from tracker.services.house.journal_check import verify_journal
from tracker.services.house.row_check import Lines, differences, lineage_of, read_lines, standing_rows
from tracker.tables import Event, ProjectChain
from tracker.wording.words import N_

ENGINE = Actor(None, Way.ENGINE)
ANOTHER_KEY = N_(
    "The journal is sealed with another key: set AUFTAKT_JOURNAL_KEY to that one, or run `auftakt migrate` to go on "
    "with this one."
)
AT_ONCE = 5000
"""Rows taken down by one event."""


def key_in_use(session: Session) -> str:
    """The id of the key that the journal is sealed with; empty: none yet."""
    events = Event.__table__  # type: ignore[attr-defined]
    newest = sa.select(events.c.key_id).where(events.c.project_id == HOUSE).order_by(events.c.seq.desc()).limit(1)
    return connection_of(session).execute(newest).scalar() or UNKEYED


def is_sealed_here(database: Database, *, now: datetime) -> bool:
    """Whether the journal goes on with the database's current key. One that none has sealed yet is sealed now."""
    with database.reading() as session:
        in_use, keys = key_in_use(session), session.info.get(KEYS, NO_KEYS)
    if in_use == UNKEYED != keys.current:
        key_journal(database, now=now)
        return True
    return bool(in_use == keys.current)


def key_journal(database: Database, *, now: datetime) -> int | None:
    """Seal with the database's current key from now on. How many problems the chains had before; None: it was in use
    already."""
    with database.reading() as session:
        keys: Keys = session.info.get(KEYS, NO_KEYS)
        if key_in_use(session) == keys.current:
            return None
    with database.writing() as session:
        # Of two that start together the second finds it done.
        house = sa.select(ProjectChain.seq).where(ProjectChain.project_id == HOUSE)
        connection_of(session).execute(house.with_for_update())
        if key_in_use(session) == keys.current:
            return None
        problems = _problems(session, keys)
        lineage = lineage_of(session)
        # The seals of rows without a key are those of a journal that was begun without one by this version.
        former = lineage.current if lineage.whole and lineage.current in keys.known else None
        if former is not None and not _has_sealed(session, former):
            former = None
        taken = _taken_down(session, keys, former)
        chains = sa.select(ProjectChain.project_id, ProjectChain.seq, ProjectChain.head)
        for project_id, seq, head in connection_of(session).execute(chains.order_by(ProjectChain.project_id)).all():
            closes = {"seq": seq, "head": head, "from": former}
            parts = list(_parts(taken.pop(project_id, {}))) or [{}]
            for number, rows in enumerate(parts):
                chained = ({KEYED: closes} if number == 0 else {}) | {ROWS: rows}
                _record(session, "journal.keyed", project_id, now, chained, problems=problems or None)
        return problems


def _problems(session: Session, keys: Keys) -> int:
    """How much is wrong with the chains, looked at with the key that they were sealed with; that one may be lost."""
    in_use = key_in_use(session)
    session.info[KEYS] = keys._replace(current=in_use if in_use in keys.known else UNKEYED)
    found = verify_journal(session).problems
    session.info[KEYS] = keys
    return len([one for one in found if one.rule != "journal.key_missing"])


def _has_sealed(session: Session, key_id: str) -> bool:
    of_key = sa.select(Event.id).where(Event.key_id == key_id).limit(1)
    return connection_of(session).execute(of_key).first() is not None


def _record(
    session: Session, kind: str, project_id: int, now: datetime, chained: Mapping[str, Any], **facts: Any
) -> None:
    about = About("project", project_id, project_id) if project_id != HOUSE else About("house", 1)
    record(session, ENGINE, kind, about, now=now, chained=chained, **facts)


def _taken_down(session: Session, keys: Keys, former: str | None) -> dict[int, dict[str, Any]]:
    """Chain -> row -> its seals by the former key and by this one."""
    chains = set(connection_of(session).execute(sa.select(ProjectChain.project_id)).scalars())
    found: dict[int, dict[str, Any]] = {}
    for row in standing_rows(session):
        home = home_of(row.sealed, row.values)
        before = None if former is None else seal_of(row.sealed, row.row_id, row.values, keys.known[former])
        after = seal_of(row.sealed, row.row_id, row.values, keys.key)
        found.setdefault(home if home is not None and home in chains else HOUSE, {})[row.name] = [before, after]
    return found


def _parts(rows: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    listed = list(rows.items())
    for start in range(0, len(listed), AT_ONCE):
        yield dict(listed[start : start + AT_ONCE])


def rows_amiss(session: Session, there: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Rows that are not as the journal left them, before a change of the schema. `there`: table -> its columns."""
    keys: Keys = session.info.get(KEYS, NO_KEYS)
    lines = read_lines(session)
    if lines.lineage.current not in keys.known:
        return frozenset()
    return frozenset(one.name for one in differences(session, lines, keys, there))


def note_migrated(session: Session, amiss: Collection[str], *, now: datetime, before: str, after: str) -> int:
    """What a change of the schema has made of rows is told of like any other change, but for those that were `amiss`:
    they stay found. How many rows it was."""
    keys: Keys = session.info.get(KEYS, NO_KEYS)
    lines = read_lines(session)
    if lines.lineage.current not in keys.known:
        return 0
    moved = {name: both for name, both in _moved(session, lines, keys) if name not in amiss}
    for rows in _parts(moved):
        _record(session, "journal.migrated", HOUSE, now, {ROWS: rows}, before=before, after=after)
    return len(moved)


def _moved(session: Session, lines: Lines, keys: Keys) -> Iterator[tuple[str, list[str | None]]]:
    """Seals before by the key of the lines, since they have to link to them; the events are sealed with the same."""
    key = keys.known[lines.lineage.current]
    for one in differences(session, lines, keys):
        last, row = lines.last.get(one.name), one.row
        now = None if row is None else seal_of(row.sealed, row.row_id, row.values, key)
        yield one.name, [last.after if last is not None else None, now]
