"""Projects: the list, opening one, its settings, whether its people are written to, putting it away."""

from itertools import zip_longest
from typing import Any

from sqlmodel import col, select

from tracker.domain.errors import Conflict, FieldError, Forbidden, Invalid, Refused
from tracker.domain.terms import OWN_COLUMNS, Messages
from tracker.services.people.projects import (
    ProjectInput,
    archive_project,
    create_project,
    edit_project,
    my_projects,
    pause_project,
    restore_project,
    set_day,
)
from tracker.services.people.speaking import switch_messages
from tracker.tables import DayOverride, Project
from tracker.web.http.forms import ZONES, count_of, day_of, form_page, sent, typed, word_choices
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.wording.refusals import sentence

TEXTS = ("name", "purpose", "timezone", "language", "country")
DAYS = ("stall_days", "second_days", "escalate_days")
COUNTRIES = [("RU", "Россия"), ("BY", "Беларусь"), ("KZ", "Казахстан"), ("AM", "Հայաստան"), ("GE", "საქართველო"),
             ("RS", "Srbija"), ("DE", "Deutschland"), ("GB", "United Kingdom"), ("US", "United States")]  # fmt: skip


@get("/projects", guard=Guard.PERSON)
def projects(ask: Ask) -> Answer:
    with ask.reading() as session:
        found = my_projects(session, ask.actor, archived=True)
    return page(
        ask,
        "projects/list.html",
        living=[one for one in found if not one.archived],
        away=[one for one in found if one.archived],
    )


@get("/projects/new", guard=Guard.PERSON)
def new_project(ask: Ask) -> Answer:
    if not ask.signed_in.may_found:
        raise Forbidden("may_not_found")
    fresh = {"timezone": ask.signed_in.timezone, "language": ask.language, "country": "RU"}
    return form_page(ask, "projects/new.html", fresh, zones=ZONES)


@post("/projects", guard=Guard.PERSON, once=True)
def create(ask: Ask) -> Answer:
    values = typed(ask.form, "name", "key", "purpose", "timezone", "language")
    given = ProjectInput(**{**values, "language": values["language"] or ask.language})
    try:
        with ask.writing() as session:
            project = create_project(session, ask.actor, given, now=ask.now)
    except Invalid as error:
        return form_page(ask, "projects/new.html", values, error=error, zones=ZONES)
    said = ask.gettext("{name} is open. Bring in the parties and people next.", name=project.name)
    return see_other(ask, f"/projects/{project.key}/people", said)


@get("/projects/{key:str}/settings", guard=Guard.CONDUCTOR)
def settings(ask: Ask, key: str) -> Answer:
    return _settings(ask, _values(ask.project))


@post("/projects/{key:str}/settings", guard=Guard.CONDUCTOR)
def save_settings(ask: Ask, key: str) -> Answer:
    try:
        changes: dict[str, Any] = sent(ask.form, TEXTS)
        changes |= {name: count_of(ask.form, name) for name in DAYS if name in ask.form}
        columns = [ask.form.text(name) for name in OWN_COLUMNS if name in ask.form]
        if columns:
            changes["own_columns"] = columns
        with ask.writing() as session:
            edit_project(session, ask.actor, ask.project.id, ask.form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _settings(ask, {**_values(ask.project), **typed(ask.form)}, error)
    return _back(ask, ask.gettext("The settings are saved."))


@post("/projects/{key:str}/messages-policy", guard=Guard.CONDUCTOR)
def save_policy(ask: Ask, key: str) -> Answer:
    """Whether people are written to. In the first working days «on» still means: after approval."""
    wanted = ask.form.text("messages")
    try:
        with ask.writing() as session:
            project = switch_messages(session, ask.actor, ask.project.id, wanted, now=ask.now)
    except Invalid as error:
        return _settings(ask, _values(ask.project), error)
    except Refused as error:
        # What is missing is a look at the preview: there it is.
        return see_other(ask, f"/projects/{ask.project.key}/messages", sentence(ask.language, error))
    if wanted == Messages.ON and project.messages == Messages.APPROVE:
        said = ask.gettext("In the first working days each message waits for your approval.")
    else:
        said = ask.gettext("The settings are saved.")
    return _back(ask, said)


@post("/projects/{key:str}/pause", guard=Guard.CONDUCTOR)
def pause(ask: Ask, key: str) -> Answer:
    paused = ask.form.text("paused") == "1"
    with ask.writing() as session:
        pause_project(session, ask.actor, ask.project.id, paused, now=ask.now)
    return _back(ask, ask.gettext("Nothing is sent for now.") if paused else ask.gettext("Messages go out again."))


@post("/projects/{key:str}/days", guard=Guard.CONDUCTOR)
def save_day(ask: Ask, key: str) -> Answer:
    """A date that is worked on here, or is not; or as the public calendar has it again."""
    try:
        day = day_of(ask.form, "day", ask.today)
        if day is None:
            raise Invalid(FieldError("day", "required"))
        working = {"yes": True, "no": False}.get(ask.form.text("working"))
        with ask.writing() as session:
            set_day(session, ask.actor, ask.project.id, day, working, now=ask.now)
    except Invalid as error:
        return _settings(ask, {**_values(ask.project), **typed(ask.form)}, error)
    return _back(ask, ask.gettext("The calendar is changed."))


@post("/projects/{key:str}/archive", guard=Guard.CONDUCTOR)
def archive(ask: Ask, key: str) -> Answer:
    with ask.writing() as session:
        project = archive_project(session, ask.actor, ask.project.id, now=ask.now)
    return see_other(ask, "/projects", ask.gettext("{name} is put away.", name=project.name))


@post("/projects/{key:str}/restore", guard=Guard.CONDUCTOR)
def restore(ask: Ask, key: str) -> Answer:
    with ask.writing() as session:
        project = restore_project(session, ask.actor, ask.project.id, now=ask.now)
    return see_other(ask, "/projects", ask.gettext("{name} is back.", name=project.name))


def _back(ask: Ask, said: str) -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/settings", said)


def _values(project: Project) -> dict[str, Any]:
    return {
        **{name: getattr(project, name) for name in (*TEXTS, *DAYS)},
        **dict(zip_longest(OWN_COLUMNS, project.own_columns, fillvalue="")),
        "messages": project.messages,
    }


def _settings(ask: Ask, values: dict[str, Any], error: Invalid | Conflict | None = None) -> Answer:
    with ask.reading() as session:
        query = select(DayOverride).where(DayOverride.project_id == ask.project.id).order_by(col(DayOverride.day))
        days = [(row.day, row.working) for row in session.exec(query)]
    return form_page(
        ask,
        "projects/settings.html",
        {"day": "", **values},
        error=error,
        version=ask.project.version,
        zones=ZONES,
        days=days,
        countries=COUNTRIES,
        policies=word_choices(ask, "messages"),
        of="project",
    )


ROUTES = [
    projects, new_project, create, settings, save_settings, save_policy, pause, save_day, archive, restore,
]  # fmt: skip
