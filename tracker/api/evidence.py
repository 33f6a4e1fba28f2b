"""Evidence: what shows that a task is done or that a check was passed."""

from typing import Any

from litestar import delete, get
from litestar.di import NamedDependency
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.lists import After, Filter, InProject, Limit, Page, PathId, walk
from tracker.api.http.views import EvidenceView, ref
from tracker.domain.permissions import Standing
from tracker.services.facts.evidence import EvidenceFacts, list_evidence, one_evidence
from tracker.services.tasks.evidence import remove_evidence


def evidence_view(facts: EvidenceFacts) -> EvidenceView:
    return EvidenceView(
        facts.id,
        facts.task_id,
        facts.check_id,
        facts.kind,
        facts.url,
        facts.file_name,
        facts.caption,
        ref(facts.by),
        facts.way,
        facts.at,
    )


@get("/evidence", sync_to_thread=True)
def pieces(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    task: Filter = None,
    check: Filter = None,
) -> Page[EvidenceView]:
    """On tasks that the caller sees in full, and on checks of integrations that they see."""

    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[EvidenceFacts]:
        return list_evidence(session, mine, last, wanted, task=task, check=check)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([evidence_view(one) for one in page.items], page.next)


@get("/evidence/{evidence_id:int}", sync_to_thread=True)
def piece(caller: NamedDependency[Caller], evidence_id: PathId) -> EvidenceView:
    with caller.reading() as session:
        return evidence_view(one_evidence(session, caller.actor, evidence_id))


@delete("/evidence/{evidence_id:int}", sync_to_thread=True)
def take_back(caller: NamedDependency[Caller], evidence_id: PathId) -> None:
    """By who gave it or who conducts. Evidence of a check stands."""
    with caller.writing() as session:
        remove_evidence(session, caller.actor, evidence_id, now=caller.now)


ROUTES: list[Any] = [pieces, piece, take_back]
