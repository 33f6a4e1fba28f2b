"""The journal: every change is a row, written in the same transaction, chained and sealed with a key.

`record` only collects. `seal` runs as the last act of the transaction: it takes the project's chain row (so that
sequence numbers are gapless and in commit order on both databases, and the row is locked for a moment only), numbers
the rows and seals them (`journal_keys`), together with the seals of all rows that the transaction has changed
(`row_seals`). Texts stand in a payload of their own that can be erased; the chained row holds their salted digest, so
that `verify` tells an erased text from a tampered one.
"""

import hashlib
import json
import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import insert, select, update
from sqlmodel import Session, SQLModel

from tracker.db import ALONE, connection_of
from tracker.domain.terms import Way
from tracker.services.ground.journal_keys import KEYS, NO_KEYS, Keys, mac
from tracker.services.ground.row_seals import RowChange, take_changes
from tracker.tables import Event, EventPayload, ProjectChain

HOUSE = 0
"""The chain of what belongs to no project: persons, sign-ins, settings of the installation."""

LOG = logging.getLogger(__name__)
ROWS, ERASED, KEYED = "rows", "erased", "keyed"
"""Names in `Event.chained`: row -> [seal before, seal after]; the numbers of the events whose texts this one erased;
what a `journal.keyed` closes."""

PENDING = "journal"
TOUCHED = "structure touched"
CHAINS = "chains"
"""Marks in `session.info`: entries waiting for their numbers; a change of the structure (`services.standstill`);
project -> (last number, head) where another statement has read them along."""


class Actor(NamedTuple):
    """Who acts, by which way, and on whose behalf («со слов»). The engine has no person.

    `at`: when, since whom somebody stands in for depends on the day; without it, for nobody. `deputy`: they stand in
    for `behalf_id`, who is away (set by `services.standing_in` alone).
    """

    person_id: int | None
    way: Way
    behalf_id: int | None = None
    at: datetime | None = None
    deputy: bool = False

    @property
    def mover_id(self) -> int | None:
        """Whose act it counts as."""
        return self.behalf_id or self.person_id

    @property
    def author_id(self) -> int | None:
        """Whose words they are: a deputy speaks with their own, who notes an answer with the other's."""
        return self.person_id if self.deputy else self.mover_id


class Entry(NamedTuple):
    """A change waiting for its number. `body`: its texts and facts, which can be erased; `chained`: what can't be."""

    project_id: int
    at: datetime
    actor: Actor
    kind: str
    object_type: str
    object_id: int
    body: dict[str, Any]
    chained: Mapping[str, Any] | None = None


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
    chained: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Note one change; it gets its number when the transaction ends.

    `subject`: a row, which knows its project (or belongs to the house), or said in so many words. `chained`: what stays
    when the texts are erased.
    """
    body: dict[str, Any] = {}
    if changes:
        body["changes"] = {name: [plain(old), plain(new)] for name, (old, new) in changes.items()}
    body.update({name: plain(value) for name, value in facts.items() if value is not None})
    if actor.deputy:
        body["deputy"] = True
    about = _about(subject)
    entry = Entry(about.project_id, now, actor, kind, about.object_type, about.object_id, body, chained)
    session.info.setdefault(PENDING, []).append(entry)


def digest_of(salt: str, body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def hash_of(row: Mapping[str, Any], keys: Keys) -> str:
    """The chained hash of an event's columns, by the key that the row names: one of `keys.known`."""
    parts = [
        row["prev"], row["project_id"], row["seq"], plain(row["at"]), row["actor_id"], row["way"],
        row["behalf_id"], row["kind"], row["object_type"], row["object_id"], row["digest"],
    ]  # fmt: skip
    key_id = row["key_id"] or ""
    if key_id or row["chained"]:
        parts += [key_id, row["chained"]]
    text = "\n".join("" if part is None else str(part) for part in parts)
    return mac(keys.known[key_id], "event", text) if key_id else hashlib.sha256(text.encode()).hexdigest()


def seal_of_head(project_id: int, seq: int, head: str, keys: Keys, key_id: str) -> str:
    """What only the holder of the key writes beside a chain's head; nothing without a key."""
    return f"{key_id}:{mac(keys.known[key_id], 'head', f'{project_id}/{seq}/{head}')}" if key_id else ""


def _by_project(entries: Iterable[Entry]) -> Iterator[tuple[int, list[Entry]]]:
    groups: dict[int, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.project_id, []).append(entry)
    # In ascending order, so that two transactions over the same projects never wait for one another in a circle.
    yield from sorted(groups.items())


def seal(session: Session) -> None:
    """Number, chain and write what was recorded. Called by `Database.writing` as the last act before the commit."""
    entries: list[Entry] = session.info.pop(PENDING, [])
    if session.info.pop(TOUCHED, False):
        # The house's row first: `_by_project` takes the rows in the same, ascending order.
        chain = ProjectChain.__table__  # type: ignore[attr-defined]
        moved = update(chain).where(chain.c.project_id == HOUSE).values(structure=chain.c.structure + 1)
        session.connection().execute(moved)
    changed = list(take_changes(session, session.info.get(KEYS, NO_KEYS)))
    if changed and not entries:
        entries = [_unsaid()]
    groups = dict(_by_project(entries))
    rows = _homes(changed, groups)
    for project_id, group in groups.items():
        _seal_project(session, project_id, group, rows.get(project_id, {}))


