"""Deadlocks: opened, worded by each side, decided, opened again."""

from typing import Any

from sqlmodel import Session, col, select

from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.domain.permissions import is_named, may_state_position, require_conductor
from tracker.services.access.loading import visible_tasks
from tracker.services.ground.directory import directory_of
from tracker.services.integrations.deadlocks import (
    DeadlockInput,
    decide,
    edit_deadlock,
    find_deadlock,
    open_deadlock,
    reopen_deadlock,
    sides_of,
    state_position,
    tasks_of_deadlock,
)
from tracker.services.integrations.passports import integrations_of
from tracker.services.people.parties import parties_of
from tracker.tables import Deadlock, Task
from tracker.web.http.forms import day_of, form_page, id_of, people_choices, sent, typed, word_choices
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, see_other
from tracker.web.http.routes import get, post

TEXTS = ("title", "kind")
FIELDS = (*TEXTS, "integration", "decider", "decide_by", "numbers")


@get("/projects/{key:str}/deadlocks/new", guard=Guard.CONDUCTOR)
def new_deadlock(ask: Ask, key: str) -> Answer:
    fresh = {"kind": "contradiction", "integration": ask.query.get("integration", "")}
    return _form(ask, None, {**dict.fromkeys(FIELDS, ""), **fresh, "numbers": ask.query.get("task", "")})


@post("/projects/{key:str}/deadlocks", guard=Guard.CONDUCTOR, once=True)
def create(ask: Ask, key: str) -> Answer:
    form = ask.form
    try:
        with ask.writing() as session:
            given = DeadlockInput(
                form.text("title"),
                form.text("kind"),
                id_of(form, "integration"),
                id_of(form, "decider"),
                day_of(form, "decide_by", ask.today),
                _tasks(ask, session),
                form.numbers("parties"),
            )
            made = open_deadlock(session, ask.actor, ask.project.id, given, now=ask.now)
    except Invalid as error:
        return _form(ask, None, {**typed(form, *FIELDS), "parties": form.texts("parties")}, error)
    return _back(ask, made.id, ask.gettext("The deadlock is open. Write down what each side holds."))


@get("/projects/{key:str}/deadlocks/{deadlock_id:int}", guard=Guard.MEMBER)
def deadlock(ask: Ask, key: str, deadlock_id: int) -> Answer:
    return _page(ask, deadlock_id)


@get("/deadlocks/{deadlock_id:int}/edit", guard=Guard.OBJECT)
def edit_form(ask: Ask, deadlock_id: int) -> Answer:
    with ask.reading() as session:
        one = _enter(ask, session, deadlock_id)
        require_conductor(ask.standing)
        numbers = select(Task.number).where(col(Task.id).in_(tasks_of_deadlock(session, one.id)))
        values = {
            "title": one.title, "kind": one.kind, "integration": one.integration_id or "",
            "decider": one.decider_id or "", "decide_by": one.decide_by.isoformat() if one.decide_by else "",
            "numbers": ", ".join(map(str, session.exec(numbers))),
            "parties": [str(side.party_id) for side in sides_of(session, one.id)],
        }  # fmt: skip
    return _form(ask, one, values)


