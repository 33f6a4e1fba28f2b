"""The acceptance list of an integration: its lines, and how each of them went."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from tracker.domain.errors import FieldError, Invalid, NotFound
from tracker.domain.permissions import Standing, may_record_check, require, require_conductor
from tracker.domain.terms import CheckResult, MemberWhy
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.journal import About, Actor, record
from tracker.services.ground.uploads import upload_named
from tracker.services.ground.versions import change, put_away, require_no_conflict
from tracker.services.integrations.check_evidence import evidence_of, is_shown, show
from tracker.services.integrations.members import join
from tracker.services.integrations.passports import find_integration
from tracker.services.integrations.signatures import lift_signatures
from tracker.tables import Check, Integration

MEANING = frozenset({"method", "expected"})
"""A result was given for these words: with other words it is a check still to be made."""


@dataclass(frozen=True)
class CheckInput:
    title: str
    section: str = ""
    plain_title: str = ""
    method: str = ""
    expected: str = ""
    required: bool = True
    tester: int | None = None


class SeenCheck(NamedTuple):
    check: Check
    integration: Integration
    standing: Standing


def find_check(session: Session, actor: Actor, check_id: int, *, lock: bool = False) -> SeenCheck:
    """A check is seen by whoever sees its integration."""
    integration_id = session.exec(select(Check.integration_id).where(Check.id == check_id)).first()
    if integration_id is None:
        raise NotFound("check")
    try:
        # The integration is locked first, here as everywhere: a change of the list changes it too.
        integration, mine = find_integration(session, actor, integration_id, lock=lock)
    except NotFound:
        raise NotFound("check") from None
    query = select(Check).where(Check.id == check_id)
    check = session.exec(query.with_for_update() if lock else query).one()
    return SeenCheck(check, integration, mine)


def checks_of(session: Session, integration_id: int) -> list[Check]:
    """The list as it stands, in its order."""
    query = (
        select(Check)
        .where(Check.integration_id == integration_id, col(Check.archived_at).is_(None))
        .order_by(col(Check.position), col(Check.id))
    )
    return list(session.exec(query))


def add_check(session: Session, actor: Actor, integration_id: int, given: CheckInput, *, now: datetime) -> Check:
    return add_checks(session, actor, integration_id, [given], now=now)[0]


def add_checks(
    session: Session, actor: Actor, integration_id: int, given: Sequence[CheckInput], *, now: datetime
) -> list[Check]:
    """Lines at the end of the list."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    last = session.exec(select(func.max(Check.position)).where(Check.integration_id == integration.id)).one()
    added: list[Check] = []
    for place, one in enumerate(given, start=(last or 0) + 1):
        values = _clean(session, integration.project_id, vars(one))
        check = Check(integration_id=integration.id, position=place, created_at=now, updated_at=now, **values)
        session.add(check)
        session.flush()
        record(
            session,
            actor,
            "check.created",
            About("check", check.id, integration.project_id),
            now=now,
            title=check.title,
            version=1,
        )
        _admit_tester(session, actor, integration, check, now)
        added.append(check)
    if added:
        _list_changed(session, actor, integration, now)
    return added


def edit_check(
    session: Session, actor: Actor, check_id: int, version: int | None, changes: Mapping[str, Any], *, now: datetime
) -> Check:
    """`changes`: section, title, plain_title, method, expected, required, tester."""
    check, integration, mine = find_check(session, actor, check_id, lock=True)
    require_conductor(mine)
    values = _clean(session, integration.project_id, changes)
    require_no_conflict(session, "check", check, version, values)
    if any(name in MEANING and getattr(check, name) != value for name, value in values.items()):
        values |= _untested()
    if change(session, actor, check, values, "check.changed", now, project_id=integration.project_id):
        _admit_tester(session, actor, integration, check, now)
        _list_changed(session, actor, integration, now)
    return check


def archive_check(session: Session, actor: Actor, check_id: int, *, now: datetime) -> Check:
    """Take a line out of the list."""
    check, integration, mine = find_check(session, actor, check_id, lock=True)
    require_conductor(mine)
    if put_away(session, actor, check, now, project_id=integration.project_id):
        _list_changed(session, actor, integration, now)
    return check


class CheckFinding(NamedTuple):
    """How a check went. `reason`: why not, or what was seen instead; the rest shows that it works: a link, the id of a
    stored file, and a line about it."""

    result: CheckResult
    reason: str = ""
    url: str = ""
    upload_id: int | None = None
    caption: str = ""


class _Recording(NamedTuple):
    """A result is being given."""

    session: Session
    actor: Actor
    seen: SeenCheck
    given: CheckFinding
    now: datetime


