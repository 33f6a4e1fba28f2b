"""Rows against the seals that the journal has of them: what was changed, added or taken away past the verbs.

The last event of a transaction has chained the seals of the rows that it changed, before and after (`row_seals`).
Linked together they lead from nothing, or from the state that `journal.keyed` has taken down, to what stands there now;
it does not matter in which project's chain a link stands. A row that was changed behind the verbs' back breaks its own
line for good, also where a verb has changed it once more.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import connection_of
from tracker.services.ground.journal import HOUSE, KEYED, ROWS, plain
from tracker.services.ground.journal_keys import KEYS, NO_KEYS, Keys
from tracker.services.ground.row_seals import SEALED, Sealed, seal_of
from tracker.services.house.findings import Problem, in_ranges
from tracker.tables import Event, EventPayload

PAGE = 2000
NAMED = 200
"""Rows at most of which it is looked up which columns differ."""
_EVENTS: sa.Table = Event.__table__  # type: ignore[attr-defined]


class Link(NamedTuple):
    """An event's word on a row. `where`: the event."""

    before: str | None
    after: str | None
    where: str


class Lineage(NamedTuple):
    """Keys whose rows' seals belong together. `whole`: they tell of every row, since each chain began with them or was
    taken down when they came."""

    current: str
    key_ids: frozenset[str]
    whole: bool


def lineage_of(session: Session) -> Lineage:
    """From the house's chain: each `journal.keyed` says which key's seals it has linked its own to."""
    columns = (_EVENTS.c.key_id, _EVENTS.c.chained)
    house = sa.select(*columns).where(_EVENTS.c.project_id == HOUSE).order_by(_EVENTS.c.seq.desc())
    connection = connection_of(session)
    newest = connection.execute(house.limit(1)).first()
    current = (newest.key_id or "") if newest is not None else session.info.get(KEYS, NO_KEYS).current
    found, begun = {current}, False
    for row in connection.execute(house.where(_EVENTS.c.kind == "journal.keyed")):
        keyed = json.loads(row.chained or "{}").get(KEYED)
        if keyed and row.key_id in found:
            begun = True
            found |= {keyed["from"]} - {None}
    older = sa.select(_EVENTS.c.id).where(_EVENTS.c.key_id.is_(None)).limit(1)
    return Lineage(current, frozenset(found), begun or connection.execute(older).first() is None)


class Lines:
    """The links of all rows, as the events are read."""

    def __init__(self, lineage: Lineage) -> None:
        self.lineage = lineage
        self.last: dict[str, Link] = {}
        self.broken: dict[str, list[Link]] = {}

    def read(self, key_id: str | None, chained: Mapping[str, Any], where: str) -> None:
        """What the event `where` says of rows."""
        if key_id not in self.lineage.key_ids:
            return
        for row, (before, after) in chained.get(ROWS, {}).items():
            link, last = Link(before, after, where), self.last.get(row)
            if before != (last.after if last is not None else None) and row not in self.broken:
                self.broken[row] = [] if last is None else [last._replace(before=None)]
            if row in self.broken:
                self.broken[row].append(link)
            self.last[row] = link

    def loose_ends(self, row: str, now: str | None) -> tuple[list[Link], list[Link]]:
        """Of a broken line: links that nobody goes on from (the last one, where `now` is not what any has led to), and
        links that go on from what nobody has said."""
        links = self.broken[row]
        ends = Counter([None, *(link.after for link in links)])
        ends.subtract([now, *(link.before for link in links)])
        left = [link for link in links if link.after is not None and ends[link.after] > 0]
        if not left and ends[now] < 0:
            left = links[-1:]
        return left, [link for link in links if link.before is not None and ends[link.before] < 0]


class Row(NamedTuple):
    """A row as it stands. `values`: as the database has them."""

    name: str
    sealed: Sealed
    row_id: int
    values: Mapping[str, Any]


def standing_rows(session: Session, there: Mapping[str, Collection[str]] | None = None) -> Iterator[Row]:
    """All sealed rows. `there`: table -> its columns, where the schema may be an older one."""
    for sealed in SEALED.values():
        if there is not None and sealed.table not in there:
            continue
        query, after = sealed.stored(None if there is None else there[sealed.table]), 0
        ids = sealed.model.__table__.c.id  # type: ignore[attr-defined]
        while page := connection_of(session).execute(query.where(ids > after).order_by(ids).limit(PAGE)).all():
            for found in page:
                values = dict(found._mapping)
                after = values.pop("id")
                yield Row(f"{sealed.table}:{after}", sealed, after, values)


