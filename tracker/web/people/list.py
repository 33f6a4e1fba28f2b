"""People and channels of a project: who takes part, for which party, how they are reached; and one of them in full."""

import io
from typing import Any

import segno
from sqlmodel import Session

from tracker.domain.errors import Conflict, FieldError, Invalid, Refused
from tracker.domain.terms import Role, Scope
from tracker.services.access.persons import find_person
from tracker.services.access.tokens import revoke, tokens_of
from tracker.services.channels.invitations import invite
from tracker.services.ground.directory import directory_of
from tracker.services.people.absences import absences_of, add_absence, remove_absence
from tracker.services.people.contacts import channels_of
from tracker.services.people.memberships import (
    Place,
    add_member,
    edit_member,
    find_member,
    former_members,
    members_of,
    remove_member,
    restore_member,
)
from tracker.services.people.parties import parties_of
from tracker.services.people.pauses import end_pause, pause, paused_through
from tracker.services.people.persons import PersonInput, edit_person, mark_knows_bot
from tracker.web.http.forms import ZONES, day_of, form_page, id_of, people_choices, sent, typed, word_choices
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.web.people.forms import changes_of, typed_values, values_of, weekday_choices
from tracker.web.people.projects import COUNTRIES
from tracker.wording.refusals import sentence

PLACE = ("role", "party", "can_decide", "why")
NEW = ("name", "email", "phone", "salutation", "timezone", "language", "is_role", "knows_bot", *PLACE)


@get("/projects/{key:str}/people", guard=Guard.MEMBER)
def people(ask: Ask, key: str) -> Answer:
    with ask.reading() as session:
        members = members_of(session, ask.standing)
        channels = channels_of(session, ask.standing, today=ask.today)
        parties = parties_of(session, ask.standing, archived=True)
        former = former_members(session, ask.standing) if ask.standing.runs else []
    living = [one for one in parties if one.archived_at is None]
    groups = [(party, [one for one in members if one.party_id == party.id]) for party in living]
    alone = [one for one in members if one.party_id not in {party.id for party in living}]
    names = {one.person_id: one.name for one in members}
    unreached = [
        one
        for one in members
        if one.role not in (Role.CONDUCTOR, Role.OBSERVER)
        and (found := channels.get(one.person_id)) is not None
        and (found.is_broken or found.is_mute)
    ]
    return page(
        ask,
        "people/list.html",
        groups=[*groups, *([(None, alone)] if alone else [])],
        channels=channels,
        names=names,
        away=[one for one in parties if one.archived_at is not None],
        count=len(members),
        unreached=unreached,
        former=former,
    )


@get("/projects/{key:str}/people/new", guard=Guard.CONDUCTOR)
def new_person(ask: Ask, key: str) -> Answer:
    fresh = {
        "timezone": ask.project.timezone,
        "language": ask.project.language,
        "role": Role.CONTRIBUTOR,
        "party": ask.query.get("party", ""),
    }
    return _new(ask, {name: fresh.get(name, "") for name in NEW})


@post("/projects/{key:str}/people", guard=Guard.CONDUCTOR, once=True)
def add(ask: Ask, key: str) -> Answer:
    form = ask.form
    try:
        given = PersonInput(
            form.text("name"),
            form.text("email") or None,
            form.text("phone") or None,
            form.text("salutation"),
            form.text("language", ask.project.language),
            form.text("timezone", ask.project.timezone),
            form.text("is_role") == "1",
            form.text("knows_bot") == "1",
        )
        place = Place(
            form.text("role", Role.CONTRIBUTOR), id_of(form, "party"), form.text("can_decide") == "1", form.text("why")
        )
        with ask.writing() as session:
            person = add_member(session, ask.actor, ask.project.id, given, place, now=ask.now)
    except Invalid as error:
        return _new(ask, typed(form, *NEW), error)
    said = ask.gettext("{name} takes part.", name=person.name)
    return see_other(ask, f"/projects/{ask.project.key}/people/{person.id}", said)


def _new(ask: Ask, values: dict[str, Any], error: Invalid | None = None) -> Answer:
    with ask.reading() as session:
        parties = [(str(one.id), one.name) for one in parties_of(session, ask.standing)]
    return form_page(
        ask, "people/new.html", values, error=error, parties=parties, roles=word_choices(ask, "role"), zones=ZONES
    )


