"""Two people edit the same thing: what one of them did not touch is kept, what both touched is shown to the second.

Events of a versioned object carry the `version` that they made, so the journal knows what changed since any of them.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.services.journal import plain
from tracker.services.merging import EVERYTHING, changed_since


def require_no_conflict(
    session: Session, project_id: int, object_type: str, row: Any, version: int | None, values: Mapping[str, Any]
) -> None:
    """Conflict if a column of `values` was changed to something else since `version` (None: the newest is meant)."""
    if version is None or version == row.version:
        return
    if version > row.version or version < 1:
        raise Invalid(FieldError("version", "unknown_version"))
    names = changed_since(session, project_id, object_type, row.id, version)
    both = {
        name.removesuffix("_id"): (plain(getattr(row, name)), plain(mine))
        for name, mine in values.items()
        if (name in names or EVERYTHING in names) and getattr(row, name) != mine
    }
    if both:
        raise Conflict(row.version, both)
