"""Seals of the rows that verbs write: for each row that a transaction has changed, one of before and one of after.

The journal keeps them, chained. So a row that was changed past the verbs is found: its seal is not the last one, or
somebody's seal of before is not the one of after that came last. What a row says is read from the unit of work alone;
who writes such rows in bulk says so (`note_made`). A seal is a MAC: from it nobody learns what an erased row has said.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import LoaderCallableStatus, SessionTransaction
from sqlalchemy.orm import Session as PlainSession
from sqlmodel import Session, SQLModel

from tracker.db import ALONE, connection_of
from tracker.domain.terms import MessageState
from tracker.services.ground.journal_keys import Keys, mac
from tracker.tables import (
    Absence,
    Card,
    Check,
    Comment,
    DayOverride,
    Deadlock,
    DeadlockTask,
    Evidence,
    Foreword,
    House,
    Import,
    Integration,
    IntegrationMember,
    IntegrationSystem,
    Meeting,
    MeetingIntegration,
    MeetingItem,
    MeetingPerson,
    Membership,
    Message,
    Party,
    Person,
    Position,
    Project,
    Signature,
    SignIn,
    Stretch,
    System,
    Task,
    Token,
    Upload,
)

CHANGES, HELD, BEFORE_NESTED = "changed rows", "held rows", "changed rows before a savepoint"
"""Marks in `session.info`."""
LENGTH = 16
"""Hex digits of a seal: nobody can try one without the key."""

COUNTERS = frozenset({"version", "updated_at"})
ENGINES = frozenset({
    "stalls_at", "next_at", "episode", "episode_at", "nudges", "last_nudge_at", "told_turn_at", "escalated_at",
    "reminder_at", "search", "title_key",
})  # fmt: skip
"""Of a task: what follows from its other columns and from what was sent, and moves without anybody's act."""
PASSING: Mapping[type[SQLModel], frozenset[str]] = {
    Absence: frozenset(), Card: frozenset(), Check: COUNTERS, Comment: frozenset({"search"}),
    DayOverride: frozenset(), Deadlock: COUNTERS, DeadlockTask: frozenset(), Evidence: frozenset(),
    Foreword: frozenset({"message_id"}), House: frozenset({"setup_code_sha256"}), Import: frozenset(),
    Integration: COUNTERS, IntegrationMember: frozenset(), IntegrationSystem: frozenset(), Meeting: COUNTERS,
    MeetingIntegration: frozenset(), MeetingItem: frozenset(), MeetingPerson: frozenset(), Membership: frozenset(),
    Message: frozenset({
        "project_id", "kind", "rule", "facts", "local_day", "send_after", "state_reason", "claimed_by", "claimed_at",
        "tries", "chat_id", "chat_message_id", "updated_at", "queued_at",
    }),
    Party: COUNTERS, Person: COUNTERS | {"search", "last_answer_at", "podium_on"}, Position: frozenset(),
    Project: COUNTERS | {"next_number"}, Signature: frozenset(), SignIn: frozenset({"seen_at"}),
    Stretch: frozenset(), System: COUNTERS, Task: COUNTERS | ENGINES, Token: frozenset({"used_at", "uses"}),
    Upload: frozenset(),
}  # fmt: skip
"""Table -> its columns that no event tells of. Tables that are not here are the engine's own memory."""
OF_THE_HOUSE = frozenset({House, Person, Project, SignIn})
"""Whose changes stand in the house's chain where it has an entry: a project's end does not take them along."""
ENDED = frozenset({MessageState.SENT, MessageState.CANCELLED, MessageState.FAILED, MessageState.UNKNOWN})

Values = Mapping[str, Any]


def _message(values: Values) -> Values:
    """On its way a message changes without events; what became of it is journaled."""
    ended = values["state"] in ENDED
    told = ended and values["state"] != MessageState.CANCELLED
    return {
        **values, "state": values["state"] if ended else "", "text": values["text"] if told else "",
        "channel": values["channel"] if told else "",
    }  # fmt: skip


class Sealed(NamedTuple):
    """A table whose rows are sealed. `shapes`: column -> (value as JSON keeps it, what is left out of the seal since it
    is what a new column begins with)."""

    model: type[SQLModel]
    table: str
    shapes: Mapping[str, tuple[Callable[[Any], Any], Any]]
    view: Callable[[Values], Values] | None

    def stored(self, names: Collection[str] | None = None) -> sa.Select[Any]:
        """Id and sealed columns, or those of them that are named."""
        columns = self.model.__table__.c  # type: ignore[attr-defined]
        return sa.select(columns.id, *(columns[name] for name in self.shapes if names is None or name in names))


def _shape(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any]:
    """What is set by a verb and what a database gives back must be the same text."""
    if isinstance(kind, sa.Boolean):
        return bool
    if isinstance(kind, sa.JSON):
        return lambda value: json.loads(json.dumps(value))
    if isinstance(kind, sa.Integer):
        return int
    return _text


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.timestamp():.6f}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _sealed(model: type[SQLModel], passing: frozenset[str]) -> Sealed:
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    shapes = {}
    for name in sorted(set(table.c.keys()) - passing - {"id"}):
        field, shape = model.model_fields[name], _shape(table.c[name].type)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        shapes[name] = shape, None if default is None else shape(default)
    return Sealed(model, table.name, shapes, _message if model is Message else None)


SEALED: Mapping[type[SQLModel], Sealed] = {model: _sealed(model, passing) for model, passing in PASSING.items()}


