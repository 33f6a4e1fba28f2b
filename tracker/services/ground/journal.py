"""The journal: every change is a row, written in the same transaction, chained by hash.

`record` only collects. `seal` runs as the last act of the transaction: it numbers the rows, hashes them and moves the
project's chain row on (so that sequence numbers are gapless and in commit order on both databases, and the row is
locked for a moment only). Texts stand in a payload of their own that can be erased; the chained row holds their
salted digest, so that `verify` tells an erased text from a tampered one.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import insert, select, update
from sqlmodel import Session, SQLModel

from tracker.db import connection_of
from tracker.domain.terms import Way
from tracker.tables import Event, EventPayload, ProjectChain

HOUSE = 0
"""The chain of what belongs to no project: persons, sign-ins, settings of the installation."""

PENDING = "journal"
TOUCHED = "structure touched"
CHAINS = "chains"
"""Marks in `session.info`: entries waiting for their numbers; how often the structure was changed (`ground.kept`);
project -> (last number, head) where another statement has read them along."""


class Actor(NamedTuple):
    """Who acts, by which way, and on whose behalf («со слов»). The engine has no person.

    `at`: when, since whom somebody stands in for depends on the day; without it, for nobody. `deputy`: they stand in
    for `behalf_id`, who is away (set by `services.access.standing_in` alone).
    """

    person_id: int | None
    way: Way
    behalf_id: int | None = None
    at: datetime | None = None
    deputy: bool = False

    @property
    def is_house(self) -> bool:
        """The clock or the command line: nobody stands behind it, and it acts for the installation."""
        return self.person_id is None and self.way in (Way.CLI, Way.ENGINE)

    @property
    def mover_id(self) -> int | None:
        """Whose act it counts as."""
        return self.behalf_id or self.person_id

    @property
    def author_id(self) -> int | None:
        """Whose words they are: a deputy speaks with their own, who notes an answer with the other's."""
        return self.person_id if self.deputy else self.mover_id


ENGINE, CLI = Actor(None, Way.ENGINE), Actor(None, Way.CLI)
"""Who acts for nobody: the clock with all that it sets going, and whoever has the command line."""


class Entry(NamedTuple):
    """A change waiting for its number. `changes` maps a field to [from, to]; `note` holds other facts."""

    project_id: int
    at: datetime
    actor: Actor
    kind: str
    object_type: str
    object_id: int
    body: dict[str, Any]


def plain(value: Any) -> Any:
    """A value as JSON keeps it: dates and instants in ISO 8601 (instants in UTC with Z)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    return value


class About(NamedTuple):
    """What an entry tells of: the sort of object, its id, and the project in whose journal it stands."""

    object_type: str
    object_id: int
    project_id: int = HOUSE


def _about(subject: About | SQLModel) -> About:
    if isinstance(subject, About):
        return subject
    row: Any = subject
    return About(row.__tablename__, row.id, getattr(row, "project_id", None) or HOUSE)


def record(
    session: Session,
    actor: Actor,
    kind: str,
    subject: About | SQLModel,
    *,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    **facts: Any,
) -> None:
    """Note one change; it gets its number when the transaction ends.

    `subject`: a row, which knows its project (or belongs to the house), or said in so many words.
    """
    body: dict[str, Any] = {}
    if changes:
        body["changes"] = {name: [plain(old), plain(new)] for name, (old, new) in changes.items()}
    body.update({name: plain(value) for name, value in facts.items() if value is not None})
    if actor.deputy:
        body["deputy"] = True
    about = _about(subject)
    entry = Entry(about.project_id, now, actor, kind, about.object_type, about.object_id, body)
    session.info.setdefault(PENDING, []).append(entry)


def digest_of(salt: str, body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def hash_of(row: Mapping[str, Any]) -> str:
    """The chained hash of an event's columns."""
    parts = (
        row["prev"], row["project_id"], row["seq"], plain(row["at"]), row["actor_id"], row["way"],
        row["behalf_id"], row["kind"], row["object_type"], row["object_id"], row["digest"],
    )  # fmt: skip
    return hashlib.sha256("\n".join("" if part is None else str(part) for part in parts).encode()).hexdigest()


def _by_project(entries: Iterable[Entry]) -> Iterator[tuple[int, list[Entry]]]:
    groups: dict[int, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.project_id, []).append(entry)
    # In ascending order, so that two transactions over the same projects never wait for one another in a circle.
    yield from sorted(groups.items())


def seal(session: Session) -> None:
    """Number, chain and write what was recorded. Called by `Database.writing` as the last act before the commit."""
    entries: list[Entry] = session.info.pop(PENDING, [])
    if session.info.pop(TOUCHED, 0):
        # The house's row first: `_by_project` takes the rows in the same, ascending order.
        chain = ProjectChain.__table__  # type: ignore[attr-defined]
        moved = update(chain).where(chain.c.project_id == HOUSE).values(structure=chain.c.structure + 1)
        session.connection().execute(moved)
    for project_id, group in _by_project(entries):
        _seal_project(session, project_id, group)


