"""Parties: brought in, changed, put away. They are listed with their people (`web.people`)."""

from typing import Any

from sqlmodel import Session

from tracker.domain.errors import Conflict, Invalid, Refused
from tracker.domain.permissions import require_conductor
from tracker.services.people.parties import (
    PartyInput,
    archive_party,
    create_party,
    edit_party,
    find_party,
    restore_party,
)
from tracker.tables import Party
from tracker.web.http.forms import form_page, id_of, people_choices, sent, typed, word_choices
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.web.podium.ledger import in_short
from tracker.wording.refusals import sentence

FIELDS = ("name", "kind", "lead", "note")


@get("/projects/{key:str}/parties/new", guard=Guard.CONDUCTOR)
def new_party(ask: Ask, key: str) -> Answer:
    return _form(ask, None, {"kind": "contractor"})


@post("/projects/{key:str}/parties", guard=Guard.CONDUCTOR, once=True)
def create(ask: Ask, key: str) -> Answer:
    try:
        given = PartyInput(ask.form.text("name"), ask.form.text("kind"), id_of(ask.form, "lead"), ask.form.text("note"))
        with ask.writing() as session:
            party = create_party(session, ask.actor, ask.project.id, given, now=ask.now)
    except Invalid as error:
        return _form(ask, None, typed(ask.form, *FIELDS), error)
    return _back(ask, ask.gettext("{name} takes part.", name=party.name))


@get("/parties/{party_id:int}/edit", guard=Guard.OBJECT)
def edit_form(ask: Ask, party_id: int) -> Answer:
    with ask.reading() as session:
        party = enter(ask, session, party_id)
    require_conductor(ask.standing)
    values = {"name": party.name, "kind": party.kind, "lead": party.lead_id or "", "note": party.note}
    return _form(ask, party, values)


@post("/parties/{party_id:int}/edit", guard=Guard.OBJECT)
def edit(ask: Ask, party_id: int) -> Answer:
    with ask.reading() as session:
        party = enter(ask, session, party_id)
    try:
        changes: dict[str, Any] = sent(ask.form, FIELDS)
        if "lead" in changes:
            changes["lead"] = id_of(ask.form, "lead")
        with ask.writing() as session:
            edit_party(session, ask.actor, party_id, ask.form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _form(ask, party, typed(ask.form, *FIELDS), error)
    return _back(ask, ask.gettext("Saved."))


@post("/parties/{party_id:int}/archive", guard=Guard.OBJECT)
def archive(ask: Ask, party_id: int) -> Answer:
    with ask.reading() as session:
        enter(ask, session, party_id)
    try:
        with ask.writing() as session:
            party = archive_party(session, ask.actor, party_id, now=ask.now)
    except Refused as error:
        held = [str(one["person"]) for one in error.missing]
        text = sentence(ask.language, error)
        return page(
            ask, "error.html", status=409, title=ask.gettext("Not yet"), text=text, details=held, written=[], door=False
        )
    return _back(ask, ask.gettext("{name} is put away.", name=party.name))


@post("/parties/{party_id:int}/restore", guard=Guard.OBJECT)
def restore(ask: Ask, party_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, party_id)
        party = restore_party(session, ask.actor, party_id, now=ask.now)
    return _back(ask, ask.gettext("{name} is back.", name=party.name))


def enter(ask: Ask, session: Session, party_id: int) -> Party:
    return ask.into(session, find_party(session, ask.actor, party_id))


def _form(ask: Ask, party: Party | None, values: dict[str, Any], error: Invalid | Conflict | None = None) -> Answer:
    with ask.reading() as session:
        people = people_choices(session, ask.standing)
        waited = in_short(ask, session, party=party.id) if party else None
    return form_page(
        ask,
        "people/party.html",
        values,
        error=error,
        version=party.version if party else None,
        of="party",
        party=party,
        waited=waited,
        kinds=word_choices(ask, "party"),
        people=people,
    )


def _back(ask: Ask, said: str) -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/people", said)


ROUTES = [new_party, create, edit_form, edit, archive, restore]
