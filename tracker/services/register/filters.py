"""What the register's address asks for, and the statements that answer it: one for each shape of the filter."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.db import as_stored
from tracker.domain.names import Directory
from tracker.domain.permissions import Standing
from tracker.domain.terms import FINISHED, OWN_COLUMNS, Priority, Status, TaskKind, WaitKind
from tracker.domain.worktime import Calendar, is_working_day, local_day
from tracker.services.access.loading import own_tasks, visible_tasks
from tracker.services.access.notes import visible_notes
from tracker.services.ground.search import normalise, pattern
from tracker.tables import Comment, Deadlock, DeadlockTask, Evidence, Project, Task

PAGE = 50
UNFINISHED = "unfinished"
"""A filter's word besides the statuses: everything that is not finished."""
NOBODY = "none"
"""A filter's word for an empty owner."""


class Filters(NamedTuple):
    """What the address asks for. Unknown or broken values are dropped by `from_query`, never an error page."""

    q: str = ""
    status: str = ""
    party: int | None = None
    turn: int | None = None
    owner: str = ""
    integration: int | None = None
    kind: str = ""
    stalled: bool = False
    waiting_days: int | None = None
    sort: str = "number"
    after: int | None = None
    """The number of the last row shown."""
    turn_party: str = ""
    """Whose turn it is: a party, or `NOBODY` for persons without one."""
    waiting_on: int | None = None
    """The number of the task that they wait on."""


SORTS: Mapping[str, Any] = {
    "number": Task.number,
    "title": Task.title_key,
    "status": sa.case({status: place for place, status in enumerate(Status)}, value=Task.status, else_=9),
    "priority": sa.case({word: place for place, word in enumerate(Priority)}, value=Task.priority, else_=9),
    "needed_by": Task.needed_by,
    "promised_on": Task.promised_on,
    "waiting_since": Task.waiting_since,
    "turn_since": Task.turn_since,
    "updated_at": Task.updated_at,
}