def _unsaid() -> Entry:
    """Rows were changed and no verb has said so, which none should: told of by the journal itself all the same."""
    LOG.warning("rows were changed without an event")
    return Entry(HOUSE, datetime.now(UTC), Actor(None, Way.ENGINE), "journal.noted", "house", 1, {})


def _homes(changed: Iterable[RowChange], groups: Mapping[int, object]) -> dict[int, dict[str, Any]]:
    """Chain -> row -> its seals before and after. A row whose own chain has no entry stands in another one's."""
    found: dict[int, dict[str, Any]] = {}
    elsewhere = max(groups, default=HOUSE)
    for one in changed:
        home = one.home if one.home is not None and one.home in groups else elsewhere
        found.setdefault(home, {})[one.row] = [one.before, one.after]
    return found


_CHAIN: sa.Table = ProjectChain.__table__  # type: ignore[attr-defined]
_EVENTS: sa.Table = Event.__table__  # type: ignore[attr-defined]
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
    .values(
        seq=sa.bindparam("last", type_=sa.Integer),
        head=sa.bindparam("new_head", type_=sa.String),
        seal=sa.bindparam("new_seal", type_=sa.String),
    )
)
_ADD_EVENTS = insert(_EVENTS).returning(_EVENTS.c.id, sort_by_parameter_order=True)
_ADD_PAYLOADS = insert(EventPayload.__table__)  # type: ignore[attr-defined]


def _take_chain(session: Session, project_id: int, count: int) -> tuple[int, str]:
    """Lock the chain row and reserve `count` numbers: (last number before ours, head)."""
    if ALONE in session.info and project_id in session.info.get(CHAINS, {}):
        known: tuple[int, str] = session.info[CHAINS][project_id]
        return known
    taken = session.connection().execute(_TAKE, {"of": project_id, "count": count}).first()
    if taken is None:
        session.connection().execute(insert(_CHAIN).values(project_id=project_id, seq=count, head=""))
        return 0, ""
    return taken.seq - count, taken.head


def _seal_project(session: Session, project_id: int, group: list[Entry], changed: Mapping[str, Any]) -> None:
    """`changed`: row -> its seals before and after, to be chained with the last entry."""
    keys: Keys = session.info.get(KEYS, NO_KEYS)
    seq, head = _take_chain(session, project_id, len(group))
    connection = connection_of(session)
    rows: list[dict[str, Any]] = []
    salts: list[str] = []
    for entry in group:
        seq += 1
        salt = secrets.token_hex(8)
        chained = dict(entry.chained or {})
        if changed and entry is group[-1]:
            chained[ROWS] = {**chained.get(ROWS, {}), **changed}
        row: dict[str, Any] = {
            "project_id": project_id, "seq": seq, "at": entry.at, "actor_id": entry.actor.person_id,
            "way": str(entry.actor.way), "behalf_id": entry.actor.behalf_id, "kind": entry.kind,
            "object_type": entry.object_type, "object_id": entry.object_id,
            "digest": digest_of(salt, entry.body), "prev": head, "key_id": keys.current,
            "chained": json.dumps(chained, sort_keys=True, separators=(",", ":")) if chained else None,
        }  # fmt: skip
        row["hash"] = head = hash_of(row, keys)
        rows.append(row)
        salts.append(salt)
    ids = list(connection.execute(_ADD_EVENTS, rows).scalars())
    payloads = [
        {"event_id": event_id, "salt": salt, "body": entry.body}
        for event_id, salt, entry in zip(ids, salts, group, strict=True)
    ]
    connection.execute(_ADD_PAYLOADS, payloads)
    new_seal = seal_of_head(project_id, seq, head, keys, keys.current)
    connection.execute(_SET_HEAD, {"of": project_id, "last": seq, "new_head": head, "new_seal": new_seal})


def start_chain(session: Session, project_id: int) -> None:
    """A new project begins its journal: the row must be there before two transactions could both make it."""
    session.add(ProjectChain(project_id=project_id))


def erase_payloads(session: Session, actor: Actor, event_ids: list[int], *, now: datetime, project_id: int) -> None:
    """Empty the texts of these events for good; the chain stays whole, and the erasing itself is journaled."""
    payloads = EventPayload.__table__  # type: ignore[attr-defined]
    session.connection().execute(
        update(payloads).where(payloads.c.event_id.in_(event_ids)).values(body=None, salt=None, erased_at=now)
    )
    seqs = select(_EVENTS.c.seq).where(_EVENTS.c.id.in_(event_ids), _EVENTS.c.project_id == project_id)
    record(
        session,
        actor,
        "journal.erased",
        About("project", project_id, project_id),
        now=now,
        events=event_ids,
        chained={ERASED: sorted(session.connection().execute(seqs).scalars())},
    )


def head_of(session: Session, project_id: int) -> tuple[int, str]:
    """(sequence, head hash): what ETags, live updates and a restored backup are compared by."""
    row = (
        session.connection()
        .execute(select(ProjectChain.seq, ProjectChain.head).where(ProjectChain.project_id == project_id))
        .first()
    )
    return (row.seq, row.head) if row else (0, "")
