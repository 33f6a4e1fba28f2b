"""Editing a task where it stands: a cell of the register becomes a form; the same address is a page without htmx."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from tracker.domain.errors import Conflict, Invalid
from tracker.domain.permissions import Sight, require
from tracker.domain.terms import OWN_COLUMNS, Status, TaskKind
from tracker.services.access.loading import SeenTask, find_task, kept_project, seen_again
from tracker.services.ground.directory import directory_of, numbers_of
from tracker.services.register.page import one_row, row_written
from tracker.services.register.rows import RegisterRow
from tracker.services.tasks.editing import Changed, archive_task, create_task, edit_task, restore_task
from tracker.services.tasks.fields import BY_NAME, TaskInput
from tracker.services.tasks.rights import CONTRIBUTORS_MAY, changeable
from tracker.services.tasks.waiting import plain_waiting
from tracker.tables import Task
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask, local_path
from tracker.web.http.responses import Answer, context_of, fragment, page, saved, see_other
from tracker.web.http.routes import get, post
from tracker.web.http.templates import render
from tracker.web.register.rows import row_being_edited, row_html
from tracker.web.tasks.forms import NAMED, Options, changes_of, options_of, typed_before, typed_of
from tracker.wording.fields import in_words, label
from tracker.wording.refusals import field_sentences

CELLS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",), "owner": ("owner",), "status": ("status",), "dates": ("needed_by", "promised_on"),
    "waiting": ("waiting", "waiting_note"), **{own: (own,) for own in OWN_COLUMNS},
}  # fmt: skip
"""Cells of the register -> the fields of their form."""
SPOKEN_OF = (
    "title", "owner", "status", "needed_by", "promised_on", "waiting", "party", "integration", "checker", "priority",
    "kind", "notes", "done_means", "plain_title", "external_url", "asks_evidence",
)  # fmt: skip
"""The fields in the order of the form that has them all; what else is stored is not spoken of here."""


@get("/tasks/{task_id:int}/edit", guard=Guard.OBJECT)
def edit_form(ask: Ask, task_id: int) -> Answer:
    asked = ask.query.get("field", "")
    with ask.reading() as session:
        seen = enter(ask, session, task_id)
        open_ = [cell for cell in CELLS if fields_of(seen, cell)]
        # Without a word, the first that is theirs to change.
        cell = cell_of(asked) if asked or not open_ else open_[0]
        require(cell in open_, "edit_task")
        return _form(ask, session, seen, cell, typed_of(seen.task))


def cell_of(name: str) -> str:
    """The cell of this name, or the one that holds this field."""
    return name if name in CELLS else next((one for one, names in CELLS.items() if name in names), "title")


def fields_of(seen: SeenTask, cell: str) -> list[str]:
    """The fields of a cell's form that the verb would take from this person."""
    may = changeable(seen)
    return [name for name in CELLS[cell] if (BY_NAME[name].part_of or name) in may]


@get("/tasks/{task_id:int}/row", guard=Guard.OBJECT)
def row(ask: Ask, task_id: int) -> Answer:
    """The row as it is: what «Cancel» puts back."""
    with ask.reading() as session:
        seen = enter(ask, session, task_id)
        if not ask.is_htmx:
            return see_other(ask, address_of(ask, seen.task))
        return fragment(drawn(ask, one_row(session, ask.project, ask.standing, task_id, ask.now)))


@post("/tasks/{task_id:int}/edit", guard=Guard.OBJECT)
def edit(ask: Ask, task_id: int) -> Answer:
    """Some fields of a task, with the version they were seen at. htmx gets the row, a plain form goes on."""
    try:
        with ask.writing() as session:
            seen = enter(ask, session, task_id, lock=True)
            changes = changes_of(session, ask.form, ask.project.id, ask.today)
            version, accepted = ask.form.number("version"), ask.form.texts("accepted")
            changed = edit_task(session, ask.actor, seen, version, changes, now=ask.now, accepted=accepted)
            seen = seen_again(session, seen)
    except (Invalid, Conflict) as error:
        return _again(ask, task_id, error)
    with ask.reading() as session:
        html = drawn(ask, row_written(session, ask.project, ask.standing, seen, ask.now))
        said = _said(ask, session, changed)
    next_ = local_path(ask.form.text("next"), onward(ask, seen))
    return saved(ask, next_, said, html=html, undo=_undo(ask, changed))