def from_query(given: Mapping[str, str], me: int | None = None) -> Filters:
    """Read the address. `turn=me` is the person themself."""
    turn = str(me) if given.get("turn") == "me" and me else given.get("turn", "")
    status, kind, sort = given.get("status", ""), given.get("kind", ""), given.get("sort", "number")
    owner, turn_party = given.get("owner", ""), given.get("turn_party", "")
    return Filters(
        q=normalise(given.get("q", ""))[:200],
        status=status if status in set(Status) | {UNFINISHED} else "",
        party=_number(given.get("party")),
        turn=_number(turn),
        owner=owner if owner == NOBODY or owner.isdecimal() else "",
        integration=_number(given.get("integration")),
        kind=kind if kind in set(TaskKind) else "",
        stalled=given.get("stalled") in ("1", "true", "on"),
        waiting_days=_number(given.get("waiting_days")),
        sort=sort if sort.removeprefix("-") in SORTS else "number",
        after=_number(given.get("after")),
        turn_party=turn_party if turn_party == NOBODY or _number(turn_party) is not None else "",
        waiting_on=_number(given.get("waiting_on")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


AWAITED = aliased(Task)
# No `in_`: a list is put into the statement anew at each call, and a page asks for little else.
AWAITED_IS_OPEN = sa.and_(AWAITED.archived_at.is_(None), *(AWAITED.status != one for one in sorted(FINISHED)))

AHEAD_IS_OVER = sa.and_(
    # First the kind, which an index holds: the head's count reads the row itself for nothing else (1.2 ms, else 2.8).
    Task.waiting_kind == WaitKind.TASK,
    sa.select(AWAITED.id).where(AWAITED.id == Task.waiting_task_id, sa.not_(AWAITED_IS_OPEN)).correlate(Task).exists(),
)
"""The wait has come to its end (`turns.is_finished`). It stays stored, for the day the task ahead is taken up
again, and until then it is not shown and not counted."""

COLUMNS = (
    Task.id, Task.number, Task.version, Task.title, Task.kind, Task.status, Task.priority, Task.integration_id,
    Task.party_id, Task.owner_id, Task.checker_id, Task.turn_id, Task.turn_party_id, Task.turn_via,
    as_stored(Task.turn_since), as_stored(Task.stalls_at), Task.needed_by, Task.promised_on, Task.waiting_kind,
    Task.waiting_person_id, Task.waiting_party_id, Task.waiting_task_id, Task.waiting_note,
    as_stored(Task.waiting_since), Task.waiting_agreed, as_stored(Task.help_at), Task.done_means,
    *(getattr(Task, name) for name in OWN_COLUMNS), Task.confirmed, as_stored(Task.archived_at),
    sa.select(sa.func.count())
    .where(Evidence.task_id == Task.id, Evidence.removed_at.is_(None))
    .correlate(Task)
    .scalar_subquery()
    .label("evidence"),
    sa.select(AWAITED.number)
    .where(AWAITED.id == Task.waiting_task_id, AWAITED_IS_OPEN)
    .correlate(Task)
    .scalar_subquery()
    .label("awaited"),
    sa.select(Deadlock.title)
    .join(DeadlockTask, DeadlockTask.deadlock_id == Deadlock.id)
    .where(DeadlockTask.task_id == Task.id, Deadlock.decided_at.is_(None))
    .order_by(Deadlock.id)
    .limit(1)
    .correlate(Task)
    .scalar_subquery()
    .label("deadlock"),
)  # fmt: skip


AWAITED_HERE = Task.waiting_task_id.in_(
    sa.select(AWAITED.id).where(
        AWAITED.project_id == Task.project_id, AWAITED.number == sa.bindparam("waiting_on", type_=sa.Integer)
    )
)


class Shape(NamedTuple):
    """Which clauses a statement has; their values are bound at each call."""

    words: int
    status: str
    party: bool
    turn: bool
    owner: str
    integration: bool
    kind: bool
    stalled: bool
    waiting: bool
    sort: str
    after: bool
    turn_party: str = ""
    waiting_on: bool = False


def shape_of(filters: Filters) -> Shape:
    status = filters.status if filters.status in ("", UNFINISHED) else "one"
    owner = filters.owner if filters.owner in ("", NOBODY) else "one"
    return Shape(
        len(filters.q.split()),
        status,
        filters.party is not None,
        filters.turn is not None,
        owner,
        filters.integration is not None,
        bool(filters.kind),
        filters.stalled,
        filters.waiting_days is not None,
        filters.sort,
        filters.after is not None,
        filters.turn_party if filters.turn_party in ("", NOBODY) else "one",
        filters.waiting_on is not None,
    )


def _clauses(shape: Shape, standing: Standing) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [Task.archived_at.is_(None)]
    for place in range(shape.words):
        word = sa.bindparam(f"word{place}", type_=sa.String)
        named = sa.bindparam(f"persons{place}", expanding=True, type_=sa.Integer)
        in_comments = sa.select(Comment.task_id).where(Comment.search.like(word, escape="\\"), visible_notes(standing))
        found.append(
            sa.or_(
                Task.search.like(word, escape="\\"),
                Task.owner_id.in_(named),
                Task.turn_id.in_(named),
                sa.and_(own_tasks(standing), Task.id.in_(in_comments)),
            )
        )
    if shape.status == UNFINISHED:
        found += [Task.status != one for one in sorted(FINISHED)]
    elif shape.status:
        found.append(Task.status == sa.bindparam("status", type_=sa.String))
    if shape.owner == NOBODY:
        found.append(Task.owner_id.is_(None))
    if shape.turn_party == NOBODY:
        found.append(sa.and_(Task.turn_party_id.is_(None), Task.turn_id.is_not(None)))
    for wanted, name, column in (
        (shape.party, "party", Task.party_id),
        (shape.turn, "turn", Task.turn_id),
        (bool(shape.owner) and shape.owner != NOBODY, "owner", Task.owner_id),
        (shape.integration, "integration", Task.integration_id),
        (shape.turn_party == "one", "turn_party", Task.turn_party_id),
    ):
        if wanted:
            found.append(column == sa.bindparam(name, type_=sa.Integer))
    if shape.waiting_on:
        found.append(AWAITED_HERE)
    if shape.kind:
        found.append(Task.kind == sa.bindparam("kind", type_=sa.String))
    if shape.stalled:
        found.append(Task.stalls_at <= sa.bindparam("now", type_=Task.stalls_at.type))
    if shape.waiting:
        found.append(Task.waiting_since <= sa.bindparam("waits_since", type_=Task.waiting_since.type))
        found.append(sa.not_(AHEAD_IS_OVER))
    return found


def _order(sort: str) -> tuple[Any, bool]:
    return SORTS[sort.removeprefix("-")], sort.startswith("-")


@lru_cache(maxsize=256)
def page_statement(shape: Shape, standing_key: tuple[Any, ...], columns: tuple[Any, ...] = ()) -> Any:
    """The rows after `after`, `limit` of them (both bound at the call), with the wanted columns and `full`."""
    standing = Standing(*standing_key)
    key, descending = _order(shape.sort)
    found = sa.select(Task.id).where(visible_tasks(standing), *_clauses(shape, standing))
    if shape.after:
        number = sa.bindparam("after", type_=sa.Integer)
        if shape.sort in ("number", "-number"):
            found = found.where(Task.number < number if descending else Task.number > number)
        else:
            found = found.where(_beyond(key, descending, number, standing.project_id))
    if shape.stalled or shape.waiting or shape.words or shape.waiting_on:
        # Few rows fit, and no statistics can know it: SQLite would walk the order's index to its end for them.
        key = sa.func.coalesce(key, key)
    # Empty values stand last either way: what has no date is not the most urgent.
    order = (key.desc() if descending else key.asc()).nulls_last()
    tie = Task.number.desc() if shape.sort == "-number" else Task.number
    limit = sa.bindparam("limit", type_=sa.Integer)
    ids = found.order_by(order, tie).limit(limit).scalar_subquery()
    # The ids first, from the indexes; then the wide rows of these alone.
    return (
        sa.select(*(columns or COLUMNS), own_tasks(standing).label("full")).where(Task.id.in_(ids)).order_by(order, tie)
    )


def _beyond(key: Any, descending: bool, number: Any, project_id: int) -> sa.ColumnElement[bool]:
    """Rows after the one with this number, in this order (empty values last)."""
    last = sa.select(key).where(Task.project_id == project_id, Task.number == number).scalar_subquery()
    further = key < last if descending else key > last
    same = sa.or_(key == last, sa.and_(key.is_(None), last.is_(None)))
    into_empty = sa.and_(key.is_(None), last.is_not(None))
    return sa.or_(further, into_empty, sa.and_(same, Task.number > number))


@lru_cache(maxsize=256)
def count_statement(shape: Shape, standing_key: tuple[Any, ...]) -> sa.Select[Any]:
    standing = Standing(*standing_key)
    return sa.select(sa.func.count()).select_from(Task).where(visible_tasks(standing), *_clauses(shape, standing))


def values_of(
    filters: Filters, directory: Directory, project: Project, now: datetime, limit: int = PAGE + 1
) -> dict[str, Any]:
    values: dict[str, Any] = {"now": now}
    for place, word in enumerate(filters.q.split()):
        values[f"word{place}"] = pattern(word)
        values[f"persons{place}"] = directory.persons_named(word)
    if filters.waiting_days is not None:
        values["waits_since"] = _working_days_ago(Calendar(zone=project.timezone), now, filters.waiting_days)
    values |= {
        "status": filters.status,
        "party": filters.party,
        "turn": filters.turn,
        "integration": filters.integration,
        "owner": int(filters.owner) if filters.owner.isdecimal() else None,
        "turn_party": _number(filters.turn_party),
        "waiting_on": filters.waiting_on,
        "kind": filters.kind,
        "after": filters.after,
        "limit": limit,
    }
    return values


def _working_days_ago(calendar: Calendar, now: datetime, days: int) -> datetime:
    """The same time of day, that many working days back."""
    day, back = local_day(calendar, now), 0
    moment = now
    while back < min(days, 365):
        day -= timedelta(days=1)
        moment -= timedelta(days=1)
        back += is_working_day(calendar, day)
    return moment
