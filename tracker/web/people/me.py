"""One's own settings: who they are, when they work, password, sessions, private addresses, absences."""

from datetime import date
from typing import Any

from tracker.domain.errors import Conflict, FieldError, Invalid, NotFound, Slower
from tracker.domain.terms import Scope
from tracker.services.access.persons import find_person
from tracker.services.access.sessions import hash_password, revoke_all, revoke_session, sessions_of, sign_in
from tracker.services.access.tokens import issue, revoke, standing_address, tokens_of, url_of
from tracker.services.nudging.reach import addresses_of
from tracker.services.people.absences import absences_of, remove_absence
from tracker.services.people.persons import edit_person, set_password
from tracker.web.http.forms import ZONES, form_page, typed
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, see_other
from tracker.web.http.routes import get, post
from tracker.web.people.forms import changes_of, typed_values, values_of, weekday_choices
from tracker.web.people.list import keep_absence
from tracker.web.people.projects import COUNTRIES
from tracker.web.people.signing import welcomed
from tracker.wording.refusals import field_sentences, sentence


@get("/me", guard=Guard.PERSON)
def me(ask: Ask) -> Answer:
    return _page(ask)


def _page(
    ask: Ask,
    *,
    values: dict[str, Any] | None = None,
    error: Invalid | Conflict | None = None,
    opened: str = "",
    status: int = 0,
    **context: Any,
) -> Answer:
    mine = ask.signed_in
    with ask.reading() as session:
        person = find_person(session, ask.actor, mine.person_id).person
        facts = {
            "one": person,
            "sessions": sessions_of(session, person.id, current_id=mine.id, now=ask.now),
            "tokens": tokens_of(session, ask.actor, person.id, now=ask.now),
            "channels": list(addresses_of(person)),
            "absences": absences_of(session, ask.actor, person.id, since=ask.today),
        }
    known = {**values_of(person), **dict.fromkeys(("first", "last", "note", "label", "current", "password"), "")}
    answer = form_page(
        ask,
        "me/page.html",
        {**known, **(values or {})},
        error=error,
        version=person.version,
        of="person",
        zones=ZONES,
        countries=COUNTRIES,
        weekdays=weekday_choices(ask),
        opened=opened,
        **{"shown": "", "password_wrong": {}, **facts, **context},
    )
    answer.status_code = status or answer.status_code
    return answer


@post("/me", guard=Guard.PERSON)
def save(ask: Ask) -> Answer:
    try:
        changes = changes_of(ask.form)
        with ask.writing() as session:
            edit_person(session, ask.actor, ask.signed_in.person_id, ask.form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _page(ask, values=typed_values(ask.form), error=error)
    return see_other(ask, "/me", ask.gettext("Saved."))


@post("/me/password", guard=Guard.PERSON, slow=True)
def change_password(ask: Ask) -> Answer:
    """The present password is proved by signing in anew: counted against guessing, and the session is fresh."""
    form, mine = ask.form, ask.signed_in
    with ask.reading() as session:
        email = find_person(session, ask.actor, mine.person_id).person.email or ""
    try:
        kept = hash_password(form.text("password"))
    except Invalid as error:
        wrong = field_sentences(ask.language, error)
        return _page(ask, opened="password", status=422, password_wrong=wrong)
    try:
        opened = sign_in(
            ask.running.database,
            email,
            form.text("current"),
            address=ask.address,
            agent=ask.request.headers.get("user-agent", ""),
            now=ask.now,
            previous=ask.request.cookies.get(ask.running.cookie, ""),
        )
    except Slower as error:
        return _page(ask, opened="password", status=429, password_wrong={"current": sentence(ask.language, error)})
    except Invalid:
        wrong = {"current": ask.gettext("This is not your present password.")}
        return _page(ask, opened="password", status=422, password_wrong=wrong)
    with ask.writing() as session:
        set_password(session, ask.actor, mine.person_id, kept, now=ask.now)
        # Whoever knew the old one is out.
        revoke_all(session, ask.actor, mine.person_id, except_id=opened.id, now=ask.now)
    return welcomed(ask, opened, "/me")


@post("/me/sessions/{session_id:int}/revoke", guard=Guard.PERSON)
def end_session(ask: Ask, session_id: int) -> Answer:
    with ask.writing() as session:
        revoke_session(session, ask.actor, session_id, now=ask.now)
    return see_other(ask, "/me", ask.gettext("Signed out there."))


@post("/me/sessions/revoke-others", guard=Guard.PERSON)
def end_others(ask: Ask) -> Answer:
    with ask.writing() as session:
        revoke_all(session, ask.actor, ask.signed_in.person_id, except_id=ask.signed_in.id, now=ask.now)
    return see_other(ask, "/me", ask.gettext("Signed out everywhere else."))


@post("/me/addresses", guard=Guard.PERSON)
def show_address(ask: Ask) -> Answer:
    """One's own calendar or page address, or a new key for programs: shown here and now."""
    scope, settings = ask.form.text("scope"), ask.running.settings
    try:
        with ask.writing() as session:
            if scope == Scope.API:
                made = issue(
                    session,
                    ask.actor,
                    ask.signed_in.person_id,
                    Scope.API,
                    key=settings.key,
                    now=ask.now,
                    label=ask.form.text("label"),
                )
                shown = made.secret
            elif scope in (Scope.CALENDAR, Scope.PAGE):
                secret = standing_address(
                    session, ask.actor, ask.signed_in.person_id, Scope(scope), key=settings.key, now=ask.now
                )
                shown = url_of(Scope(scope), secret, settings.public_url) or ""
            else:
                raise Invalid(FieldError("scope", "unknown_choice"))
    except Invalid as error:
        return _page(ask, values=typed(ask.form, "label"), error=error)
    answer = _page(ask, shown=shown, shown_scope=scope)
    answer.headers["cache-control"] = "no-store"
    return answer


@post("/me/addresses/{token_id:int}/revoke", guard=Guard.PERSON)
def withdraw(ask: Ask, token_id: int) -> Answer:
    with ask.writing() as session:
        # A conductor may withdraw other people's addresses too, but not here.
        mine = tokens_of(session, ask.actor, ask.signed_in.person_id, now=ask.now)
        if token_id not in {one.id for one in mine}:
            raise NotFound("token")
        revoke(session, ask.actor, token_id, now=ask.now)
    return see_other(ask, "/me", ask.gettext("The address is withdrawn."))


@post("/me/absences", guard=Guard.PERSON)
def plan_absence(ask: Ask) -> Answer:
    try:
        with ask.writing() as session:
            keep_absence(ask, session, ask.signed_in.person_id)
    except Invalid as error:
        return _page(ask, values=typed(ask.form, "first", "last", "note"), error=error, opened="away")
    return see_other(ask, "/me", ask.gettext("Noted."))


@post("/me/absences/{absence_id:int}/remove", guard=Guard.PERSON)
def cancel_absence(ask: Ask, absence_id: int) -> Answer:
    with ask.writing() as session:
        mine = absences_of(session, ask.actor, ask.signed_in.person_id, since=date.min)
        if absence_id not in {one.id for one in mine}:
            raise NotFound("absence")
        remove_absence(session, ask.actor, absence_id, now=ask.now)
    return see_other(ask, "/me", ask.gettext("Saved."))


ROUTES = [
    me, save, change_password, end_session, end_others, show_address, withdraw, plan_absence, cancel_absence,
]  # fmt: skip
