"""Meetings: the list, planning one, changing it, its people and answers, its file for a calendar."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response
from sqlmodel import Session

from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.domain.meetings import doubts
from tracker.domain.permissions import require_conductor
from tracker.domain.terms import MeetingState
from tracker.formats import calendars as ics
from tracker.services.facts.meetings import list_meetings
from tracker.services.integrations.passports import integrations_of
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.carrying_over import integrations_of_meeting
from tracker.services.meetings.feeds import feed_of_meeting
from tracker.services.meetings.guests import Invited, guests_of
from tracker.services.meetings.inviting import answer_invitation, invite, uninvite
from tracker.services.meetings.planning import (
    MeetingInput,
    archive_meeting,
    edit_meeting,
    find_meeting,
    is_zone,
    meetings_of,
    plan_meeting,
    restore_meeting,
)
from tracker.services.people.memberships import members_of
from tracker.tables import Meeting
from tracker.web.http.forms import ZONES, count_of, day_of, form_page, id_of, sent, time_of_day, typed
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post

FIELDS = ("title", "day", "time", "minutes", "timezone", "place")
MOST = 500
"""Of the list: years of meetings."""


@get("/projects/{key:str}/meetings", guard=Guard.MEMBER)
def meetings(ask: Ask, key: str) -> Answer:
    with ask.reading() as session:
        found = meetings_of(session, ask.standing, archived=True)
        facts = {one.id: one for one in list_meetings(session, ask.standing, None, MOST)}
    living = [one for one in found if one.archived_at is None]
    planned = [one for one in living if one.state == MeetingState.PLANNED]
    ended = [one for one in reversed(living) if one.state != MeetingState.PLANNED]
    return page(
        ask,
        "meetings/list.html",
        planned=planned,
        ended=ended,
        facts=facts,
        away=[one for one in found if one.archived_at is not None],
    )


@get("/projects/{key:str}/meetings/new", guard=Guard.CONDUCTOR)
def new_meeting(ask: Ask, key: str) -> Answer:
    values: dict[str, Any] = {
        **dict.fromkeys(FIELDS, ""), "minutes": "30", "timezone": ask.project.timezone, "agenda": "", "follows": "",
        "integrations": [ask.query["integration"]] if ask.query.get("integration") else [], "people": [],
    }  # fmt: skip
    follows = ask.query.get("follows", "")
    if follows.isascii() and follows.isdigit() and len(follows) < 10:
        with ask.reading() as session:
            before = enter(ask, session, int(follows))
            values |= {
                "title": before.title,
                "minutes": str(before.minutes),
                "place": before.place,
                "follows": follows,
                "integrations": [str(one) for one in integrations_of_meeting(session, before.id)],
                "people": [str(guest.person_id) for guest in guests_of(session, before.id)],
                **{f"why-{guest.person_id}": guest.why for guest in guests_of(session, before.id)},
            }
    return _form(ask, None, values)


@post("/projects/{key:str}/meetings", guard=Guard.CONDUCTOR, once=True)
def create(ask: Ask, key: str) -> Answer:
    """Many people, or nobody who decides, is asked about once before anybody is invited."""
    form = ask.form
    values = {
        **typed(form),
        "integrations": form.texts("integrations"),
        "people": form.texts("people"),
        "decides": form.texts("decides"),
    }
    people = invited(ask)
    wonders = doubts(len(people), sum(bool(one.decides) for one in people))
    try:
        given = MeetingInput(
            form.text("title"),
            _starts_at(ask),
            count_of(form, "minutes"),
            form.text("timezone"),
            form.text("place"),
            integrations=form.numbers("integrations"),
            people=people,
            follows=form.number("follows"),
        )
        if wonders and form.text("accepted") != "1":
            return _form(ask, None, values, wonders=wonders)
        with ask.writing() as session:
            made = plan_meeting(session, ask.actor, ask.project.id, given, now=ask.now)
            lines = [line.strip() for line in form.text("agenda").splitlines() if line.strip()]
            add_items(session, ask.actor, made.id, [ItemInput(line) for line in lines], now=ask.now)
    except Invalid as error:
        return _form(ask, None, values, error)
    return back(ask, made.id, ask.gettext("The meeting is planned."))


@get("/meetings/{meeting_id:int}/edit", guard=Guard.OBJECT)
def edit_form(ask: Ask, meeting_id: int) -> Answer:
    with ask.reading() as session:
        one = enter(ask, session, meeting_id)
        require_conductor(ask.standing)
        local = one.starts_at.astimezone(ZoneInfo(one.timezone))
        values = {
            "title": one.title, "day": local.date().isoformat(), "time": f"{local:%H:%M}", "minutes": one.minutes,
            "timezone": one.timezone, "place": one.place,
            "integrations": [str(joint) for joint in integrations_of_meeting(session, one.id)],
        }  # fmt: skip
    return _form(ask, one, values)


@post("/meetings/{meeting_id:int}/edit", guard=Guard.OBJECT)
def edit(ask: Ask, meeting_id: int) -> Answer:
    form = ask.form
    with ask.reading() as session:
        one = enter(ask, session, meeting_id)
    try:
        changes: dict[str, Any] = sent(form, ("title", "place", "timezone"))
        if "day" in form:
            changes |= {"starts_at": _starts_at(ask), "minutes": count_of(form, "minutes")}
        if "has_integrations" in form:
            changes["integrations"] = form.numbers("integrations")
        with ask.writing() as session:
            edit_meeting(session, ask.actor, meeting_id, form.number("version"), changes, now=ask.now)
    except (Invalid, Conflict) as error:
        return _form(ask, one, {**typed(form), "integrations": form.texts("integrations")}, error)
    return back(ask, meeting_id, ask.gettext("Saved."))


@post("/meetings/{meeting_id:int}/archive", guard=Guard.OBJECT)
def archive(ask: Ask, meeting_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, meeting_id)
        one = archive_meeting(session, ask.actor, meeting_id, now=ask.now)
    return see_other(ask, f"/projects/{ask.project.key}/meetings", ask.gettext("{name} is put away.", name=one.title))


@post("/meetings/{meeting_id:int}/restore", guard=Guard.OBJECT)
def restore(ask: Ask, meeting_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, meeting_id)
        one = restore_meeting(session, ask.actor, meeting_id, now=ask.now)
    return back(ask, meeting_id, ask.gettext("{name} is back.", name=one.title))


@post("/meetings/{meeting_id:int}/people", guard=Guard.OBJECT)
def invite_more(ask: Ask, meeting_id: int) -> Answer:
    form = ask.form
    with ask.writing() as session:
        enter(ask, session, meeting_id)
        one = Invited(id_of(form, "person") or 0, form.text("why"), True if form.text("decides") == "1" else None)
        invite(session, ask.actor, meeting_id, [one], now=ask.now)
    return back(ask, meeting_id, ask.gettext("Invited."))


@post("/meetings/{meeting_id:int}/people/{person_id:int}/remove", guard=Guard.OBJECT)
def take_off(ask: Ask, meeting_id: int, person_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, meeting_id)
        uninvite(session, ask.actor, meeting_id, person_id, now=ask.now)
    return back(ask, meeting_id, ask.gettext("Saved."))


@post("/meetings/{meeting_id:int}/rsvp", guard=Guard.OBJECT)
def rsvp(ask: Ask, meeting_id: int) -> Answer:
    with ask.writing() as session:
        enter(ask, session, meeting_id)
        actor = ask.on_behalf(id_of(ask.form, "behalf"))
        answer_invitation(session, actor, meeting_id, ask.form.text("rsvp"), now=ask.now)
    return back(ask, meeting_id, ask.gettext("Noted."))


@get("/meetings/{meeting_id:int}/calendar.ics", guard=Guard.OBJECT)
def calendar_file(ask: Ask, meeting_id: int) -> Answer:
    """The meeting alone, to be put into any calendar by hand."""
    with ask.reading() as session:
        one = enter(ask, session, meeting_id)
        body = ics.feed(feed_of_meeting(session, one, ask.language))
    headers = {"content-disposition": f'attachment; filename="meeting-{meeting_id}.ics"', "cache-control": "no-store"}
    return Response(body, media_type="text/calendar", headers=headers)


def enter(ask: Ask, session: Session, meeting_id: int) -> Meeting:
    return ask.into(session, find_meeting(session, ask.actor, meeting_id))


def back(ask: Ask, meeting_id: int, said: str) -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/meetings/{meeting_id}", said)


def invited(ask: Ask) -> list[Invited]:
    """The ticked people, each with why, and whether they can decide: as ticked, else as in the project."""
    form = ask.form
    with ask.reading() as session:
        known = {one.person_id: one.can_decide for one in members_of(session, ask.standing)}
    deciders = set(form.numbers("decides"))
    return [
        Invited(person, form.text(f"why-{person}"), person in deciders or known.get(person, False))
        for person in form.numbers("people")
    ]


def _starts_at(ask: Ask) -> datetime:
    """Day and time of the form, in its zone, as an instant."""
    form = ask.form
    zone = form.text("timezone").strip() or ask.project.timezone
    errors = [] if is_zone(zone) else [FieldError("timezone", "unknown_zone")]
    day = time = None
    for name in ("day", "time"):
        try:
            if name == "day":
                day = day_of(form, name, ask.today)
            else:
                time = time_of_day(form, name)
        except Invalid as error:
            errors += error.errors
    if day is None and not any(one.field == "day" for one in errors):
        errors.append(FieldError("day", "required"))
    if errors or day is None or time is None:
        raise Invalid(*errors)
    return datetime.combine(day, time, ZoneInfo(zone))


def _form(
    ask: Ask,
    one: Meeting | None,
    values: dict[str, Any],
    error: Invalid | Conflict | None = None,
    wonders: list[str] | None = None,
) -> Answer:
    with ask.reading() as session:
        joints = [(str(row.id), row.name) for row in integrations_of(session, ask.standing)]
        members = members_of(session, ask.standing)
    defaults: dict[str, Any] = {"integrations": [], "people": [], "decides": []}
    answer = form_page(
        ask,
        "meetings/edit.html",
        {**defaults, **values},
        error=error,
        version=one.version if one else None,
        of="meeting",
        one=one,
        joints=joints,
        members=members,
        zones=ZONES,
        wonders=wonders or [],
    )
    if wonders:
        answer.status_code = 422
    return answer


ROUTES = [
    meetings, new_meeting, create, edit_form, edit, archive, restore, invite_more, take_off, rsvp, calendar_file,
]  # fmt: skip
