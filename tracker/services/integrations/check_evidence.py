"""What shows that a check was passed: pieces on the line, each of them once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.terms import EvidenceKind
from tracker.services.ground.journal import About, Actor, record
from tracker.tables import Check, Evidence, Integration, Upload


def evidence_of(session: Session, check_id: int) -> list[Evidence]:
    query = (
        select(Evidence)
        .where(Evidence.check_id == check_id, col(Evidence.removed_at).is_(None))
        .order_by(col(Evidence.id))
    )
    return list(session.exec(query))


def is_shown(session: Session, shown: Sequence[Evidence], url: str, upload: Upload | None) -> bool:
    """Whether nothing new is sent: nothing at all, or the same link and the same file, by its content, once more."""
    if not url and upload is None:
        return True
    sums = [session.get_one(Upload, one.upload_id).sha256 if one.upload_id is not None else "" for one in shown]
    sent = (url, upload.sha256 if upload else "")
    return any((one.url, sha256) == sent for one, sha256 in zip(shown, sums, strict=True))


def show(
    session: Session,
    actor: Actor,
    check: Check,
    integration: Integration,
    url: str,
    upload_id: int | None,
    caption: str,
    now: datetime,
) -> None:
    evidence = Evidence(
        project_id=integration.project_id,
        check_id=check.id,
        kind=str(EvidenceKind.LINK if upload_id is None else EvidenceKind.FILE),
        url=url,
        upload_id=upload_id,
        caption=caption,
        by_id=actor.mover_id,
        way=str(actor.way),
        at=now,
    )
    session.add(evidence)
    session.flush()
    record(
        session,
        actor,
        "evidence.added",
        About("check", check.id, integration.project_id),
        now=now,
        evidence=evidence.id,
        url=url or None,
        caption=caption or None,
    )