_CHAIN: sa.Table = ProjectChain.__table__  # type: ignore[attr-defined]
_EVENTS: sa.Table = Event.__table__  # type: ignore[attr-defined]
_PAYLOADS: sa.Table = EventPayload.__table__  # type: ignore[attr-defined]
_OF_PROJECT = _CHAIN.c.project_id == sa.bindparam("of", type_=sa.Integer)
_TAKE = (
    update(_CHAIN)
    .where(_OF_PROJECT)
    .values(seq=_CHAIN.c.seq + sa.bindparam("count", type_=sa.Integer))
    .returning(_CHAIN.c.seq, _CHAIN.c.head)
)
_SET_HEAD = (
    update(_CHAIN)
    .where(_OF_PROJECT)
    .values(seq=sa.bindparam("last", type_=sa.Integer), head=sa.bindparam("new_head", type_=sa.String))
)
_MOVE_ON = _SET_HEAD.where(
    _CHAIN.c.seq == sa.bindparam("known", type_=sa.Integer),
    _CHAIN.c.head == sa.bindparam("known_head", type_=sa.String),
)
_ADD_EVENTS = insert(_EVENTS)
# By its number: of many rows at once SQLite does not say in which order it gave their ids.
_SALT = sa.bindparam("salt", type_=_PAYLOADS.c.salt.type)
_BODY = sa.bindparam("body", type_=_PAYLOADS.c.body.type)
_ADD_PAYLOADS = insert(_PAYLOADS).from_select(
    ["event_id", "salt", "body"],
    select(_EVENTS.c.id, _SALT, _BODY).where(
        _EVENTS.c.project_id == sa.bindparam("of", type_=sa.Integer),
        _EVENTS.c.seq == sa.bindparam("number", type_=sa.Integer),
    ),
)


def _take_chain(session: Session, project_id: int, count: int) -> tuple[int, str]:
    """Lock the chain row and reserve `count` numbers: (last number before ours, head)."""
    taken = session.connection().execute(_TAKE, {"of": project_id, "count": count}).first()
    if taken is None:
        session.connection().execute(insert(_CHAIN).values(project_id=project_id, seq=count, head=""))
        return 0, ""
    return taken.seq - count, taken.head


def _seal_project(session: Session, project_id: int, group: list[Entry]) -> None:
    connection = connection_of(session)
    known: tuple[int, str] | None = session.info.get(CHAINS, {}).get(project_id)
    if known is not None:
        rows = _numbered(project_id, group, *known)
        moved = {**_as_head(rows), "known": known[0], "known_head": known[1]}
        if connection.execute(_MOVE_ON, moved).rowcount == 1:
            _write(connection, group, rows)
            return
        # Somebody else's change was numbered since we have read the chain: ours comes after it.
    rows = _numbered(project_id, group, *_take_chain(session, project_id, len(group)))
    _write(connection, group, rows)
    connection.execute(_SET_HEAD, _as_head(rows))


def _numbered(project_id: int, group: list[Entry], seq: int, head: str) -> list[dict[str, Any]]:
    """The events' columns, chained on from (`seq`, `head`), each with the salt of its payload."""
    rows: list[dict[str, Any]] = []
    for number, entry in enumerate(group, start=seq + 1):
        salt = secrets.token_hex(8)
        row: dict[str, Any] = {
            "project_id": project_id, "seq": number, "at": entry.at, "actor_id": entry.actor.person_id,
            "way": str(entry.actor.way), "behalf_id": entry.actor.behalf_id, "kind": entry.kind,
            "object_type": entry.object_type, "object_id": entry.object_id,
            "digest": digest_of(salt, entry.body), "prev": head,
        }  # fmt: skip
        row["hash"] = head = hash_of(row)
        rows.append({**row, "salt": salt})
    return rows


def _as_head(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"of": rows[-1]["project_id"], "last": rows[-1]["seq"], "new_head": rows[-1]["hash"]}


def _write(connection: sa.Connection, group: list[Entry], rows: list[dict[str, Any]]) -> None:
    salts = [row.pop("salt") for row in rows]
    connection.execute(_ADD_EVENTS, rows)
    payloads = [
        {"of": row["project_id"], "number": row["seq"], "salt": salt, "body": entry.body}
        for row, salt, entry in zip(rows, salts, group, strict=True)
    ]
    connection.execute(_ADD_PAYLOADS, payloads)


def start_chain(session: Session, project_id: int) -> None:
    """A new project begins its journal: the row must be there before two transactions could both make it."""
    session.add(ProjectChain(project_id=project_id))
