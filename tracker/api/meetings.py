"""Meetings: an item is left only with a next step, moved on, or with a reason for no step."""

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.created import created, tagged
from tracker.api.http.inputs import Body, Changes, Day, Id, Moment, Number, ProjectName, Said, Yes
from tracker.api.http.lists import After, Filter, InProject, Limit, Page, PathId, project_given, walk
from tracker.api.views_meeting import MeetingView, meeting_view
from tracker.domain.errors import NotFound, Refused
from tracker.domain.permissions import Standing
from tracker.domain.terms import Outcome, Rsvp
from tracker.services.facts.integrations import one_of
from tracker.services.facts.meetings import MeetingFacts, list_meetings
from tracker.services.meetings.agenda import ItemInput, add_items, find_item, note_item, remove_item
from tracker.services.meetings.closing import ItemEnd, close_meeting, drop_meeting
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.inviting import answer_invitation, invite, uninvite
from tracker.services.meetings.planning import (
    MeetingInput,
    archive_meeting,
    edit_meeting,
    find_meeting,
    plan_meeting,
    restore_meeting,
)


class GuestNew(Body):
    """`decides`: left out, as in the project."""

    person: Id
    why: str = ""
    decides: Yes | None = None


class ItemNew(Body):
    """A line; about a task or a deadlock it takes its title."""

    title: str = ""
    task: Id | None = None
    deadlock: Id | None = None


class MeetingFields(Body):
    minutes: Number = 30
    timezone: str = ""
    place: str = ""
    notes: str = ""
    integrations: tuple[Id, ...] = ()


class MeetingNew(MeetingFields):
    project: ProjectName
    title: str
    starts_at: Moment
    people: tuple[GuestNew, ...] = ()
    items: tuple[ItemNew, ...] = ()
    follows: Id | None = None


class MeetingChanges(Changes, MeetingFields):
    title: str = ""
    starts_at: Moment | None = None


class People(Body):
    people: tuple[GuestNew, ...]


class Items(Body):
    items: tuple[ItemNew, ...]


class ItemNoted(Body):
    """What is being noted at a line, before the meeting ends."""

    title: str = ""
    outcome: Outcome | None = None
    reason: str = ""
    step_title: str = ""
    step_owner: Id | None = None
    step_needed_by: Day | None = None


class Step(Body):
    title: str = ""
    owner: Id | None = None
    needed_by: Day | None = None


class ItemClosed(Body):
    """What became of a line: a next step, moved on, or a reason for neither."""

    id: Id
    step: Step | None = None
    moved: Yes = False
    reason: str = ""

    def as_end(self) -> ItemEnd:
        step = self.step or Step()
        return ItemEnd(self.id, step.title, step.owner, step.needed_by, self.moved, self.reason)


class Closing(Changes):
    """`attended`: ids of who was there; left out: whoever had not declined."""

    notes: str | None = None
    items: tuple[ItemClosed, ...] = ()
    attended: tuple[Id, ...] | None = None


class NotHeld(Changes):
    reason: str


class RsvpGiven(Said):
    rsvp: Rsvp


def _invited(people: tuple[GuestNew, ...]) -> list[Invited]:
    return [Invited(one.person, one.why, one.decides) for one in people]


@get("/meetings", sync_to_thread=True)
def meetings(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    in_state: Annotated[Literal["", "planned", "closed", "not_held"], QueryParameter(name="state")] = "",
    integration: Filter = None,
) -> Page[MeetingView]:
    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[MeetingFacts]:
        return list_meetings(session, mine, last, wanted, state=in_state, integration=integration)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([meeting_view(one) for one in page.items], page.next)


def _meeting(caller: Caller, meeting_id: int) -> MeetingView:
    with caller.reading() as session:
        mine = find_meeting(session, caller.actor, meeting_id).standing
        return meeting_view(one_of(list_meetings(session, mine, None, 1, only=meeting_id), "meeting"))


@get("/meetings/{meeting_id:int}", sync_to_thread=True)
def meeting(caller: NamedDependency[Caller], meeting_id: PathId) -> Response[MeetingView]:
    return tagged(_meeting(caller, meeting_id))


@post("/meetings", sync_to_thread=True)
def new_meeting(caller: NamedDependency[Caller], data: JSONBody[MeetingNew]) -> Response[MeetingView]:
    with caller.writing() as session:
        project_id = project_given(caller, session, data.project)
        given = MeetingInput(**(data.sent("project", "items") | {"people": _invited(data.people)}))
        made = plan_meeting(session, caller.actor, project_id, given, now=caller.now).id
        if data.items:
            add_items(session, caller.actor, made, [ItemInput(**one.sent()) for one in data.items], now=caller.now)
    return created(f"/api/v1/meetings/{made}", _meeting(caller, made))


@patch("/meetings/{meeting_id:int}", sync_to_thread=True)
def change_meeting(
    caller: NamedDependency[Caller], meeting_id: PathId, data: JSONBody[MeetingChanges]
) -> Response[MeetingView]:
    with caller.writing() as session:
        find_meeting(session, caller.actor, meeting_id)
        changes = {name: value for name, value in data.changes().items() if (name, value) != ("starts_at", None)}
        edit_meeting(session, caller.actor, meeting_id, data.seen(caller), changes, now=caller.now)
    return tagged(_meeting(caller, meeting_id))


