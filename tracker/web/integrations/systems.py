"""Systems: what is joined, whose it is and which version runs. They are listed with the integrations."""

from typing import Any

from sqlmodel import Session

from tracker.domain.errors import Conflict, Invalid
from tracker.domain.permissions import require_conductor
from tracker.services.integrations.systems import (
    SystemInput,
    archive_system,
    create_system,
    edit_system,
    find_system,
    restore_system,
)
from tracker.services.people.parties import parties_of
from tracker.tables import System
from tracker.web.http.forms import form_page, id_of, sent, typed
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, see_other
from tracker.web.http.routes import get, post

TEXTS = ("name", "kind", "current_version", "note")
FIELDS = (*TEXTS, "owner_party")


@get("/projects/{key:str}/systems/new", guard=Guard.CONDUCTOR)
def new_system(ask: Ask, key: str) -> Answer:
    return _form(ask, None, dict.fromkeys(FIELDS, ""))


@post("/projects/{key:str}/systems", guard=Guard.CONDUCTOR, once=True)
def create(ask: Ask, key: str) -> Answer:
    try:
        given = SystemInput(**typed(ask.form, *TEXTS), owner_party=id_of(ask.form, "owner_party"))
        with ask.writing() as session:
            system = create_system(session, ask.actor, ask.project.id, given, now=ask.now)
    except Invalid as error:
        return _form(ask, None, typed(ask.form, *FIELDS), error)
    return _back(ask, ask.gettext("{name} is here.", name=system.name))


@get("/systems/{system_id:int}/edit", guard=Guard.OBJECT)
def edit_form(ask: Ask, system_id: int) -> Answer:
    with ask.reading() as session:
        one = enter(ask, session, system_id)
    require_conductor(ask.standing)
    values = {**{name: getattr(one, name) for name in TEXTS}, "owner_party": one.owner_party_id or ""}
    return _form(ask, one, values)


@post("/systems/{system_id:int}/edit", guard=Guard.OBJECT)
def edit(ask: Ask, system_id: int) -> Answer:
    with ask.reading() as session:
        one = enter(ask, session, system_id)
    try:
        changes: dict[str, Any] = sent(ask.form, TEXTS)
        if "owner_party" in ask.form:
            changes["owner_party"] = id_of(ask.form, "owner_party")
        with ask.writing() as session:
            edit_system(session, ask.actor, system_id, ask.form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _form(ask, one, typed(ask.form, *FIELDS), error)
    return _back(ask, ask.gettext("Saved."))


@post("/systems/{system_id:int}/archive", guard=Guard.OBJECT)
def archive(ask: Ask, system_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, system_id)
        one = archive_system(session, ask.actor, system_id, now=ask.now)
    return _back(ask, ask.gettext("{name} is put away.", name=one.name))


@post("/systems/{system_id:int}/restore", guard=Guard.OBJECT)
def restore(ask: Ask, system_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, system_id)
        one = restore_system(session, ask.actor, system_id, now=ask.now)
    return _back(ask, ask.gettext("{name} is back.", name=one.name))


def enter(ask: Ask, session: Session, system_id: int) -> System:
    return ask.into(session, find_system(session, ask.actor, system_id))


def _form(ask: Ask, one: System | None, values: dict[str, Any], error: Invalid | Conflict | None = None) -> Answer:
    with ask.reading() as session:
        parties = [(str(row.id), row.name) for row in parties_of(session, ask.standing)]
    return form_page(
        ask,
        "integrations/system.html",
        values,
        error=error,
        version=one.version if one else None,
        of="system",
        one=one,
        parties=parties,
    )


def _back(ask: Ask, said: str) -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/integrations", said)


ROUTES = [new_system, create, edit_form, edit, archive, restore]