def seal_of(sealed: Sealed, row_id: int, values: Values | None, key: bytes) -> str | None:
    """None: there is no such row."""
    if values is None:
        return None
    said = {}
    for name, value in (values if sealed.view is None else sealed.view(values)).items():
        if value is not None:
            shape, default = sealed.shapes[name]
            if (shaped := shape(value)) != default:
                said[name] = shaped
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return mac(key, f"row {sealed.table} {row_id}", text)[:LENGTH]


class Change:
    """What a row said before the transaction and says now; None: it was not there, or is gone."""

    __slots__ = ("after", "before", "row_id", "sealed")

    def __init__(self, sealed: Sealed, row_id: int, before: Values | None, after: Values | None) -> None:
        self.sealed, self.row_id, self.before, self.after = sealed, row_id, before, after


class RowChange(NamedTuple):
    """`home`: the chain in which it is best told; None: that of whichever project is concerned."""

    row: str
    home: int | None
    before: str | None
    after: str | None


def take_changes(session: Session, keys: Keys) -> Iterator[RowChange]:
    """What the transaction has changed until now, sealed; the next ones begin anew."""
    found: dict[tuple[str, int], Change] = session.info.pop(CHANGES, {})
    for change in found.values():
        sealed, row_id = change.sealed, change.row_id
        before, after = (seal_of(sealed, row_id, one, keys.key) for one in (change.before, change.after))
        if before != after:
            home = home_of(sealed, change.after or change.before or {})
            yield RowChange(f"{sealed.table}:{row_id}", home, before, after)


def home_of(sealed: Sealed, values: Values) -> int | None:
    if sealed.model in OF_THE_HOUSE:
        return 0
    return values.get("project_id")


def hold(session: Session, row: SQLModel) -> None:
    """The row was read under a lock of this transaction: what is known of it is what stands there (PostgreSQL)."""
    session.info.setdefault(HELD, set()).add((row.__tablename__, row.id))  # type: ignore[attr-defined]


def note_made(session: Session, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows that were inserted in bulk, past the unit of work: with their ids, without what they leave to defaults."""
    sealed, changes = SEALED[model], session.info.setdefault(CHANGES, {})
    for row in rows:
        values = {name: row.get(name, default) for name, (_shape, default) in sealed.shapes.items()}
        changes[sealed.table, row["id"]] = Change(sealed, row["id"], None, values)


def _before_flush(session: PlainSession, _context: object, _instances: object) -> None:
    unread: dict[type[SQLModel], dict[int, Values | None]] = {}
    changes: dict[tuple[str, int], Change] = session.info.setdefault(CHANGES, {})
    gone = session.deleted
    for row in (*session.dirty, *gone):
        sealed = SEALED.get(type(row))
        if sealed is None:
            continue
        state = sa.inspect(row)
        moved = {name for name in state.committed_state if name in sealed.shapes}
        if row not in gone and not any(state.committed_state[name] != state.dict[name] for name in moved):
            continue
        row_id = state.identity[0]
        new = None if row in gone else {name: state.dict[name] for name in moved}
        if (known := changes.get((sealed.table, row_id))) is not None:
            known.after = None if new is None or known.after is None else {**known.after, **new}
            continue
        old = {name: state.committed_state.get(name, state.dict.get(name, LoaderCallableStatus.NO_VALUE))
               for name in sealed.shapes}  # fmt: skip
        sure = ALONE in session.info or (sealed.table, row_id) in session.info.get(HELD, ())
        if sure and LoaderCallableStatus.NO_VALUE not in old.values():
            changes[sealed.table, row_id] = Change(sealed, row_id, old, None if new is None else {**old, **new})
        else:
            unread.setdefault(sealed.model, {})[row_id] = new
    for model, rows in unread.items():
        _read(session, SEALED[model], rows, changes)


def _read(
    session: PlainSession, sealed: Sealed, rows: Mapping[int, Values | None], changes: dict[tuple[str, int], Change]
) -> None:
    """What really stands in these rows, and keeps standing there until the end: somebody else may have been between."""
    query = sealed.stored().where(sealed.model.__table__.c.id.in_(sorted(rows)))  # type: ignore[attr-defined]
    for found in connection_of(session).execute(query.with_for_update()):  # type: ignore[arg-type]
        old, new = dict(found._mapping), rows[found.id]
        del old["id"]
        changes[sealed.table, found.id] = Change(sealed, found.id, old, None if new is None else {**old, **new})


def _after_flush(session: PlainSession, _context: object) -> None:
    changes: dict[tuple[str, int], Change] = session.info.setdefault(CHANGES, {})
    for row in session.new:
        if (sealed := SEALED.get(type(row))) is not None:
            state = sa.inspect(row)
            values = {name: state.dict.get(name) for name in sealed.shapes}
            row_id = state.dict["id"]
            # SQLite gives the number of a deleted row to the next one.
            known = changes.get((sealed.table, row_id))
            changes[sealed.table, row_id] = Change(sealed, row_id, known.before if known else None, values)


def _nested(session: PlainSession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        kept = {key: Change(one.sealed, one.row_id, one.before, one.after)
                for key, one in session.info.get(CHANGES, {}).items()}  # fmt: skip
        session.info.setdefault(BEFORE_NESTED, {})[transaction] = kept


def _rolled_back(session: PlainSession, transaction: SessionTransaction) -> None:
    session.info[CHANGES] = session.info.get(BEFORE_NESTED, {}).pop(transaction, {})


event.listen(PlainSession, "before_flush", _before_flush)
event.listen(PlainSession, "after_flush", _after_flush)
event.listen(PlainSession, "after_transaction_create", _nested)
event.listen(PlainSession, "after_soft_rollback", _rolled_back)
