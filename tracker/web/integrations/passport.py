"""Integrations and systems: the list, the passport with its two questions, changing, members, putting away."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.acceptance import BY_HAND, missing_to_launch, questions, readiness
from tracker.domain.deadlocks import is_late
from tracker.domain.errors import Conflict, Invalid
from tracker.domain.permissions import is_named, may_record_check, require_conductor
from tracker.services.facts.evidence import evidence_of_checks, letters_of
from tracker.services.ground.directory import directory_of
from tracker.services.integrations.checks import checks_of
from tracker.services.integrations.deadlocks import visible_deadlocks
from tracker.services.integrations.launch import facts_of_launch, facts_of_launches
from tracker.services.integrations.packs import packs
from tracker.services.integrations.passports import (
    IntegrationInput,
    archive_integration,
    create_integration,
    edit_integration,
    find_integration,
    integrations_of,
    restore_integration,
    set_systems,
)
from tracker.services.integrations.signatures import signatures_of, signers_of
from tracker.services.integrations.systems import systems_of
from tracker.services.register.filters import Filters
from tracker.services.register.page import register_page
from tracker.tables import Deadlock, Integration, IntegrationMember, IntegrationSystem
from tracker.web.http.forms import day_of, form_page, id_of, people_choices, sent, typed, word_choices
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.web.podium.ledger import in_short
from tracker.wording.refusals import missing_sentence

FIELDS = ("name", "purpose", "impact", "launch_on", "accountable", "state")


@get("/projects/{key:str}/integrations", guard=Guard.MEMBER)
def integrations(ask: Ask, key: str) -> Answer:
    with ask.reading() as session:
        found = integrations_of(session, ask.standing, archived=True)
        launches = facts_of_launches(session, ask.project.id, found)
        listed = [
            (one, readiness(launches[one.id]), questions(launches[one.id])) for one in found if one.archived_at is None
        ]
        systems = systems_of(session, ask.standing, archived=True)
        names = directory_of(session, ask.project.id)
    return page(
        ask,
        "integrations/list.html",
        listed=listed,
        away=[one for one in found if one.archived_at is not None],
        systems=[one for one in systems if one.archived_at is None],
        systems_away=[one for one in systems if one.archived_at is not None],
        names=names,
    )


@get("/projects/{key:str}/integrations/new", guard=Guard.CONDUCTOR)
def new_integration(ask: Ask, key: str) -> Answer:
    return _form(ask, None, dict.fromkeys(FIELDS, ""))


@post("/projects/{key:str}/integrations", guard=Guard.CONDUCTOR, once=True)
def create(ask: Ask, key: str) -> Answer:
    form = ask.form
    try:
        given = IntegrationInput(
            form.text("name"),
            form.text("purpose"),
            form.text("impact"),
            day_of(form, "launch_on", ask.today),
            id_of(form, "accountable"),
            form.numbers("systems"),
        )
        with ask.writing() as session:
            made = create_integration(session, ask.actor, ask.project.id, given, now=ask.now)
    except Invalid as error:
        return _form(ask, None, {**typed(form, *FIELDS), "systems": form.texts("systems")}, error)
    said = ask.gettext("{name} is here. Two questions stand on top of it.", name=made.name)
    return see_other(ask, f"/projects/{ask.project.key}/integrations/{made.id}", said)


@get("/integrations/{integration_id:int}/edit", guard=Guard.OBJECT)
def edit_form(ask: Ask, integration_id: int) -> Answer:
    with ask.reading() as session:
        one = enter(ask, session, integration_id)
        require_conductor(ask.standing)
        values = {
            "name": one.name, "purpose": one.purpose, "impact": one.impact, "state": one.state,
            "launch_on": one.launch_on.isoformat() if one.launch_on else "", "accountable": one.accountable_id or "",
            "systems": [str(system) for system in _systems_on(session, one.id)],
        }  # fmt: skip
    return _form(ask, one, values)


@post("/integrations/{integration_id:int}/edit", guard=Guard.OBJECT)
def edit(ask: Ask, integration_id: int) -> Answer:
    form = ask.form
    with ask.reading() as session:
        one = enter(ask, session, integration_id)
    try:
        changes: dict[str, Any] = sent(form, ("name", "purpose", "impact", "state"))
        if "launch_on" in form:
            changes["launch_on"] = day_of(form, "launch_on", ask.today)
        if "accountable" in form:
            changes["accountable"] = id_of(form, "accountable")
        with ask.writing() as session:
            edit_integration(session, ask.actor, integration_id, form.number("version"), changes, now=ask.now)
            if "has_systems" in form:
                set_systems(session, ask.actor, integration_id, form.numbers("systems"), now=ask.now)
    except (Invalid, Conflict) as error:
        return _form(ask, one, {**typed(form, *FIELDS), "systems": form.texts("systems")}, error)
    return back(ask, integration_id, ask.gettext("Saved."))


@post("/integrations/{integration_id:int}/archive", guard=Guard.OBJECT)
def archive(ask: Ask, integration_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, integration_id)
        one = archive_integration(session, ask.actor, integration_id, now=ask.now)
    return see_other(
        ask, f"/projects/{ask.project.key}/integrations", ask.gettext("{name} is put away.", name=one.name)
    )


@post("/integrations/{integration_id:int}/restore", guard=Guard.OBJECT)
def restore(ask: Ask, integration_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, integration_id)
        one = restore_integration(session, ask.actor, integration_id, now=ask.now)
    return back(ask, integration_id, ask.gettext("{name} is back.", name=one.name))


@get("/projects/{key:str}/integrations/{integration_id:int}", guard=Guard.MEMBER)
def integration(ask: Ask, key: str, integration_id: int) -> Answer:
    return passport(ask, integration_id)


def passport(
    ask: Ask,
    integration_id: int,
    *,
    error: Invalid | Conflict | None = None,
    opened: str = "",
    values: dict[str, Any] | None = None,
    missing: list[tuple[str, str]] | None = None,
    status: int = 0,
) -> Answer:
    """The integration's page. After a refusal with what was typed (`opened`: whose form), or with what is missing."""
    with ask.reading() as session:
        one = enter(ask, session, integration_id)
        mine, me = ask.standing, ask.signed_in.person_id
        facts = facts_of_launch(session, one)
        checks = checks_of(session, one.id)
        query = select(Deadlock).where(visible_deadlocks(mine), Deadlock.integration_id == one.id)
        deadlocks = [
            (dead, is_late(dead.decide_by, dead.decided_at is not None, ask.today))
            for dead in session.exec(query.order_by(col(Deadlock.decided_at).is_not(None), col(Deadlock.id)))
        ]
        joined = _systems_on(session, one.id)
        filters = Filters(integration=one.id, status="unfinished")
        context: dict[str, Any] = {
            "one": one, "runs": mine.runs, "names": directory_of(session, ask.project.id), "facts": facts,
            "questions": questions(facts), "readiness": readiness(facts), "opened": opened,
            "may_accept": is_named(mine, me, one.accountable_id), "deadlocks": deadlocks,
            "checks": [(check, may_record_check(mine, check.tester_id, one.accountable_id)) for check in checks],
            "evidence": evidence_of_checks(session, [check.id for check in checks]),
            "signers": signers_of(session, one),
            "signatures": (signatures := {row.person_id: row for row in signatures_of(session, one.id)}),
            "letters": letters_of(session, [row.letter_id for row in signatures.values() if row.letter_id]),
            "tasks": register_page(session, ask.project, mine, filters, ask.now), "members": _members(session, one.id),
            "systems": [row for row in systems_of(session, mine, archived=True) if row.id in joined],
            "people": people_choices(session, mine) if mine.runs else [], "packs": packs(), "me": me,
            "waited": in_short(ask, session, integration=one.id),
            "missing": missing, "gaps": gaps(ask, missing_to_launch(facts), one.id),
        }  # fmt: skip
    answer = form_page(ask, "integrations/page.html", values or {}, error=error, of="integration", **context)
    answer.status_code = status or answer.status_code
    return answer