@post("/deadlocks/{deadlock_id:int}/edit", guard=Guard.OBJECT)
def edit(ask: Ask, deadlock_id: int) -> Answer:
    form = ask.form
    with ask.reading() as session:
        one = _enter(ask, session, deadlock_id)
    try:
        with ask.writing() as session:
            changes: dict[str, Any] = sent(form, TEXTS)
            changes |= {name: id_of(form, name) for name in ("integration", "decider") if name in form}
            if "decide_by" in form:
                changes["decide_by"] = day_of(form, "decide_by", ask.today)
            if "numbers" in form:
                changes |= {"tasks": _tasks(ask, session), "parties": form.numbers("parties")}
            edit_deadlock(session, ask.actor, deadlock_id, form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _form(ask, one, {**typed(form, *FIELDS), "parties": form.texts("parties")}, error)
    return _back(ask, deadlock_id, ask.gettext("Saved."))


@post("/deadlocks/{deadlock_id:int}/position", guard=Guard.OBJECT)
def position(ask: Ask, deadlock_id: int) -> Answer:
    with ask.reading() as session:
        _enter(ask, session, deadlock_id)
    party = ask.form.number("party") or 0
    try:
        with ask.writing() as session:
            state_position(session, ask.actor, deadlock_id, party, ask.form.text("position"), now=ask.now)
    except Invalid as error:
        return _page(ask, deadlock_id, error, f"position-{party}")
    return _back(ask, deadlock_id, ask.gettext("Noted."))


@post("/deadlocks/{deadlock_id:int}/decide", guard=Guard.OBJECT)
def decided(ask: Ask, deadlock_id: int) -> Answer:
    with ask.reading() as session:
        _enter(ask, session, deadlock_id)
    try:
        with ask.writing() as session:
            actor = ask.on_behalf(id_of(ask.form, "behalf"))
            decide(session, actor, deadlock_id, ask.form.text("decision"), now=ask.now)
    except Invalid as error:
        return _page(ask, deadlock_id, error, "decide")
    return _back(ask, deadlock_id, ask.gettext("Decided. What it held back goes on."))


@post("/deadlocks/{deadlock_id:int}/reopen", guard=Guard.OBJECT)
def reopened(ask: Ask, deadlock_id: int) -> Answer:
    with ask.writing() as session:
        _enter(ask, session, deadlock_id)
        reopen_deadlock(session, ask.actor, deadlock_id, now=ask.now)
    return _back(ask, deadlock_id, ask.gettext("Open again; the words stay."))


def _enter(ask: Ask, session: Session, deadlock_id: int) -> Deadlock:
    return ask.into(session, find_deadlock(session, ask.actor, deadlock_id))


def _tasks(ask: Ask, session: Session) -> list[int]:
    """«17, 21»: numbers of this project's tasks."""
    numbers = [
        int(part)
        for part in ask.form.text("numbers").replace("№", " ").replace(",", " ").split()
        if part.isascii() and part.isdigit() and len(part) < 10
    ]
    query = select(Task.id).where(Task.project_id == ask.project.id, col(Task.number).in_(numbers))
    found = list(session.exec(query.order_by(col(Task.number))))
    if len(found) != len(set(numbers)):
        raise Invalid(FieldError("numbers", "unknown"))
    return found


def _page(ask: Ask, deadlock_id: int, error: Invalid | None = None, opened: str = "") -> Answer:
    with ask.reading() as session:
        one = _enter(ask, session, deadlock_id)
        if error and one.decided_at:
            raise error  # the page has no form any more that could say it
        mine, me = ask.standing, ask.signed_in.person_id
        blocked = select(Task).where(col(Task.id).in_(tasks_of_deadlock(session, one.id)), visible_tasks(mine))
        context: dict[str, Any] = {
            "one": one,
            "names": directory_of(session, ask.project.id),
            "sides": [(side, may_state_position(mine, side.party_id)) for side in sides_of(session, one.id)],
            "tasks": list(session.exec(blocked.order_by(col(Task.number)))),
            "may_decide": mine.runs or is_named(mine, me, one.decider_id),
            "people": people_choices(session, mine) if mine.runs else [],
        }
    values = typed(ask.form) if error else {"position": "", "decision": one.decision}
    return form_page(
        ask, "deadlocks/page.html", values, error=error, of="deadlock", opened=opened, runs=mine.runs, **context
    )


def _form(ask: Ask, one: Deadlock | None, values: dict[str, Any], error: Invalid | Conflict | None = None) -> Answer:
    with ask.reading() as session:
        mine = ask.standing
        choices: dict[str, Any] = {
            "people": people_choices(session, mine),
            "parties": [(str(row.id), row.name) for row in parties_of(session, mine)],
            "joints": [(str(row.id), row.name) for row in integrations_of(session, mine)],
            "kinds": word_choices(ask, "deadlock"),
        }
    return form_page(
        ask,
        "deadlocks/edit.html",
        {"parties": [], **values},
        error=error,
        version=one.version if one else None,
        of="deadlock",
        one=one,
        **choices,
    )


def _back(ask: Ask, deadlock_id: int, said: str) -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/deadlocks/{deadlock_id}", said)


ROUTES = [new_deadlock, create, deadlock, edit_form, edit, position, decided, reopened]
