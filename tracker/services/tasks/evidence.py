"""Evidence on a task: a link or a stored file that shows it. (A check's evidence comes with its result: `checks`.)"""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.errors import FieldError, NotFound
from tracker.domain.permissions import Sight, may_answer, require
from tracker.domain.terms import EvidenceKind
from tracker.services.access.loading import SeenTask, find_task
from tracker.services.access.standing_in import answering
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.uploads import require_few, upload_named
from tracker.services.tasks.editing import mark_progress
from tracker.services.tasks.waiting import is_awaited
from tracker.services.turns.restamp import restamp
from tracker.tables import Evidence, Person, Upload


class Shown(NamedTuple):
    """A piece of evidence as it is shown."""

    id: int
    kind: str
    url: str
    file_name: str
    caption: str
    person: str
    at: datetime


def add_evidence(
    session: Session, actor: Actor, task_id: int, *, url: str = "", upload_id: int | None = None, caption: str = "",
    now: datetime,
) -> Evidence:  # fmt: skip
    """Show it. The same link or file twice is one piece. By who is awaited it passes the turn back."""
    from tracker.services.tasks.answers import pass_back

    seen = find_task(session, actor, task_id, lock=True)
    task = seen.task
    require(may_answer(seen.standing, seen.people), "answer")
    actor = answering(actor, seen.standing, seen.people)
    require_voice(session, actor, seen.standing)
    errors: list[FieldError] = []
    link = fields.link(errors, "url", url)
    words = fields.one_line(errors, "caption", caption)
    if not link and upload_id is None:
        errors.append(FieldError("url", "required"))
    fields.refuse(errors)
    upload = upload_named(session, upload_id)
    known = sa.select(Evidence).outerjoin(Upload, Upload.id == Evidence.upload_id).where(
        Evidence.task_id == task.id, Evidence.removed_at.is_(None),
        *([Evidence.url == link] if link else []), *([Upload.sha256 == upload.sha256] if upload else []),
    )  # fmt: skip
    if found := rows(session, known):
        piece: Evidence = found[0][0]
        return piece
    if upload is not None:
        require_few(session, col(Evidence.task_id) == task.id, actor.author_id, now=now)
    evidence = Evidence(
        project_id=task.project_id, task_id=task.id, kind=EvidenceKind.LINK if upload_id is None else EvidenceKind.FILE,
        url=link, upload_id=upload_id, caption=words, by_id=actor.author_id, way=actor.way, at=now,
    )  # fmt: skip
    session.add(evidence)
    session.flush()
    record(
        session, actor, "evidence.added", task, now=now, evidence=evidence.id, url=link or None, caption=words or None
    )
    if is_awaited(session, task, actor.mover_id):
        pass_back(session, actor, task, now)
        return evidence
    if actor.mover_id is not None and actor.mover_id == task.turn_id:
        mark_progress(session, task, actor.mover_id, now)
    restamp(session, [task.id], now)
    return evidence


def remove_evidence(session: Session, actor: Actor, evidence_id: int, *, now: datetime) -> None:
    """Taken back by who gave it, or by who conducts; the row stays for the journal."""
    evidence = session.get(Evidence, evidence_id)
    if evidence is None or evidence.task_id is None:
        raise NotFound("evidence")
    seen = find_task(session, actor, evidence.task_id, lock=True)
    if seen.sight < Sight.FULL:
        raise NotFound("evidence")
    require(seen.standing.runs or evidence.by_id == actor.person_id, "remove_evidence")
    if evidence.removed_at is not None:
        return
    evidence.removed_at = now
    session.add(evidence)
    record(session, actor, "evidence.removed", seen.task, now=now, evidence=evidence.id)


def evidence_of_task(session: Session, seen: SeenTask) -> list[Shown]:
    if seen.sight < Sight.FULL:
        return []
    query = (
        sa.select(
            Evidence.id, Evidence.kind, Evidence.url, sa.func.coalesce(Upload.name, ""), Evidence.caption,
            sa.func.coalesce(Person.name, ""), Evidence.at,
        )
        .outerjoin(Upload, Upload.id == Evidence.upload_id)
        .outerjoin(Person, Person.id == Evidence.by_id)
        .where(Evidence.task_id == seen.task.id, Evidence.removed_at.is_(None))
        .order_by(Evidence.id)
    )  # fmt: skip
    return [Shown(*row) for row in rows(session, query)]
