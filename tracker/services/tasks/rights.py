"""Which fields of a task somebody may change in place: asked before a form is shown, and before it is taken."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from tracker.domain.errors import Forbidden
from tracker.domain.permissions import may_answer, may_edit_task, may_reassign, require
from tracker.domain.terms import Status
from tracker.services.access.loading import SeenTask
from tracker.services.ground.belonging import party_of
from tracker.services.tasks.fields import EDITABLE, FIELDS

CONTRIBUTORS_MAY = frozenset(one.name for one in FIELDS if one.theirs)
"""What the person of the turn changes in place; everything else is the conductor's."""


def changeable(seen: SeenTask) -> frozenset[str]:
    """The fields that this person may change."""
    mine, people = seen.standing, seen.people
    if may_edit_task(mine, people):
        return frozenset(EDITABLE)
    found = CONTRIBUTORS_MAY if may_answer(mine, people) else frozenset()
    return found | {"owner"} if may_reassign(mine, people, people.party_id) else found


def require_fields(session: Session, seen: SeenTask, values: Mapping[str, Any]) -> None:
    mine, people, may = seen.standing, seen.people, changeable(seen)
    if may_edit_task(mine, people):
        return
    if set(values) == {"owner"} and "owner" in may:
        new_party = party_of(session, mine.project_id, values["owner"])
        require(may_reassign(mine, people, new_party), "reassign")
        return
    require(set(values) <= may - {"owner"}, "edit_task")
    if values.get("status") == Status.DROPPED:
        raise Forbidden("drop_task")
