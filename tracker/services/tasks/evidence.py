"""Evidence on a task: a link or a stored file that shows it. (A check's evidence comes with its result: `checks`.)"""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from tracker.db import rows
from tracker.domain.errors import FieldError, NotFound
from tracker.domain.permissions import Sight, may_answer, require
from tracker.domain.terms import EvidenceKind
from tracker.services.access.loading import SeenTask, find_task
from tracker.services.access.standing_in import answering
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.uploads import upload_named
from tracker.services.tasks.acts import Act, held, mark_progress
from tracker.services.tasks.waiting import is_awaited, pass_back
from tracker.services.turns.restamp import facts_now, restamp_one
from tracker.tables import Evidence, Person, Task, Upload


class ShownEvidence(NamedTuple):
    """A piece of evidence as it is shown."""

    id: int
    kind: str
    url: str
    file_name: str
    caption: str
    person: str
    at: datetime


def add_evidence(
    session: Session,
    actor: Actor,
    task: int | SeenTask,
    *,
    url: str = "",
    upload_id: int | None = None,
    caption: str = "",
    now: datetime,
) -> Evidence:
    """Show it. The same link or file twice is one piece. By who is awaited it passes the turn back."""
    seen = held(session, actor, task)
    require(may_answer(seen.standing, seen.people), "answer")
    act = Act(session, answering(actor, seen.standing, seen.people), seen, now)
    require_voice(session, act.actor, seen.standing)
    errors: list[FieldError] = []
    link = fields.link(errors, "url", url)
    words = fields.one_line(errors, "caption", caption)
    if not link and upload_id is None:
        errors.append(FieldError("url", "required"))
    fields.refuse(errors)
    known = _known(session, act.task, link, upload_named(session, upload_id))
    if known is not None:
        return known
    evidence = Evidence(
        project_id=act.task.project_id,
        task_id=act.task.id,
        kind=EvidenceKind.LINK if upload_id is None else EvidenceKind.FILE,
        url=link,
        upload_id=upload_id,
        caption=words,
        by_id=act.actor.author_id,
        way=actor.way,
        at=now,
    )
    session.add(evidence)
    session.flush()
    shown: dict[str, Any] = {"evidence": evidence.id, "url": link or None, "caption": words or None}
    record(session, act.actor, "evidence.added", act.task, now=now, **shown)
    if is_awaited(session, act.task, act.actor.mover_id):
        pass_back(act)
        return evidence
    before = facts_now(session, act.task)
    if act.is_the_turns:
        mark_progress(act)
    restamp_one(session, act.task, before, now)
    return evidence


def _known(session: Session, task: Task, link: str, upload: Upload | None) -> Evidence | None:
    """The same piece, if it is there already."""
    query = (
        sa.select(Evidence)
        .outerjoin(Upload, Upload.id == Evidence.upload_id)
        .where(Evidence.task_id == task.id, Evidence.removed_at.is_(None))
    )
    if link:
        query = query.where(Evidence.url == link)
    if upload is not None:
        query = query.where(Upload.sha256 == upload.sha256)
    found = rows(session, query)
    piece: Evidence | None = found[0][0] if found else None
    return piece


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


def evidence_of_task(session: Session, seen: SeenTask) -> list[ShownEvidence]:
    if seen.sight < Sight.FULL:
        return []
    query = (
        sa.select(
            Evidence.id,
            Evidence.kind,
            Evidence.url,
            sa.func.coalesce(Upload.name, ""),
            Evidence.caption,
            sa.func.coalesce(Person.name, ""),
            Evidence.at,
        )
        .outerjoin(Upload, Upload.id == Evidence.upload_id)
        .outerjoin(Person, Person.id == Evidence.by_id)
        .where(Evidence.task_id == seen.task.id, Evidence.removed_at.is_(None))
        .order_by(Evidence.id)
    )
    return [ShownEvidence(*row) for row in rows(session, query)]
