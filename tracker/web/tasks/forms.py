"""A task's fields between form and verb: what was typed becomes typed values, and values become what is typed."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from tracker.domain.dates import date_of
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.terms import Role, WaitKind
from tracker.services.ground.directory import directory_of
from tracker.services.ground.search import normalise
from tracker.services.people.memberships import members_of
from tracker.services.tasks.editing import Changed
from tracker.services.tasks.fields import BY_NAME, FIELDS, Input, WaitInput, column_of
from tracker.services.tasks.waiting import waiting_of
from tracker.tables import Task
from tracker.web.http.request import Ask, Form, number_of

NAMED = tuple(one.name for one in FIELDS if one.on_forms)
OUTSIDE = "outside"


class Option(NamedTuple):
    value: str
    text: str
    group: str = ""


class Options(NamedTuple):
    """What the selects of a project offer. `waits`: persons, parties and something outside, as one list."""

    people: list[Option]
    parties: list[Option]
    integrations: list[Option]
    waits: list[Option]


def options_of(ask: Ask, session: Session) -> Options:
    members = [one for one in members_of(session, ask.standing) if one.role != Role.OBSERVER]
    directory = directory_of(session, ask.project.id)
    people = [Option(str(one.person_id), one.name, one.party or "") for one in members]
    parties = [Option(str(one), name) for one, name in directory.parties.items()]
    waits = [
        *(Option(f"person:{one.value}", one.text, one.group) for one in people),
        *(Option(f"party:{one.value}", one.text, ask.gettext("A party")) for one in parties),
        Option(OUTSIDE, ask.gettext("something outside"), ask.gettext("Other")),
        Option("task", ask.gettext("another task, by its number"), ask.gettext("Other")),
    ]
    joints = [Option(str(one), name) for one, name in directory.integrations.items()]
    return Options(people, parties, joints, waits)


def typed_of(task: Task) -> dict[str, str]:
    """The task as its form shows it: every field as text."""
    typed = {name: _as_text(getattr(task, column_of(name))) for name in NAMED if name != "waiting"}
    return {**typed, **_wait_as_text(waiting_of(task))}


def typed_before(changed: Changed, allowed: Collection[str] | None) -> dict[str, str]:
    """The form as it was, of the fields that have changed. `allowed`: those that this person may set (None: all)."""
    typed: dict[str, str] = {}
    for name in NAMED:
        if name in changed.before and (allowed is None or name in allowed):
            was = changed.before[name]
            typed |= _wait_as_text(was) if name == "waiting" else {name: _as_text(was)}
    return typed


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _wait_as_text(wait: WaitInput | None) -> dict[str, str]:
    if wait is None:
        return {"waiting": "", "waiting_note": ""}
    target = {WaitKind.PERSON: wait.person_id, WaitKind.PARTY: wait.party_id, WaitKind.TASK: wait.task_id}.get(
        wait.kind
    )
    return {"waiting": OUTSIDE if target is None else f"{wait.kind}:{target}", "waiting_note": wait.note}


def changes_of(session: Session, form: Form, project_id: int, today: date) -> dict[str, Any]:
    """The fields that the form names, as the verbs take them. Raises Invalid for what can't be read."""
    found: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for name in NAMED:
        if name not in form:
            continue
        text = form.text(name)
        try:
            found[name] = _value(session, form, name, text, project_id, today)
        except Invalid as error:
            wrong += error.errors
    if wrong:
        raise Invalid(*wrong)
    return found


def _value(session: Session, form: Form, name: str, text: str, project_id: int, today: date) -> Any:
    match BY_NAME[name].input:
        case Input.DAY:
            return _day(name, text, today)
        case Input.PERSON:
            return _person(session, name, text.strip(), project_id)
        case Input.PARTY | Input.INTEGRATION:
            return _id(name, text.strip())
        case Input.WAIT:
            return _wait(session, form, text.strip(), project_id)
        case Input.YES:
            return text in ("1", "on", "true")
        case Input.WORD:
            return text.strip()
    return text


def _day(name: str, text: str, today: date) -> date | None:
    """2026-11-27 of a date field, or «к пятнице» of a hand."""
    if not text.strip():
        return None
    found = date_of(text, today)
    if found is None:
        raise Invalid(FieldError(name, "not_a_date"))
    return found


def _id(name: str, text: str) -> int | None:
    if not text:
        return None
    number = number_of(text)
    if number is None:
        raise Invalid(FieldError(name, "unknown"))
    return number


def _person(session: Session, name: str, text: str, project_id: int) -> int | None:
    """An id, or a name that only one member has."""
    if not text or (text.isascii() and text.isdigit()):
        return _id(name, text)
    known = directory_of(session, project_id).persons
    same = [one for one, known_name in known.items() if normalise(known_name) == normalise(text)]
    if len(same) != 1:
        raise Invalid(FieldError(name, "not_a_member"))
    return same[0]


def _wait(session: Session, form: Form, text: str, project_id: int) -> WaitInput | None:
    """«person:3», «party:2», «task:17» (an id), «task» with the number in `waiting_task`, «outside», or nothing."""
    if not text:
        return None
    kind, _, target = text.partition(":")
    note = form.text("waiting_note")
    if kind == OUTSIDE:
        return WaitInput(WaitKind.OUTSIDE, note=note)
    if kind == WaitKind.TASK and not target:
        number = form.number("waiting_task")
        found = session.exec(
            select(Task.id).where(col(Task.project_id) == project_id, col(Task.number) == (number or 0))
        ).first()
        if found is None:
            raise Invalid(FieldError("waiting", "unknown"))
        return WaitInput(WaitKind.TASK, task_id=found, note=note)
    one = _id("waiting", target)
    if kind == WaitKind.PERSON:
        return WaitInput(WaitKind.PERSON, person_id=one, note=note)
    if kind == WaitKind.PARTY:
        return WaitInput(WaitKind.PARTY, party_id=one, note=note)
    if kind == WaitKind.TASK:
        return WaitInput(WaitKind.TASK, task_id=one, note=note)
    raise Invalid(FieldError("waiting", "unknown_choice"))
