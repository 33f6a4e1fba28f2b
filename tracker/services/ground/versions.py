"""Two people edit the same thing: what one of them did not touch is kept, what both touched is shown to the second.

Events of a versioned object carry the `version` that they made, so the journal knows what changed since any of them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.services.ground import fields
from tracker.services.ground.journal import About, Actor, plain, record
from tracker.tables import Event, EventPayload


def change(
    session: Session,
    actor: Actor,
    row: Any,
    values: Mapping[str, Any],
    kind: str,
    now: datetime,
    *,
    project_id: int | None = None,
    moved: Mapping[str, tuple[Any, Any]] | None = None,
) -> dict[str, tuple[Any, Any]]:
    """Set what differs, and journal it with the version that it makes; returns {column: (old, new)}, or nothing.

    `kind`: noun.verb. `moved`: what has changed of the same thing in other tables. `project_id`: where the row does not
    say it.
    """
    changed = fields.apply(row, values, now)
    if moved and not changed:
        row.version += 1
        row.updated_at = now
    changed |= moved or {}
    if changed:
        session.add(row)
        project = row.project_id if project_id is None else project_id
        about = About(kind.partition(".")[0], row.id, project)
        record(session, actor, kind, about, now=now, changes=changed, version=row.version)
    return changed


def put_away(session: Session, actor: Actor, row: Any, now: datetime, *, project_id: int | None = None) -> bool:
    """Into the archive; whether that is news. Who may, and what would stand in the way, the row's noun asks."""
    if row.archived_at is not None:
        return False
    kind = f"{row.__tablename__}.archived"
    return bool(change(session, actor, row, {"archived_at": now}, kind, now, project_id=project_id))


def bring_back(session: Session, actor: Actor, row: Any, now: datetime, *, project_id: int | None = None) -> bool:
    """Out of the archive; whether that is news."""
    kind = f"{row.__tablename__}.restored"
    return bool(change(session, actor, row, {"archived_at": None}, kind, now, project_id=project_id))


def require_no_conflict(
    session: Session, object_type: str, row: Any, version: int | None, changes: Mapping[str, Any]
) -> None:
    """Conflict if a column of `changes` was set to another value since `version` (None: the newest is meant)."""
    if version is None or version == row.version:
        return
    if version > row.version or version < 1:
        raise Invalid(FieldError("version", "unknown_version", {"version": row.version}))
    since = changed_since(session, object_type, row.id, version)
    both = {
        name.removesuffix("_id"): (plain(getattr(row, name, None)), plain(mine))
        for name, mine in changes.items()
        if (since is None or name in since) and getattr(row, name, None) != mine
    }
    if both:
        raise Conflict(row.version, both)


def changed_since(session: Session, object_type: str, object_id: int, version: int) -> set[str] | None:
    """Fields changed by later versions; None where the journal's texts were erased, so that nobody can tell."""
    bodies = session.exec(
        select(EventPayload.body)
        .join(Event, col(Event.id) == col(EventPayload.event_id))
        .where(Event.object_type == object_type, Event.object_id == object_id)
    )
    fields: set[str] = set()
    for body in bodies:
        if body is None:
            return None
        if body.get("version", 0) > version:
            fields |= set(body.get("changes", {}))
    return fields