@get("/projects/{key:str}/people/{person_id:int}", guard=Guard.MEMBER)
def person(ask: Ask, key: str, person_id: int) -> Answer:
    return _person(ask, person_id)


def _person(
    ask: Ask,
    person_id: int,
    *,
    values: dict[str, Any] | None = None,
    error: Invalid | Conflict | None = None,
    opened: str = "",
    **context: Any,
) -> Answer:
    with ask.reading() as session:
        _, row = find_member(session, ask.actor, ask.project.id, person_id)
        seen = find_person(session, ask.actor, person_id)
        place = {"role": row.role, "party": row.party_id or "", "can_decide": "1" if row.can_decide else "",
                 "why": row.why}  # fmt: skip
        runs, parties = ask.standing.runs, parties_of(session, ask.standing)
        facts: dict[str, Any] = {
            "one": seen.person, "row": row, "seen": seen, "runs": runs,
            "reach": channels_of(session, ask.standing, today=ask.today).get(person_id),
            "absences": absences_of(session, ask.actor, person_id, since=ask.today),
            "tokens": [one for one in tokens_of(session, ask.actor, person_id, now=ask.now) if one.scope != Scope.API],
            "parties": [(str(one.id), one.name) for one in parties],
            "party": next((one.name for one in parties if one.id == row.party_id), ""),
            "people": people_choices(session, ask.standing) if runs else [],
            "deputy": directory_of(session, ask.project.id).person(seen.person.deputy_id),
        }  # fmt: skip
        paused = paused_through(seen.person, ask.now)
    known = {**values_of(seen.person), **place, "first": "", "last": "", "note": "",
             "paused_until": paused.isoformat() if paused else ""}  # fmt: skip
    return form_page(
        ask,
        "people/page.html",
        {**known, **(values or {})},
        error=error,
        version=seen.person.version,
        of="person",
        roles=word_choices(ask, "role"),
        zones=ZONES,
        countries=COUNTRIES,
        weekdays=weekday_choices(ask),
        opened=opened,
        **{"invitation": None, "qr": "", **facts, **context},
    )


@post("/projects/{key:str}/people/{person_id:int}/place", guard=Guard.CONDUCTOR)
def save_place(ask: Ask, key: str, person_id: int) -> Answer:
    try:
        changes: dict[str, Any] = sent(ask.form, ("role", "why"))
        if "party" in ask.form:
            changes["party"] = id_of(ask.form, "party")
        changes["can_decide"] = ask.form.text("can_decide") == "1"
        with ask.writing() as session:
            edit_member(session, ask.actor, ask.project.id, person_id, changes, now=ask.now)
    except Invalid as error:
        return _person(ask, person_id, values=typed(ask.form, *PLACE), error=error, opened="place")
    return _back(ask, person_id, ask.gettext("Saved."))