def _undo(ask: Ask, changed: Changed) -> dict[str, Any] | None:
    """The form that takes a change back: what has changed, as it was; None where nothing of it is theirs to set."""
    mine = None if ask.standing.runs else CONTRIBUTORS_MAY
    values = typed_before(changed, mine)
    if not values:
        return None
    address, row = f"/tasks/{changed.task.id}/edit", f"task-{changed.task.id}"
    return {"url": address, "target": row, "values": {**values, "version": changed.task.version}}


@get("/projects/{key:str}/tasks/new", guard=Guard.CONDUCTOR)
def new_form(ask: Ask, key: str) -> Answer:
    with ask.reading() as session:
        return _new_form(ask, options_of(ask, session), {}, {})


@post("/projects/{key:str}/tasks", guard=Guard.CONDUCTOR, once=True)
def create(ask: Ask, key: str) -> Answer:
    try:
        with ask.writing() as session:
            changes = changes_of(session, ask.form, ask.project.id, ask.today)
            task = create_task(session, ask.actor, ask.project.id, _input(changes), now=ask.now)
    except Invalid as error:
        with ask.reading() as session:
            typed = {name: ask.form.text(name) for name in ask.form.values}
            return _new_form(ask, options_of(ask, session), typed, field_sentences(ask.language, error), status=422)
    with ask.reading() as session:
        html = drawn(ask, one_row(session, ask.project, ask.standing, task.id, ask.now))
    said = ask.gettext("№ {number} is in the register.", number=task.number)
    return saved(ask, f"/projects/{ask.project.key}/register?status=unfinished#task-{task.id}", said, html=html)


def _input(changes: Mapping[str, Any]) -> TaskInput:
    return replace(TaskInput(title=""), **{name: value for name, value in changes.items() if value not in (None, "")})


@post("/tasks/{task_id:int}/archive", guard=Guard.OBJECT)
def archive(ask: Ask, task_id: int) -> Answer:
    with ask.writing() as session:
        task = archive_task(session, ask.actor, enter(ask, session, task_id, lock=True), now=ask.now)
    return see_other(ask, address_of(ask, task), ask.gettext("№ {number} is put away.", number=task.number))


@post("/tasks/{task_id:int}/restore", guard=Guard.OBJECT)
def restore(ask: Ask, task_id: int) -> Answer:
    with ask.writing() as session:
        task = restore_task(session, ask.actor, enter(ask, session, task_id, lock=True), now=ask.now)
    return see_other(ask, address_of(ask, task), ask.gettext("№ {number} is back in the register.", number=task.number))


def enter(ask: Ask, session: Session, task_id: int, *, lock: bool = False) -> SeenTask:
    """Find the task as this person may see it, and with it the project that the page is in."""
    seen = find_task(session, ask.actor, task_id, lock=lock)
    ask.project, ask.standing = kept_project(session, seen.task.project_id), seen.standing
    return seen


def address_of(ask: Ask, task: Task) -> str:
    return f"/projects/{ask.project.key}/t/{task.number}"


def onward(ask: Ask, seen: SeenTask) -> str:
    """Where to go on after an act by which the task may have left this person's sight (a deputy sees turns alone)."""
    return f"/projects/{ask.project.key}/register" if seen.sight is Sight.NONE else address_of(ask, seen.task)


def drawn(ask: Ask, found: RegisterRow | None) -> str:
    """The row as the register shows it; nothing where it has left this person's sight."""
    if found is None:
        return ""
    return row_html(found, ask.project.key, tuple(ask.project.own_columns), ask.language, ask.today)


def _form(
    ask: Ask,
    session: Session,
    seen: SeenTask,
    cell: str,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
    accepts: str = "",
    wide: Collection[str] = (),
) -> Answer:
    """The row with this cell as a form, or the same form on a page of its own. `wide`: fields of no cell's form."""
    found = one_row(session, ask.project, ask.standing, seen.task.id, ask.now)
    context: dict[str, Any] = {
        "task": seen.task, "cell": cell, "typed": typed, "errors": errors or {}, "options": options_of(ask, session),
        "version": conflict.version if conflict else seen.task.version, "theirs": _theirs(ask, session, conflict),
        "accepts": accepts, "all": seen.standing.runs, "fields": wide or fields_of(seen, cell),
        "back": address_of(ask, seen.task), "labels": {name: _label(ask, name) for name in [*SPOKEN_OF, *OWN_COLUMNS]},
        "own": dict(zip(OWN_COLUMNS, ask.project.own_columns, strict=False)),
    }  # fmt: skip
    if not ask.is_htmx or found is None or wide:
        return page(ask, "tasks/edit.html", status=status, **context)
    form = render("tasks/_cell.html", ask.language, **context_of(ask), **context)
    columns = tuple(ask.project.own_columns)
    return fragment(
        row_being_edited(found, ask.project.key, columns, ask.language, ask.today, cell, form), status=status
    )