def gaps(ask: Ask, missing: list[Any], integration_id: int) -> list[tuple[str, str]]:
    """What stands between an integration and live: (sentence, where it is put right)."""
    with ask.reading() as session:
        names = directory_of(session, ask.project.id)
        titles = {check.id: check.title for check in checks_of(session, integration_id)}
        seen = select(Deadlock.id, Deadlock.title).where(
            visible_deadlocks(ask.standing), Deadlock.integration_id == integration_id
        )
        blocks = dict(rows(session, seen))
    found = []
    for one in missing:
        code, facts = (one.code, one.facts) if hasattr(one, "code") else (one["code"], one)
        about = titles.get(facts.get("check")) or blocks.get(facts.get("deadlock")) or names.person(facts.get("person"))
        anchor = {"check": f"#check-{facts.get('check')}", "deadlock": f"#deadlock-{facts.get('deadlock')}"}
        place = next((anchor[name] for name in anchor if name in facts), ANCHORS.get(code, "#signers"))
        text = missing_sentence(ask.language, code)
        # Behind a colon a sentence goes on with a small letter.
        found.append((f"{about}: {text[0].lower()}{text[1:]}" if about else text, place))
    return found


ANCHORS = {
    "no_accountable": "#who",
    "accountable_not_agreed": "#who",
    "no_required_check": "#checks",
    "list_unconfirmed": "#how",
}


def enter(ask: Ask, session: Session, integration_id: int) -> Integration:
    return ask.into(session, find_integration(session, ask.actor, integration_id))


def back(ask: Ask, integration_id: int, said: str, anchor: str = "") -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/integrations/{integration_id}{anchor}", said)


def _systems_on(session: Session, integration_id: int) -> list[int]:
    query = select(IntegrationSystem.system_id).where(IntegrationSystem.integration_id == integration_id)
    return list(session.exec(query.order_by(col(IntegrationSystem.position))))


def _members(session: Session, integration_id: int) -> list[tuple[int, str]]:
    """(person, why they are on it)."""
    query = (
        sa.select(col(IntegrationMember.person_id), col(IntegrationMember.why))
        .where(col(IntegrationMember.integration_id) == integration_id, col(IntegrationMember.removed_at).is_(None))
        .order_by(col(IntegrationMember.id))
    )
    return [(person, why) for person, why in rows(session, query)]


def _form(ask: Ask, one: Integration | None, values: dict[str, Any], error: Invalid | Conflict | None = None) -> Answer:
    with ask.reading() as session:
        people = people_choices(session, ask.standing)
        systems = [(str(row.id), row.name) for row in systems_of(session, ask.standing)]
    states = [str(state) for state in BY_HAND] + ([one.state] if one and one.state not in BY_HAND else [])
    return form_page(
        ask,
        "integrations/edit.html",
        {"systems": [], **values},
        error=error,
        version=one.version if one else None,
        of="integration",
        one=one,
        people=people,
        systems=systems,
        states=word_choices(ask, "integration", states),
    )


ROUTES = [integrations, new_integration, create, edit_form, edit, archive, restore, integration]
