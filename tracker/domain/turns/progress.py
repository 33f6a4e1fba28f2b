"""Done means shown: what «Готово» leads to."""

from typing import Literal

from tracker.domain.terms import Status

Obstacle = Literal["evidence_needed", "own_check"]


def done_leads_to(
    *, asks_evidence: bool, has_evidence: bool, checker: int | None, owner: int | None, mover: int | None, runs: bool,
    own_check_accepted: bool = False,
) -> Status | Obstacle:  # fmt: skip
    """The status that "done" by `mover` brings, or what is in the way.

    A task that asks for evidence is not done by a word. Where somebody checks, "done" is only their word (or that of
    who conducts). A checker who is the doer is told so once, and may go on knowingly.
    """
    if asks_evidence and not has_evidence:
        return "evidence_needed"
    if (checker is None and not asks_evidence) or runs:
        return Status.DONE
    if checker is None or mover != checker:
        return Status.REVIEW
    if checker == owner and not own_check_accepted:
        return "own_check"
    return Status.DONE


def status_for_want_of_owner(status: str, owner: int | None, party: int | None) -> str:
    """Nobody to ask makes an open task unclear; a party that is asked is somebody."""
    return Status.DRAFT if status == Status.OPEN and owner is None and party is None else status
