"""Done means shown: what «Готово» leads to."""

from typing import Literal, NamedTuple

from tracker.domain.terms import Status

Obstacle = Literal["evidence_needed", "own_check"]


class DoneClaim(NamedTuple):
    """Somebody says "done". `own_check`: they have read that checker and doer are the same person."""

    asks_evidence: bool
    has_evidence: bool
    checker: int | None
    owner: int | None
    mover: int | None
    runs: bool = False
    """They conduct the project, and speak for themselves."""
    own_check: bool = False


def done_leads_to(claim: DoneClaim) -> Status | Obstacle:
    """The status that "done" by the mover brings, or what is in the way.

    A task that asks for evidence is not done by a word. Where somebody checks, "done" is only their word (or that of
    who conducts). A checker who is the doer is told so once, and may go on knowingly.
    """
    if claim.asks_evidence and not claim.has_evidence:
        return "evidence_needed"
    if (claim.checker is None and not claim.asks_evidence) or claim.runs:
        return Status.DONE
    if claim.checker is None or claim.mover != claim.checker:
        return Status.REVIEW
    if claim.checker == claim.owner and not claim.own_check:
        return "own_check"
    return Status.DONE


def status_for_want_of_owner(status: str, owner: int | None, party: int | None) -> str:
    """Nobody to ask makes an open task unclear; a party that is asked is somebody."""
    return Status.DRAFT if status == Status.OPEN and owner is None and party is None else status