@post("/projects/{key:str}/people/{person_id:int}/edit", guard=Guard.CONDUCTOR)
def save_person(ask: Ask, key: str, person_id: int) -> Answer:
    try:
        changes = changes_of(ask.form)
        with ask.writing() as session:
            find_member(session, ask.actor, ask.project.id, person_id)
            edit_person(session, ask.actor, person_id, ask.form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _person(ask, person_id, values=typed_values(ask.form), error=error, opened="edit")
    return _back(ask, person_id, ask.gettext("Saved."))


@post("/projects/{key:str}/people/{person_id:int}/knows-bot", guard=Guard.CONDUCTOR)
def save_knows_bot(ask: Ask, key: str, person_id: int) -> Answer:
    with ask.writing() as session:
        find_member(session, ask.actor, ask.project.id, person_id)
        mark_knows_bot(session, ask.actor, person_id, ask.form.text("knows_bot") == "1", now=ask.now)
    return _back(ask, person_id, ask.gettext("Saved."))


@post("/projects/{key:str}/people/{person_id:int}/invite", guard=Guard.CONDUCTOR)
def invite_person(ask: Ask, key: str, person_id: int) -> Answer:
    """The new links are shown here and now, and never again: so the answer is the page, not a redirect."""
    settings = ask.running.settings
    with ask.writing() as session:
        made = invite(
            session, ask.actor, ask.project.id, person_id, key=settings.key, public_url=settings.public_url, now=ask.now
        )
    answer = _person(ask, person_id, invitation=made, qr=_qr(made.telegram_url or made.my_url))
    answer.headers["cache-control"] = "no-store"
    return answer


def _qr(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2)
    return drawn.getvalue().decode()


@post("/projects/{key:str}/people/{person_id:int}/tokens/{token_id:int}/revoke", guard=Guard.CONDUCTOR)
def revoke_token(ask: Ask, key: str, person_id: int, token_id: int) -> Answer:
    with ask.writing() as session:
        find_member(session, ask.actor, ask.project.id, person_id)
        revoke(session, ask.actor, token_id, now=ask.now)
    return _back(ask, person_id, ask.gettext("The address is withdrawn."))


@post("/projects/{key:str}/people/{person_id:int}/absences", guard=Guard.CONDUCTOR, once=True)
def plan_absence(ask: Ask, key: str, person_id: int) -> Answer:
    try:
        with ask.writing() as session:
            find_member(session, ask.actor, ask.project.id, person_id)
            keep_absence(ask, session, person_id)
    except Invalid as error:
        return _person(ask, person_id, values=typed(ask.form, "first", "last", "note"), error=error, opened="away")
    return _back(ask, person_id, ask.gettext("Noted."))


def keep_absence(ask: Ask, session: Session, person_id: int) -> None:
    """The days of the form; without a last one it is one day."""
    first = day_of(ask.form, "first", ask.today)
    if first is None:
        raise Invalid(FieldError("first", "required"))
    last = day_of(ask.form, "last", ask.today) or first
    add_absence(session, ask.actor, person_id, first, last, note=ask.form.text("note"), now=ask.now)


@post("/projects/{key:str}/people/{person_id:int}/absences/{absence_id:int}/remove", guard=Guard.CONDUCTOR)
def cancel_absence(ask: Ask, key: str, person_id: int, absence_id: int) -> Answer:
    with ask.writing() as session:
        find_member(session, ask.actor, ask.project.id, person_id)
        remove_absence(session, ask.actor, absence_id, now=ask.now)
    return _back(ask, person_id, ask.gettext("Saved."))


@post("/projects/{key:str}/people/{person_id:int}/pause", guard=Guard.CONDUCTOR)
def note_pause(ask: Ask, key: str, person_id: int) -> Answer:
    """What the person asked for by phone, in their words; without a day the pause is over."""
    try:
        through = day_of(ask.form, "paused_until", ask.today)
        with ask.writing() as session:
            find_member(session, ask.actor, ask.project.id, person_id)
            if through is None:
                end_pause(session, ask.actor, person_id, now=ask.now)
            else:
                pause(session, ask.actor, person_id, through, now=ask.now)
    except Invalid as error:
        return _person(ask, person_id, values=typed(ask.form, "paused_until"), error=error, opened="pause")
    return _back(ask, person_id, ask.gettext("Noted."))


@post("/projects/{key:str}/people/{person_id:int}/remove", guard=Guard.CONDUCTOR)
def remove(ask: Ask, key: str, person_id: int) -> Answer:
    """Out of the project; refused while work is in their hands, and that work is shown with its links."""
    try:
        with ask.writing() as session:
            remove_member(session, ask.actor, ask.project.id, person_id, now=ask.now)
    except Refused as error:
        return page(
            ask,
            "people/held.html",
            status=409,
            text=sentence(ask.language, error),
            missing=error.missing,
            person_id=person_id,
        )
    return see_other(
        ask, f"/projects/{ask.project.key}/people", ask.gettext("The place in the project has come to its end.")
    )


@post("/projects/{key:str}/people/{person_id:int}/restore", guard=Guard.CONDUCTOR)
def restore(ask: Ask, key: str, person_id: int) -> Answer:
    with ask.writing() as session:
        found = restore_member(session, ask.actor, ask.project.id, person_id, now=ask.now)
    return _back(ask, person_id, ask.gettext("{name} takes part.", name=found.name))


def _back(ask: Ask, person_id: int, said: str) -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/people/{person_id}", said)


ROUTES = [
    people, new_person, add, person, save_place, save_person, save_knows_bot, invite_person, revoke_token,
    plan_absence, cancel_absence, note_pause, remove, restore,
]  # fmt: skip
