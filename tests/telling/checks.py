"""The results of a check as stories tell them: a name each."""

from datetime import datetime

from sqlmodel import Session

from tracker.domain.terms import CheckResult
from tracker.services.ground.journal import Actor
from tracker.services.integrations.checks import CheckFinding, give_result
from tracker.tables import Check


def pass_check(
    session: Session,
    actor: Actor,
    check_id: int,
    *,
    url: str = "",
    upload_id: int | None = None,
    caption: str = "",
    now: datetime,
) -> Check:
    given = CheckFinding(CheckResult.PASSED, url=url, upload_id=upload_id, caption=caption)
    return give_result(session, actor, check_id, given, now=now)


def fail_check(session: Session, actor: Actor, check_id: int, reason: str, *, now: datetime) -> Check:
    return give_result(session, actor, check_id, CheckFinding(CheckResult.FAILED, reason), now=now)


def skip_check(session: Session, actor: Actor, check_id: int, reason: str, *, now: datetime) -> Check:
    return give_result(session, actor, check_id, CheckFinding(CheckResult.NOT_APPLICABLE, reason), now=now)


def waive_check(session: Session, actor: Actor, check_id: int, reason: str, *, now: datetime) -> Check:
    return give_result(session, actor, check_id, CheckFinding(CheckResult.WAIVED, reason), now=now)


def reset_check(session: Session, actor: Actor, check_id: int, *, now: datetime) -> Check:
    return give_result(session, actor, check_id, CheckFinding(CheckResult.PENDING), now=now)
