"""The lines of an acceptance list: written, changed, taken out, and how each of them went."""

from typing import Any

from sqlmodel import Session

from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.domain.permissions import may_record_check, require, require_conductor
from tracker.domain.terms import CheckResult
from tracker.services.ground.uploads import upload_of
from tracker.services.integrations import checks
from tracker.services.integrations.checks import CheckFinding, CheckInput, SeenCheck, find_check, give_result
from tracker.tables import Check
from tracker.web.http.forms import form_page, id_of, people_choices, sent, typed
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer
from tracker.web.http.routes import get, post
from tracker.web.integrations.passport import back, enter, passport
from tracker.web.tasks.files import BODY, sent_file

TEXTS = ("section", "title", "plain_title", "method", "expected")
FIELDS = (*TEXTS, "required", "tester")


@post("/integrations/{integration_id:int}/checks", guard=Guard.OBJECT, once=True)
def add(ask: Ask, integration_id: int) -> Answer:
    form = ask.form
    with ask.reading() as session:
        enter(ask, session, integration_id)
    try:
        given = CheckInput(
            **typed(form, *TEXTS), required=form.text("required", "1") == "1", tester=id_of(form, "tester")
        )
        with ask.writing() as session:
            made = checks.add_check(session, ask.actor, integration_id, given, now=ask.now)
    except Invalid as error:
        return passport(ask, integration_id, error=error, opened="check", values=typed(form, *FIELDS))
    return back(ask, integration_id, ask.gettext("The check stands in the list."), f"#check-{made.id}")


@get("/checks/{check_id:int}/edit", guard=Guard.OBJECT)
def edit_form(ask: Ask, check_id: int) -> Answer:
    with ask.reading() as session:
        one = _enter(ask, session, check_id).check
    require_conductor(ask.standing)
    values = {
        **{name: getattr(one, name) for name in TEXTS},
        "required": "1" if one.required else "",
        "tester": one.tester_id or "",
    }
    return _form(ask, one, values)


@post("/checks/{check_id:int}/edit", guard=Guard.OBJECT)
def edit(ask: Ask, check_id: int) -> Answer:
    form = ask.form
    with ask.reading() as session:
        one = _enter(ask, session, check_id).check
    try:
        changes: dict[str, Any] = sent(form, TEXTS)
        if "tester" in form:
            changes["tester"] = id_of(form, "tester")
        if "required" in form:
            changes["required"] = form.text("required") == "1"
        with ask.writing() as session:
            checks.edit_check(session, ask.actor, check_id, form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _form(ask, one, typed(form, *FIELDS), error)
    return back(ask, one.integration_id, ask.gettext("Saved."), f"#check-{check_id}")


@post("/checks/{check_id:int}/archive", guard=Guard.OBJECT)
def archive(ask: Ask, check_id: int) -> Answer:
    with ask.writing() as session:
        _enter(ask, session, check_id)
        one = checks.archive_check(session, ask.actor, check_id, now=ask.now)
    return back(ask, one.integration_id, ask.gettext("The check is taken out of the list."), "#checks")


@post("/checks/{check_id:int}/result", guard=Guard.OBJECT, limit=BODY, slow=True)
def result(ask: Ask, check_id: int) -> Answer:
    """How it went: works, with what shows it; does not, not applicable or waived, with why; or still to be made."""
    form = ask.form
    with ask.reading() as session:
        seen = _enter(ask, session, check_id)
    try:
        chosen = form.text("result")
        if chosen not in set(CheckResult):
            raise Invalid(FieldError("result", "unknown_choice"))
        # Before a stranger's file is written.
        require(may_record_check(ask.standing, seen.check.tester_id, seen.integration.accountable_id), "tester_only")
        kept = sent_file(ask) if chosen == CheckResult.PASSED else None
        with ask.writing() as session:
            actor = ask.on_behalf(id_of(form, "behalf"))
            upload = upload_of(session, actor, kept, project_id=ask.project.id, now=ask.now)
            shown = {"url": form.text("evidence"), "caption": form.text("caption")}
            given = CheckFinding(CheckResult(chosen), form.text("reason"), upload_id=upload, **shown)
            give_result(session, actor, check_id, given, now=ask.now)
    except Invalid as error:
        values = {**typed(form), "result": form.text("result")}
        return passport(ask, seen.integration.id, error=error, opened=f"result-{check_id}", values=values)
    return back(ask, seen.integration.id, ask.gettext("Noted."), f"#check-{check_id}")


def _enter(ask: Ask, session: Session, check_id: int) -> SeenCheck:
    """Find the check as this person may see it, and with it the project that the page is in."""
    seen = find_check(session, ask.actor, check_id)
    ask.into(session, (seen.integration, seen.standing))
    return seen


def _form(ask: Ask, one: Check, values: dict[str, Any], error: Invalid | Conflict | None = None) -> Answer:
    with ask.reading() as session:
        people = people_choices(session, ask.standing)
    return form_page(
        ask, "integrations/check.html", values, error=error, version=one.version, of="check", one=one, people=people
    )


ROUTES = [add, edit_form, edit, archive, result]
