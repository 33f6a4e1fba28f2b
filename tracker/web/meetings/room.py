"""The meeting room: what is noted at each line while people speak, and the end that leaves next steps behind.

One form holds the whole agenda, so that no press, whichever it is, loses what was typed at another line.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.errors import Conflict, FieldError, Invalid, Refused
from tracker.domain.meetings import doubts
from tracker.domain.permissions import require_conductor
from tracker.domain.terms import MeetingState, Outcome, Rsvp
from tracker.services.access.loading import visible_tasks
from tracker.services.ground.directory import directory_of
from tracker.services.meetings.agenda import ItemInput, add_items, find_item, note_item, remove_item
from tracker.services.meetings.carrying_over import integrations_of_meeting, items_of
from tracker.services.meetings.closing import ItemEnd, close_meeting, drop_meeting
from tracker.services.meetings.guests import guests_of
from tracker.services.meetings.planning import edit_meeting, find_meeting
from tracker.tables import Meeting, MeetingItem, Task
from tracker.web.http.forms import day_of, form_page, people_choices, typed
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, fragment
from tracker.web.http.routes import get, post
from tracker.web.meetings.planning import back, enter
from tracker.wording.refusals import missing_sentence

NOTED = ("outcome", "step_title", "step_owner", "step_needed_by", "reason")


@get("/projects/{key:str}/meetings/{meeting_id:int}", guard=Guard.MEMBER)
def room(ask: Ask, key: str, meeting_id: int) -> Answer:
    return _room(ask, meeting_id)


@post("/meetings/{meeting_id:int}/keep", guard=Guard.OBJECT)
def keep(ask: Ask, meeting_id: int) -> Answer:
    """Keep what is written so far. By itself (htmx) while people speak: the lines only, and without a word."""
    try:
        with ask.writing() as session:
            enter(ask, session, meeting_id)
            require_conductor(ask.standing)
            _keep(ask, session, meeting_id, notes=not ask.is_htmx)
    except (Invalid, Conflict) as error:
        if ask.is_htmx and isinstance(error, Invalid):
            return fragment("", status=204)  # half a date is no news; the form itself says so when it is sent
        return _room(ask, meeting_id, error=error)
    if ask.is_htmx:
        return fragment("", status=204)
    return back(ask, meeting_id, ask.gettext("Kept."))


@post("/meetings/{meeting_id:int}/items", guard=Guard.OBJECT, once=True)
def add_line(ask: Ask, meeting_id: int) -> Answer:
    """A line more; a number alone is a task of this project."""
    try:
        with ask.writing() as session:
            enter(ask, session, meeting_id)
            _keep(ask, session, meeting_id, notes=True)
            given = _line(ask, session, ask.form.text("new_line"))
            add_items(session, ask.actor, meeting_id, [given], now=ask.now)
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid):
            error = Invalid(
                *(
                    FieldError("new_line", one.code, one.facts) if one.field in ("title", "task") else one
                    for one in error.errors
                )
            )
        return _room(ask, meeting_id, error=error)
    return back(ask, meeting_id, ask.gettext("The line stands on the agenda."))


@post("/items/{item_id:int}/remove", guard=Guard.OBJECT)
def remove_line(ask: Ask, item_id: int) -> Answer:
    with ask.reading() as session:
        meeting_id = find_item(session, ask.actor, item_id).meeting.id
        enter(ask, session, meeting_id)
    try:
        with ask.writing() as session:
            _keep(ask, session, meeting_id, notes=True)
            remove_item(session, ask.actor, item_id, now=ask.now)
    except (Invalid, Conflict) as error:
        return _room(ask, meeting_id, error=error)
    return back(ask, meeting_id, ask.gettext("The line is taken off."))


@post("/meetings/{meeting_id:int}/close", guard=Guard.OBJECT)
def close(ask: Ask, meeting_id: int) -> Answer:
    form = ask.form
    try:
        with ask.writing() as session:
            seen = find_meeting(session, ask.actor, meeting_id, lock=True)
            ask.into(session, seen)
            require_conductor(ask.standing)
            version, ends = form.number("version"), _ends(ask, session, meeting_id)
            notes = form.text("notes") if "notes" in form else None
            attended = form.numbers("attended") if "has_attended" in form else None
            close_meeting(session, ask.actor, seen, version, ends, notes=notes, attended=attended, now=ask.now)
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid):
            error = Invalid(*(FieldError(_own(one.field), one.code, one.facts) for one in error.errors))
        return _room(ask, meeting_id, error=error)
    except Refused as error:
        return _room(ask, meeting_id, missing=error.missing)
    return back(ask, meeting_id, ask.gettext("The meeting is closed. The next steps are in the register."))


@post("/meetings/{meeting_id:int}/drop", guard=Guard.OBJECT)
def drop(ask: Ask, meeting_id: int) -> Answer:
    """«Не состоялся», and why."""
    form = ask.form
    try:
        with ask.writing() as session:
            seen = find_meeting(session, ask.actor, meeting_id, lock=True)
            ask.into(session, seen)
            drop_meeting(session, ask.actor, seen, form.number("version"), form.text("drop_reason"), now=ask.now)
    except (Invalid, Conflict) as error:
        return _room(ask, meeting_id, error=error)
    except Refused as error:
        if error.code == "meeting_ended":
            raise
        wrong = Invalid(FieldError("drop_reason", "required"))
        return _room(ask, meeting_id, error=wrong)
    return back(ask, meeting_id, ask.gettext("Noted. The agenda waits for the next meeting."))


def _own(field: str) -> str:
    """«items.7.reason» of the verb is `i7.reason` of the form."""
    return "i" + field.removeprefix("items.") if field.startswith("items.") else field


def _keep(ask: Ask, session: Session, meeting_id: int, *, notes: bool) -> None:
    form = ask.form
    for item in items_of(session, meeting_id):
        own = f"i{item.id}."
        if not any(f"{own}{name}" in form for name in NOTED):
            continue
        try:
            note_item(session, ask.actor, item.id, _noted(ask, own), now=ask.now)
        except Invalid as error:
            raise Invalid(*(FieldError(f"{own}{one.field}", one.code, one.facts) for one in error.errors)) from None
    if notes and "notes" in form:
        changes = {"notes": form.text("notes")}
        edit_meeting(session, ask.actor, meeting_id, form.number("version"), changes, now=ask.now)


def _noted(ask: Ask, own: str) -> dict[str, Any]:
    """What the form says of a line, as `agenda.note_item` takes it; its fields unprefixed in refusals."""
    form = ask.form
    try:
        needed_by = day_of(form, f"{own}step_needed_by", ask.today)
    except Invalid:
        raise Invalid(FieldError("step_needed_by", "not_a_date")) from None
    found: dict[str, Any] = {
        "step_title": form.text(f"{own}step_title"),
        "reason": form.text(f"{own}reason"),
        "step_owner": form.number(f"{own}step_owner"),
        "step_needed_by": needed_by,
        "outcome": _outcome(ask, own),
    }
    return found


def _outcome(ask: Ask, own: str) -> str | None:
    """As chosen; without a choice what was written tells."""
    chosen = ask.form.text(f"{own}outcome")
    if chosen:
        return chosen
    if ask.form.text(f"{own}step_title").strip():
        return Outcome.STEP
    return Outcome.NO_STEP if ask.form.text(f"{own}reason").strip() else None


def _ends(ask: Ask, session: Session, meeting_id: int) -> list[ItemEnd]:
    ends = []
    for item in items_of(session, meeting_id):
        own = f"i{item.id}."
        if not any(f"{own}{name}" in ask.form for name in NOTED):
            continue
        try:
            said = _noted(ask, own)
        except Invalid as error:
            raise Invalid(*(FieldError(f"{own}{one.field}", one.code, one.facts) for one in error.errors)) from None
        if said["outcome"] == Outcome.STEP:
            ends.append(ItemEnd(item.id, said["step_title"], said["step_owner"], said["step_needed_by"]))
        else:
            reason = said["reason"] if said["outcome"] == Outcome.NO_STEP else ""
            ends.append(ItemEnd(item.id, moved=said["outcome"] == Outcome.MOVED, reason=reason))
    return ends


def _line(ask: Ask, session: Session, text: str) -> ItemInput:
    number = text.strip().lstrip("№# ")
    if number.isascii() and number.isdigit() and len(number) < 10:
        query = sa.select(col(Task.id)).where(col(Task.number) == int(number), col(Task.project_id) == ask.project.id)
        if found := rows(session, query):
            return ItemInput(task=found[0].id)
    return ItemInput(title=text)


def _room(ask: Ask, meeting_id: int, *, error: Invalid | Conflict | None = None, missing: Any = None) -> Answer:
    """The page; after a refusal with everything that was typed, and what each line lacks."""
    with ask.reading() as session:
        one = enter(ask, session, meeting_id)
        mine, me = ask.standing, ask.signed_in.person_id
        items, guests = items_of(session, one.id), guests_of(session, one.id)
        planned = one.state == MeetingState.PLANNED
        context: dict[str, Any] = {
            "one": one, "runs": mine.runs, "me": me, "guests": guests, "planned": planned,
            "invited": next((guest for guest in guests if guest.person_id == me), None),
            "names": directory_of(session, ask.project.id), "tasks": _tasks(session, ask, items),
            "joints": integrations_of_meeting(session, one.id),
            "people": people_choices(session, mine) if mine.runs else [],
            "wonders": doubts(len(guests), sum(guest.decides for guest in guests)) if planned else [],
            "rsvps": (Rsvp.YES, Rsvp.NO),
        }  # fmt: skip
    sent = ask.form.values if ask.request.method == "POST" and (error or missing) else {}
    values = _values(one, items) | typed(ask.form, *sent)
    lacks = {row["item"]: missing_sentence(ask.language, row["code"]) for row in missing or ()}
    attended = (
        ask.form.texts("attended")
        if "has_attended" in sent
        else [str(guest.person_id) for guest in guests if guest.rsvp != Rsvp.NO]
    )
    answer = form_page(
        ask,
        "meetings/room.html",
        {"new_line": "", "drop_reason": "", **values},
        error=error,
        version=one.version,
        of="meeting",
        items=items,
        lacks=lacks,
        attended=attended,
        **context,
    )
    if missing:
        answer.status_code = 409
    return answer


def _values(one: Meeting, items: list[MeetingItem]) -> dict[str, str]:
    found = {"notes": one.notes}
    for item in items:
        own = f"i{item.id}."
        found |= {
            f"{own}outcome": item.outcome or "",
            f"{own}step_title": item.step_title,
            f"{own}reason": item.reason,
            f"{own}step_owner": str(item.step_owner_id or ""),
            f"{own}step_needed_by": item.step_needed_by,
        }
    return found


class ShownTask(NamedTuple):
    """A task that a line names."""

    number: int
    title: str
    confirmed: bool
    needed_by: date | None


def _tasks(session: Session, ask: Ask, items: list[MeetingItem]) -> Mapping[int, ShownTask]:
    """The tasks that the lines are about or ended in, as far as the reader sees them."""
    ids = {one for item in items for one in (item.task_id, item.step_task_id) if one is not None}
    columns = (col(Task.id), col(Task.number), col(Task.title), col(Task.confirmed), col(Task.needed_by))
    query = sa.select(*columns).where(col(Task.id).in_(ids), visible_tasks(ask.standing))
    return {row.id: ShownTask(row.number, row.title, row.confirmed, row.needed_by) for row in rows(session, query)}


ROUTES = [room, keep, add_line, remove_line, close, drop]