class Difference(NamedTuple):
    """`why`: as in SAID. `row`: None where it is gone."""

    name: str
    why: str
    link: Link | None
    row: Row | None = None


def differences(
    session: Session, lines: Lines, keys: Keys, there: Mapping[str, Collection[str]] | None = None
) -> Iterator[Difference]:
    """Rows that are not as the journal has left them."""
    key = keys.known[lines.lineage.current]
    seen = set()
    for row in standing_rows(session, there):
        seen.add(row.name)
        last = lines.last.get(row.name)
        if last is None:
            if lines.lineage.whole:
                yield Difference(row.name, "unknown", None, row)
            continue
        now = seal_of(row.sealed, row.row_id, row.values, key)
        if row.name not in lines.broken:
            if now != last.after:
                yield Difference(row.name, "returned" if last.after is None else "changed", last, row)
            continue
        left, from_nowhere = lines.loose_ends(row.name, now)
        if from_nowhere:
            yield Difference(row.name, "before", from_nowhere[0], row)
        elif left:
            yield Difference(row.name, "changed", left[-1], row)
    for name, last in lines.last.items():
        if name in seen:
            continue
        left = lines.loose_ends(name, None)[0] if name in lines.broken else [last]
        if any(link.after is not None for link in left):
            yield Difference(name, "gone", left[-1])


def verify_rows(session: Session, lines: Lines) -> list[Problem]:
    """Nothing is said where the key that the seals were made with is not known: that is told of the key itself."""
    keys: Keys = session.info.get(KEYS, NO_KEYS)
    if lines.lineage.current not in keys.known:
        return []
    found = list(differences(session, lines, keys))
    plain_ones = [(one.name, SAID[one.why]) for one in found if one.why in ("gone", "unknown")]
    others = [one for one in found if one.why not in ("gone", "unknown")]
    problems = [Problem("state.differs", name, detail) for name, detail in in_ranges(plain_ones)]
    for number, one in enumerate(others):
        named = _columns(session, one) if number < NAMED else ""
        where = one.link.where if one.link is not None else ""
        problems.append(Problem("state.differs", one.name, named or SAID[one.why].format(where=where)))
    return problems


SAID = {
    "gone": "is gone, and no event says so",
    "unknown": "no event tells of it",
    "returned": "was taken away by {where}, and is there",
    "changed": "is not as {where} left it",
    "before": "was changed without an event before {where}",
}


def _columns(session: Session, one: Difference) -> str:
    """Which columns are not as the last event that names them says, as far as its text stands."""
    if one.row is None or one.why != "changed":
        return ""
    bodies = (
        sa.select(_EVENTS.c.project_id, _EVENTS.c.seq, EventPayload.__table__.c.body)  # type: ignore[attr-defined]
        .join(EventPayload, EventPayload.event_id == _EVENTS.c.id)
        .where(_EVENTS.c.object_type == one.row.sealed.table, _EVENTS.c.object_id == one.row.row_id)
        .order_by(_EVENTS.c.id)
    )
    told: dict[str, tuple[Any, str]] = {}
    for project_id, seq, body in connection_of(session).execute(bodies):
        changes: Mapping[str, Any] = (body or {}).get("changes", {})
        told |= {name: (both[1], f"event:{project_id}/{seq}") for name, both in changes.items()}
    said = [
        f"{name}: {_short(plain(one.row.values[name]))}, {where} says {_short(value)}"
        for name, (value, where) in told.items()
        if name in one.row.values and plain(one.row.values[name]) != value
    ]
    return "; ".join(said)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def read_lines(session: Session) -> Lines:
    """The links of all rows, without a look at the chains: for who trusts them (the upgrade, a change of keys)."""
    lines, after = Lines(lineage_of(session)), 0
    columns = (_EVENTS.c.id, _EVENTS.c.project_id, _EVENTS.c.seq, _EVENTS.c.key_id, _EVENTS.c.chained)
    query = sa.select(*columns).where(_EVENTS.c.chained.is_not(None)).order_by(_EVENTS.c.id).limit(PAGE)
    while page := connection_of(session).execute(query.where(_EVENTS.c.id > after)).all():
        for row in page:
            after = row.id
            lines.read(row.key_id, json.loads(row.chained), f"event:{row.project_id}/{row.seq}")
    return lines