@delete("/meetings/{meeting_id:int}", sync_to_thread=True)
def put_meeting_away(caller: NamedDependency[Caller], meeting_id: PathId) -> None:
    """Calendars show a planned one as cancelled."""
    with caller.writing() as session:
        archive_meeting(session, caller.actor, meeting_id, now=caller.now)


@post("/meetings/{meeting_id:int}/restore", status_code=200, sync_to_thread=True)
def bring_meeting_back(caller: NamedDependency[Caller], meeting_id: PathId) -> Response[MeetingView]:
    with caller.writing() as session:
        restore_meeting(session, caller.actor, meeting_id, now=caller.now)
    return tagged(_meeting(caller, meeting_id))


@post("/meetings/{meeting_id:int}/people", status_code=200, sync_to_thread=True)
def invite_people(caller: NamedDependency[Caller], meeting_id: PathId, data: JSONBody[People]) -> Response[MeetingView]:
    with caller.writing() as session:
        invite(session, caller.actor, meeting_id, _invited(data.people), now=caller.now)
    return tagged(_meeting(caller, meeting_id))


@delete("/meetings/{meeting_id:int}/people/{person_id:int}", sync_to_thread=True)
def leave_out(caller: NamedDependency[Caller], meeting_id: PathId, person_id: PathId) -> None:
    with caller.writing() as session:
        uninvite(session, caller.actor, meeting_id, person_id, now=caller.now)


@post("/meetings/{meeting_id:int}/rsvp", status_code=200, sync_to_thread=True)
def answer_invite(
    caller: NamedDependency[Caller], meeting_id: PathId, data: JSONBody[RsvpGiven]
) -> Response[MeetingView]:
    """Whether one comes; with `behalf` noted for somebody invited."""
    with caller.writing() as session:
        answer_invitation(session, caller.on_behalf(data.behalf), meeting_id, data.rsvp, now=caller.now)
    return tagged(_meeting(caller, meeting_id))


@post("/meetings/{meeting_id:int}/items", status_code=200, sync_to_thread=True)
def add_lines(caller: NamedDependency[Caller], meeting_id: PathId, data: JSONBody[Items]) -> Response[MeetingView]:
    """Lines at the end of the agenda."""
    with caller.writing() as session:
        add_items(session, caller.actor, meeting_id, [ItemInput(**one.sent()) for one in data.items], now=caller.now)
    return tagged(_meeting(caller, meeting_id))


@patch("/meetings/{meeting_id:int}/items/{item_id:int}", sync_to_thread=True)
def note_line(
    caller: NamedDependency[Caller], meeting_id: PathId, item_id: PathId, data: JSONBody[ItemNoted]
) -> Response[MeetingView]:
    """Lines have no version: one person writes at a meeting, and each field stands for itself."""
    with caller.writing() as session:
        _of_meeting(session, caller, meeting_id, item_id)
        note_item(session, caller.actor, item_id, data.sent(), now=caller.now)
    return tagged(_meeting(caller, meeting_id))


@delete("/meetings/{meeting_id:int}/items/{item_id:int}", sync_to_thread=True)
def remove_line(caller: NamedDependency[Caller], meeting_id: PathId, item_id: PathId) -> None:
    with caller.writing() as session:
        _of_meeting(session, caller, meeting_id, item_id)
        remove_item(session, caller.actor, item_id, now=caller.now)


def _of_meeting(session: Session, caller: Caller, meeting_id: int, item_id: int) -> None:
    if find_item(session, caller.actor, item_id).meeting.id != meeting_id:
        raise NotFound("item")


@post("/meetings/{meeting_id:int}/close", status_code=200, sync_to_thread=True)
def close(caller: NamedDependency[Caller], meeting_id: PathId, data: JSONBody[Closing]) -> Response[MeetingView]:
    """Ends it and makes its steps tasks, or 409 with the lines that are not ended: `{items:[{id, reason}]}`."""
    try:
        with caller.writing() as session:
            seen, ends = (
                find_meeting(session, caller.actor, meeting_id, lock=True),
                [one.as_end() for one in data.items],
            )
            close_meeting(
                session,
                caller.actor,
                seen,
                data.seen(caller),
                ends,
                notes=data.notes,
                attended=data.attended,
                now=caller.now,
            )
    except Refused as error:
        raise _by_line(error) from None
    return tagged(_meeting(caller, meeting_id))


@post("/meetings/{meeting_id:int}/not-held", status_code=200, sync_to_thread=True)
def not_held(caller: NamedDependency[Caller], meeting_id: PathId, data: JSONBody[NotHeld]) -> Response[MeetingView]:
    """It did not take place, and why; what stood on the agenda waits for the next one."""
    try:
        with caller.writing() as session:
            seen = find_meeting(session, caller.actor, meeting_id, lock=True)
            drop_meeting(session, caller.actor, seen, data.seen(caller), data.reason, now=caller.now)
    except Refused as error:
        raise _by_line(error) from None
    return tagged(_meeting(caller, meeting_id))


def _by_line(error: Refused) -> Refused:
    if error.code != "meeting_open":
        return error
    return Refused(error.code, [{"id": row["item"], "reason": row["code"]} for row in error.missing])


ROUTES: list[Any] = [
    meetings, meeting, new_meeting, change_meeting, put_meeting_away, bring_meeting_back, invite_people, leave_out,
    answer_invite, add_lines, note_line, remove_line, close, not_held,
]  # fmt: skip
