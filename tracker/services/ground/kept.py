"""What is kept between requests: values that stay true as long as what they are made of stands still.

Two counters tell. The project's journal sequence moves with every change. `structure` (in the house's chain row) moves
only when persons, memberships, parties, integrations, projects, absences, working days or deadlocks change: seldom.
Both are in the database, so every process sees them move.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, aliased
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.pool import Pool
from sqlmodel import Session

from tracker.db import columns
from tracker.services.ground.journal import CHAINS, HOUSE, PENDING, TOUCHED
from tracker.tables import (
    Absence,
    DayOverride,
    Deadlock,
    DeadlockTask,
    Integration,
    Membership,
    Party,
    Person,
    Project,
    ProjectChain,
)

Kept = TypeVar("Kept")

STRUCTURE = (Person, Membership, Party, Integration, Project, Absence, DayOverride, Deadlock, DeadlockTask)
PASSING = frozenset({"last_answer_at", "updated_at", "version", "next_number", "telegram_dead_at"})
"""Columns of those that change daily and that nothing kept here depends on."""
SEEN = "sequences"
STRUCTURE_SEEN = "structure"
OWN = "kept for this change"
"""Mark in `session.info`: (how often it has moved the structure, what was made since it last did)."""
LIMIT = 512
_HOUSE = aliased(ProjectChain)


class Sequences(NamedTuple):
    """The counters at one moment."""

    project: int
    structure: int


_kept: WeakKeyDictionary[Pool, OrderedDict[Hashable, tuple[datetime | None, Any]]] = WeakKeyDictionary()
_lock = Lock()


def structure(session: Session, project_id: int) -> int:
    """The second counter alone: the same for all projects."""
    if STRUCTURE_SEEN not in session.info or TOUCHED in session.info:
        session.info[STRUCTURE_SEEN] = sequences(session, project_id).structure
    found: int = session.info[STRUCTURE_SEEN]
    return found


def sequences(session: Session, project_id: int) -> Sequences:
    """Read once for each reading session: what it shows belongs to one moment."""
    seen: dict[int, Sequences] = session.info.setdefault(SEEN, {})
    if project_id not in seen or TOUCHED in session.info:
        found = columns(session, _SEQUENCES, {"project": project_id})
        by_id = {row.project_id: row for row in found}
        structure = by_id[HOUSE].structure if HOUSE in by_id else 0
        seen[project_id] = Sequences(by_id[project_id].seq if project_id in by_id else 0, structure)
        if project_id in by_id:
            session.info.setdefault(CHAINS, {})[project_id] = (by_id[project_id].seq, by_id[project_id].head)
    return seen[project_id]


_SEQUENCES = sa.select(ProjectChain.project_id, ProjectChain.seq, ProjectChain.head, ProjectChain.structure).where(
    ProjectChain.project_id.in_((HOUSE, sa.bindparam("project", type_=sa.Integer)))
)


def read_sequences(session: Session, project_ids: Collection[int]) -> None:
    """The counters of several projects at once, for a page that shows them all."""
    found = {row.project_id: row for row in columns(session, _ALL, {"ids": [HOUSE, *project_ids]})}
    structure = found[HOUSE].structure if HOUSE in found else 0
    seen: dict[int, Sequences] = session.info.setdefault(SEEN, {})
    for project_id in project_ids:
        seen[project_id] = Sequences(found[project_id].seq if project_id in found else 0, structure)


_ALL = sa.select(ProjectChain.project_id, ProjectChain.seq, ProjectChain.structure).where(
    ProjectChain.project_id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer))
)


def sequences_by_key(session: Session, key: str) -> int | None:
    """The id of the project with this key, its counters read in the same statement; None if there is none."""
    found = columns(session, _BY_KEY, {"key": key})
    if not found:
        return None
    project_id, seq, structure = found[0]
    know_sequences(session, project_id, seq or 0, structure or 0)
    return int(project_id)


def know_sequences(session: Session, project_id: int, project: int, structure: int) -> None:
    """The counters, where another statement has read them along."""
    seen: dict[int, Sequences] = session.info.setdefault(SEEN, {})
    seen[project_id] = Sequences(project, structure)


def with_counters(statement: Any, project: Any) -> Any:
    """The same statement, which reads the counters of a row's project (this column) along: see `know_counters`."""
    return (
        statement.add_columns(ProjectChain.seq, ProjectChain.head, _HOUSE.structure)
        .outerjoin(ProjectChain, ProjectChain.project_id == project)
        .outerjoin(_HOUSE, _HOUSE.project_id == HOUSE)
    )


