"""Evidence as programs read it, on tasks and on checks alike."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Sight, Standing
from tracker.services.access.loading import find_task, own_tasks
from tracker.services.facts.tasks import Reference
from tracker.services.ground.journal import Actor
from tracker.services.integrations.checks import find_check
from tracker.services.integrations.passports import visible_integrations
from tracker.tables import Check, Evidence, Integration, Person, Task, Upload


class EvidenceFacts(NamedTuple):
    id: int
    task_id: int | None
    check_id: int | None
    kind: str
    url: str
    file_name: str
    caption: str
    by: Reference | None
    way: str
    at: datetime

    @property
    def place(self) -> int:
        return self.id


def _query(*clauses: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Evidence.id, Evidence.task_id, Evidence.check_id, Evidence.kind, Evidence.url,
        sa.func.coalesce(Upload.name, "").label("file_name"), Evidence.caption, Evidence.by_id,
        sa.func.coalesce(Person.name, "").label("by_name"), Evidence.way, Evidence.at,
    )  # fmt: skip
    return (
        sa.select(*columns)
        .outerjoin(Upload, Upload.id == Evidence.upload_id)
        .outerjoin(Person, Person.id == Evidence.by_id)
        .where(Evidence.removed_at.is_(None), *clauses)
        .order_by(Evidence.id)
    )


def _facts(row: Any) -> EvidenceFacts:
    by = Reference(row.by_id, row.by_name) if row.by_id is not None else None
    return EvidenceFacts(
        row.id, row.task_id, row.check_id, row.kind, row.url, row.file_name, row.caption, by, row.way, row.at
    )


def evidence_of_task(session: Session, task_id: int) -> list[EvidenceFacts]:
    """For who sees the task in full."""
    return [_facts(row) for row in rows(session, _query(Evidence.task_id == task_id))]


def evidence_of_checks(session: Session, check_ids: Collection[int]) -> dict[int, list[EvidenceFacts]]:
    """Check -> what shows it, in one query. For who sees their integrations."""
    found: dict[int, list[EvidenceFacts]] = defaultdict(list)
    if check_ids:
        for row in rows(session, _query(Evidence.check_id.in_(check_ids))):
            found[row.check_id].append(_facts(row))
    return found


def letters_of(session: Session, letter_ids: Collection[int]) -> dict[int, EvidenceFacts]:
    """Letters that stand for signatures, by their ids. For who sees their integration."""
    return {row.id: _facts(row) for row in rows(session, _query(Evidence.id.in_(letter_ids)))} if letter_ids else {}


def list_evidence(
    session: Session,
    mine: Standing,
    after: int | None,
    limit: int,
    *,
    task: int | None = None,
    check: int | None = None,
) -> list[EvidenceFacts]:
    """On the tasks that are seen in full and on the checks of the integrations that are seen."""
    tasks = sa.select(Task.id).where(Task.project_id == mine.project_id, own_tasks(mine), Task.archived_at.is_(None))
    checks = (
        sa.select(Check.id)
        .join(Integration, Integration.id == Check.integration_id)
        .where(visible_integrations(mine), Check.archived_at.is_(None))
    )
    query = _query(
        Evidence.project_id == mine.project_id,
        Evidence.id > (after or 0),
        sa.or_(Evidence.task_id.in_(tasks), Evidence.check_id.in_(checks)),
    )
    if task is not None:
        query = query.where(Evidence.task_id == task)
    if check is not None:
        query = query.where(Evidence.check_id == check)
    return [_facts(row) for row in rows(session, query.limit(limit))]


def one_evidence(session: Session, actor: Actor, evidence_id: int) -> EvidenceFacts:
    """Raises NotFound where its task is not seen in full, or its check not at all."""
    found = rows(session, _query(Evidence.id == evidence_id))
    if not found:
        raise NotFound("evidence")
    facts = _facts(found[0])
    try:
        if facts.task_id is not None and find_task(session, actor, facts.task_id).sight is Sight.FULL:
            return facts
        if facts.check_id is not None:
            find_check(session, actor, facts.check_id)
            return facts
    except NotFound:
        pass
    raise NotFound("evidence")