def _again(ask: Ask, task_id: int, error: Invalid | Conflict) -> Answer:
    """The form once more, with what was typed and what is wrong, or what somebody else wrote meanwhile."""
    errors = field_sentences(ask.language, error) if isinstance(error, Invalid) else {}
    warned = isinstance(error, Invalid) and any(one.code == "own_check" for one in error.errors)
    wrong = next(iter(errors or (error.both if isinstance(error, Conflict) else {})), "")
    sent = [name for name in (*SPOKEN_OF, "waiting_note", *OWN_COLUMNS) if name in ask.form]
    named = [wrong, *sent]
    cell = next((one for name in named for one, names in CELLS.items() if name in names), "title")
    # «Change all fields» sends more than a cell has room for.
    wide = [] if set(sent) <= set(CELLS[cell]) else sent
    with ask.reading() as session:
        seen = enter(ask, session, task_id)
        typed = {**typed_of(seen.task), **{name: ask.form.text(name) for name in ask.form.values}}
        return _form(
            ask,
            session,
            seen,
            cell,
            typed,
            status=409 if isinstance(error, Conflict) else 422,
            errors=errors,
            conflict=error if isinstance(error, Conflict) else None,
            accepts="own_check" if warned else "",
            wide=wide,
        )


def _theirs(ask: Ask, session: Session, conflict: Conflict | None) -> list[tuple[str, str]]:
    """What stands there now, in words: (field, value)."""
    if conflict is None:
        return []
    directory = directory_of(session, ask.project.id)
    found = []
    for name, (theirs, _) in conflict.both.items():
        value = plain_waiting(theirs) if name == "waiting" else theirs
        waited = theirs.task_id if name == "waiting" and theirs is not None else None
        numbers = numbers_of(session, {waited} if waited is not None else set())
        said = in_words(ask.language, name, value, directory, ask.today, numbers=numbers)
        found.append((_label(ask, name) or name, said))
    return found


def _label(ask: Ask, name: str) -> str:
    """What a field is called; nothing for a field that nobody speaks of."""
    if name in OWN_COLUMNS:
        return next(iter(ask.project.own_columns[OWN_COLUMNS.index(name) :]), "")
    return label(ask.language, name) if name in SPOKEN_OF else ""


def _said(ask: Ask, session: Session, changed: Changed) -> str:
    """What was done, in one line: «№ 21 · Status: in progress»."""
    number = ask.gettext("№ {number}", number=changed.task.number)
    labels = {name: called for name in NAMED if name in changed.moved and (called := _label(ask, name))}
    if not labels:
        return ask.gettext("{number}: nothing to change", number=number)
    directory = directory_of(session, ask.project.id)
    parts = []
    for name in list(labels)[:3]:
        value = plain_waiting(changed.moved[name]) if name == "waiting" else changed.moved[name]
        if name in ("notes", "done_means", "title"):
            parts.append(ask.gettext("{field}: saved", field=labels[name]))
        elif name == "waiting" and value is None:
            nobody = ask.gettext("nobody any more")
            parts.append(f"{labels[name]}: {nobody}")
        else:
            parts.append(f"{labels[name]}: {in_words(ask.language, name, value, directory, ask.today)}")
    return f"{number} · {', '.join(parts)}"


def _new_form(
    ask: Ask, options: Options, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Answer:
    context: dict[str, Any] = {"options": options, "typed": typed, "errors": errors, "kinds": list(TaskKind)}
    if ask.is_htmx:
        html = render("tasks/_new_row.html", ask.language, **context_of(ask), **context)
        return fragment(html, status=status)
    return page(ask, "tasks/new.html", status=status, statuses=list(Status), **context)


ROUTES = [edit_form, row, edit, new_form, create, archive, restore]