def know_counters(session: Session, project_id: int, seq: int | None, head: str | None, structure: int | None) -> None:
    """What `with_counters` has read along. Each reading session stays at what it saw first, and so does a change: its
    own entries are numbered when it ends."""
    if project_id not in session.info.get(SEEN, {}) and TOUCHED not in session.info:
        know_sequences(session, project_id, seq or 0, structure or 0)
        if seq is not None and head is not None:
            session.info.setdefault(CHAINS, {})[project_id] = (seq, head)


def forget(session: Session, structure: int | None = None) -> None:
    """Of a reading session: what it has seen was before a change. `structure`: as `structure_after` the change."""
    session.expunge_all()
    session.info.pop(SEEN, None)
    session.info.pop(STRUCTURE_SEEN, None)
    if structure is not None:
        session.info[STRUCTURE_SEEN] = structure


def structure_after(written: Session) -> int | None:
    """What a transaction saw of the structure and did not touch is how it stands after it, too."""
    return None if TOUCHED in written.info else written.info.get(STRUCTURE_SEEN)


_BY_KEY = (
    sa.select(Project.id, ProjectChain.seq, _HOUSE.structure)
    .outerjoin(ProjectChain, ProjectChain.project_id == Project.id)
    .outerjoin(_HOUSE, _HOUSE.project_id == HOUSE)
    .where(Project.key == sa.bindparam("key", type_=sa.String))
)


def while_structure_stands(session: Session, project_id: int, name: Hashable, make: Callable[[], Kept]) -> Kept:
    """`make()`, kept until the structure moves; who moves it keeps it for their own eyes, until they move it on."""
    if session.autoflush and moves_structure(session):
        session.flush()
    if TOUCHED in session.info:
        return _keep_here(session, (project_id, name), make)
    kept: Kept = _keep(session, (project_id, name, structure(session, project_id)), make, None)
    return kept


def _keep_here(session: Session, key: Hashable, make: Callable[[], Kept]) -> Kept:
    """Nobody else may see it before the commit, and after it somebody may have moved the structure as well."""
    times, mine = session.info.get(OWN, (0, {}))
    if times != session.info[TOUCHED]:
        times, mine = session.info[OWN] = session.info[TOUCHED], {}
    if key not in mine:
        mine[key] = make()
    found: Kept = mine[key]
    return found


def while_project_stands(
    session: Session, project_id: int, name: Hashable, make: Callable[[], tuple[datetime | None, Kept]], now: datetime
) -> Kept:
    """`make()[1]`, kept until anything of the project moves, or until the moment `make()[0]` has come."""
    if TOUCHED in session.info or PENDING in session.info:
        return make()[1]
    kept: Kept = _keep(session, (project_id, name, sequences(session, project_id)), make, now)
    return kept


def _keep(session: Session, key: Hashable, make: Callable[[], Any], now: datetime | None) -> Any:
    # By the pool, not by its address: another database may come to stand at the same address.
    pool = session.get_bind().engine.pool
    with _lock:
        kept = _kept.setdefault(pool, OrderedDict())
        if key in kept:
            until, value = kept[key]
            if now is None or until is None or now < until:
                kept.move_to_end(key)
                return value
    made = make()
    until, value = (None, made) if now is None else made
    with _lock:
        kept[key] = (until, value)
        while len(kept) > LIMIT:
            kept.popitem(last=False)
    return value


def _touch(session: PlainSession) -> None:
    session.info[TOUCHED] = session.info.get(TOUCHED, 0) + 1


def moves_structure(session: PlainSession) -> bool:
    """Whether what is not written yet changes the structure."""
    return any(isinstance(one, STRUCTURE) for one in (*session.new, *session.deleted)) or any(
        isinstance(one, STRUCTURE) and _changed(one) - PASSING for one in session.dirty
    )


def _after_flush(session: PlainSession, _context: object) -> None:
    if moves_structure(session):
        _touch(session)


def _changed(row: Any) -> set[str]:
    return {attribute.key for attribute in sa.inspect(row).attrs if attribute.history.has_changes()}


def _on_execute(state: ORMExecuteState) -> None:
    changes = state.is_update or state.is_delete or state.is_insert
    if changes and state.bind_mapper is not None and issubclass(state.bind_mapper.class_, STRUCTURE):
        _touch(state.session)


def _after_rollback(session: PlainSession, _previous: object) -> None:
    """To a savepoint: what was made since may hold what is no more."""
    if TOUCHED in session.info:
        _touch(session)


event.listen(PlainSession, "after_flush", _after_flush)
event.listen(PlainSession, "after_soft_rollback", _after_rollback)
event.listen(PlainSession, "do_orm_execute", _on_execute)
