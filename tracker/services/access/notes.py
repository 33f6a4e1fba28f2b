"""Private notes, the conductors' own, as SQL scopes: `permissions.may_see_note` of rows."""

import sqlalchemy as sa
from sqlmodel import col

from tracker.domain.permissions import Standing, may_see_note
from tracker.tables import Comment, EventPayload


def visible_notes(standing: Standing) -> sa.ColumnElement[bool]:
    """Comments, of a task that they may see in full."""
    return sa.true() if may_see_note(standing, private=True) else col(Comment.private).is_(False)


def visible_entries(standing: Standing) -> sa.ColumnElement[bool]:
    """Entries of the journal; one whose texts were erased tells nobody's."""
    if may_see_note(standing, private=True):
        return sa.true()
    private = col(EventPayload.body)["private"].as_boolean()
    return sa.or_(private.is_(None), private.is_(False))
