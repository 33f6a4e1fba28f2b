"""What follows from what a task is given: from its owner, its date, its words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tracker.domain.terms import MemberWhy, Status
from tracker.domain.turns.progress import status_for_want_of_owner
from tracker.services.access.loading import conductors_of
from tracker.services.ground.belonging import party_of
from tracker.services.ground.search import normalise, title_key
from tracker.services.integrations.members import put_on_integration
from tracker.services.turns.restamp import new_episode
from tracker.tables import Task


def follow_owner(session: Session, task: Task, moved: dict[str, Any]) -> None:
    """A new owner: the former one's date and call for help were theirs; an unclear task becomes clear."""
    owner = moved["owner"]
    if task.promised_on is not None and "promised_on" not in moved:
        moved["promised_on"] = None
    if "party" not in moved and (party := party_of(session, task.project_id, owner)) not in (None, task.party_id):
        moved["party"] = party
    if "status" not in moved:
        status = status_for_want_of_owner(task.status, owner, moved.get("party", task.party_id))
        if task.status == Status.DRAFT and task.owner_id is None and owner is not None:
            status = Status.OPEN
        if status != task.status:
            moved["status"] = status
    if task.waiting_person_id in conductors_of(session, task.project_id) and "waiting" not in moved:
        moved["waiting"] = None
    task.help_at, task.help_note = None, ""
    task.confirmed = True


def follow_promise(task: Task, old: Any, now: datetime) -> None:
    task.promised_at = now if task.promised_on is not None else None
    if task.promised_on is not None:
        task.promise_moves += 1 if old is not None else 0
        task.snoozed_until = None
        new_episode(task, now)
        # The person of the turn knows that it is theirs: a date was agreed with them.
        task.told_turn_at = now


def index(task: Task) -> None:
    """What searching and sorting go by."""
    task.search = normalise(task.title, task.plain_title, task.notes, task.sheet_ref, str(task.number))
    task.title_key = title_key(task.title)


def put_members(session: Session, tasks: Iterable[Task], now: datetime) -> None:
    """Owners and checkers are on the integration from now on, each by the first reason."""
    named: dict[tuple[int | None, int | None], str] = {}
    for task in tasks:
        named.setdefault((task.integration_id, task.owner_id), MemberWhy.OWNER)
        named.setdefault((task.integration_id, task.checker_id), MemberWhy.CHECKER)
    for (integration_id, person_id), why in named.items():
        put_on_integration(session, integration_id, person_id, why, now)