def give_result(session: Session, actor: Actor, check: int | SeenCheck, given: CheckFinding, *, now: datetime) -> Check:
    """Passed: works, and here is what shows it: a link, a stored file, or evidence that the check has already. Failed:
    does not work yet, and what was seen instead. Not applicable: and why; a required line stays open in the gate until
    it is made optional or waived. Waived: go without it; a named person takes that on, the accountable one or the
    conductor, in their own name. Pending: still to be made, after all; what was shown stays on the line.
    """
    seen = check if isinstance(check, SeenCheck) else find_check(session, actor, check, lock=True)
    require(may_record_check(seen.standing, seen.check.tester_id, seen.integration.accountable_id), "tester_only")
    require_voice(session, actor, seen.standing)
    if seen.check.archived_at is not None:
        raise NotFound("check")
    RESULTS[given.result](_Recording(session, actor, seen, given, now))
    return seen.check


def _pass(one: _Recording) -> None:
    session, check, given = one.session, one.seen.check, one.given
    errors: list[FieldError] = []
    clean = fields.link(errors, "evidence", given.url)
    words = fields.one_line(errors, "caption", given.caption)
    upload = upload_named(session, given.upload_id)
    shown = evidence_of(session, check.id)
    if not clean and upload is None and not shown:
        errors.append(FieldError("evidence", "required"))
    fields.refuse(errors)
    if not is_shown(session, shown, clean, upload):
        show(session, one.actor, check, one.seen.integration, clean, given.upload_id, words, one.now)
    _note(one)


def _explain(one: _Recording) -> None:
    """Failed, or not applicable."""
    _note(one, reason=_reason(one.given.reason))


def _waive(one: _Recording) -> None:
    mine, waived_by = one.seen.standing, one.actor.mover_id
    require(mine.runs or mine.person_id == one.seen.integration.accountable_id, "accountable_only")
    if waived_by is None:
        raise Invalid(FieldError("waived_by", "required"))
    _note(one, reason=_reason(one.given.reason), waived_by=waived_by)


def _reset(one: _Recording) -> None:
    project_id = one.seen.integration.project_id
    change(one.session, one.actor, one.seen.check, _untested(), "check.reset", one.now, project_id=project_id)


RESULTS: Mapping[CheckResult, Callable[[_Recording], None]] = {
    CheckResult.PASSED: _pass,
    CheckResult.FAILED: _explain,
    CheckResult.NOT_APPLICABLE: _explain,
    CheckResult.WAIVED: _waive,
    CheckResult.PENDING: _reset,
}


def _reason(text: str) -> str:
    errors: list[FieldError] = []
    clean = fields.long_text(errors, "reason", text, required=True)
    fields.refuse(errors)
    return clean


def _untested() -> dict[str, Any]:
    return {
        "result": str(CheckResult.PENDING),
        "result_at": None,
        "result_by_id": None,
        "reason": "",
        "waived_by_id": None,
    }


def _note(one: _Recording, *, reason: str = "", waived_by: int | None = None) -> None:
    check, result = one.seen.check, str(one.given.result)
    same = (check.result, check.reason, check.waived_by_id) == (result, reason, waived_by)
    if same and (result != CheckResult.PASSED or check.result_by_id == one.actor.mover_id):
        return
    values = {
        "result": result,
        "result_at": one.now,
        "result_by_id": one.actor.mover_id,
        "reason": reason,
        "waived_by_id": waived_by,
    }
    project_id = one.seen.integration.project_id
    change(one.session, one.actor, check, values, f"check.{result}", one.now, project_id=project_id)


def _clean(session: Session, project_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name in ("title", "section", "plain_title"):
            values[name] = fields.one_line(errors, name, value, required=name == "title")
        elif name in ("method", "expected"):
            values[name] = fields.long_text(errors, name, value)
        elif name == "required":
            values[name] = bool(value)
        elif name == "tester":
            values["tester_id"] = fields.member(session, errors, name, project_id, value)
        else:
            errors.append(FieldError(name, "unknown_field"))
    fields.refuse(errors)
    return values


def _admit_tester(session: Session, actor: Actor, integration: Integration, check: Check, now: datetime) -> None:
    if check.tester_id is not None:
        join(session, actor, integration, check.tester_id, MemberWhy.TESTER, now=now)


def _list_changed(session: Session, actor: Actor, integration: Integration, now: datetime) -> None:
    """Whoever agreed to the list or signed it did so for other words."""
    change(session, actor, integration, {"checks_agreed_at": None}, "integration.list_reopened", now)
    lift_signatures(session, actor, integration, now=now)
