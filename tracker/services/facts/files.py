"""Files that were sent, to be taken away again: by who sees what they were sent for."""

from pathlib import Path

from sqlmodel import Session, col, select

from tracker.domain.errors import NotFound
from tracker.services.facts.evidence import one_evidence
from tracker.services.ground.journal import Actor
from tracker.services.ground.uploads import upload_path
from tracker.services.integrations.passports import find_integration
from tracker.services.tasks.cards import find_card
from tracker.tables import Evidence, Signature, Upload


def file_of_evidence(session: Session, actor: Actor, folder: Path, evidence_id: int) -> tuple[Upload, Path]:
    """On a task that is seen in full, on a check or as a letter of an integration that is seen; else NotFound."""
    evidence = session.get(Evidence, evidence_id)
    if evidence is None or evidence.upload_id is None or evidence.removed_at is not None:
        raise NotFound("evidence")
    if evidence.task_id is None and evidence.check_id is None:
        _find_letter(session, actor, evidence_id)
    else:
        one_evidence(session, actor, evidence_id)
    return upload_path(session, folder, evidence.upload_id)


def _find_letter(session: Session, actor: Actor, evidence_id: int) -> None:
    query = select(Signature.integration_id).where(
        Signature.letter_id == evidence_id, col(Signature.removed_at).is_(None)
    )
    integration_id = session.exec(query).first()
    if integration_id is None:
        raise NotFound("evidence")
    try:
        find_integration(session, actor, integration_id)
    except NotFound:
        raise NotFound("evidence") from None


def file_of_card(session: Session, actor: Actor, folder: Path, card_id: int, upload_id: int) -> tuple[Upload, Path]:
    """What came to the conductor's inbox with somebody's words."""
    card = find_card(session, actor, card_id)
    if upload_id not in card.facts.get("uploads", []):
        raise NotFound("upload")
    return upload_path(session, folder, upload_id)
