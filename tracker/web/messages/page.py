"""Messages: whether people are written to, what goes out next and why, in which words, and what went out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from sqlmodel import Session

from tracker.domain.errors import Invalid, NotFound, Refused
from tracker.domain.terms import Messages, MessageState
from tracker.domain.worktime import day_in
from tracker.services.access.loading import project_by_id
from tracker.services.messages.beforehand import foreseen_on, let_go, say_before, stop_foreseen, was_stopped
from tracker.services.messages.by_hand import pass_on_by_hand, text_to_pass_on
from tracker.services.messages.handling import approve_message, find_message, reword_message, stop_message
from tracker.services.messages.overview import (
    ShownMessage,
    day_there,
    earlier_messages,
    foreseen_messages,
    stopped_messages,
    waiting_messages,
)
from tracker.services.messages.preview import Foreseen, foresee
from tracker.services.people.speaking import see_preview, switch_messages
from tracker.tables import Message, Person, Project
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask, number_of
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.wording.refusals import field_sentences
from tracker.wording.why import why

DAYS = 3
"""Today, tomorrow and the day after."""
FORESEEN = 30
"""Messages of a day that are foreseen in words."""
CHANNELS = ("telegram",)
"""By which messages leave today: whom none of them reaches is not foreseen as reached."""


class Day(NamedTuple):
    """What leaves on a day of the reader's, soonest first. `more`: foreseen as well, and not shown."""

    day: date
    messages: Sequence[ShownMessage]
    more: int = 0
    stopped: Sequence[ShownMessage] = ()


@get("/projects/{key:str}/messages", guard=Guard.CONDUCTOR, slow=True)
def messages(ask: Ask, key: str) -> Answer:
    return _page(ask)


def _page(
    ask: Ask, *, status: int = 200, errors: dict[str, str] | None = None, at: object = 0, typed: str = ""
) -> Answer:
    """`at`: the message whose words were refused, or (person, day) of a foreseen one."""
    before = ask.query.get("before", "")
    place = number_of(before)
    with ask.reading() as session:
        waiting, waiting_more = waiting_messages(session, ask.actor, ask.project.id)
        earlier, more = earlier_messages(session, ask.actor, ask.project.id, place)
        found = _foresee(ask, session)
        stopped = stopped_messages(session, ask.actor, ask.project.id, _midnight(ask, ask.today))
        shown, cut_off = _cut(ask, [one for one in found if one.message is None])
        foreseen = foreseen_messages(session, ask.actor, ask.project.id, shown)
    held = [one.id for one in waiting if one.state == MessageState.HELD and one.mine]
    return page(
        ask,
        "messages/page.html",
        status=status,
        days=_days(ask, [*waiting, *foreseen], cut_off, stopped),
        waiting_more=waiting_more,
        earlier=earlier,
        more=more,
        held=held,
        errors=errors or {},
        at=at,
        typed=typed,
        there=day_there,
        why=partial(_why, ask),
        approving=ask.project.approve_until is not None and ask.project.approve_until >= ask.today,
    )


def _foresee(ask: Ask, session: Session) -> list[Foreseen]:
    until = _midnight(ask, ask.today + timedelta(days=DAYS))
    return foresee(session, ask.project.id, ask.now, until, channels=CHANNELS)


def _midnight(ask: Ask, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ask.zone)


def _cut(ask: Ask, found: Sequence[Foreseen]) -> tuple[list[Foreseen], dict[date, int]]:
    """What is worded of each day, and how much more there is."""
    shown: list[Foreseen] = []
    counted: Counter[date] = Counter()
    for one in found:
        day = day_in(ask.zone, one.at)
        counted[day] += 1
        if counted[day] <= FORESEEN:
            shown.append(one)
    return shown, {day: count - FORESEEN for day, count in counted.items() if count > FORESEEN}


def _days(
    ask: Ask, messages: Sequence[ShownMessage], more: Mapping[date, int], stopped: Sequence[ShownMessage]
) -> list[Day]:
    """Each of the next days, and those later ones for which something waits already."""
    by_day: dict[date, list[ShownMessage]] = {ask.today + timedelta(days=ahead): [] for ahead in range(DAYS)}
    for one in sorted(messages, key=lambda one: (one.at, one.person)):
        # What should have left before is still to leave today.
        by_day.setdefault(max(day_in(ask.zone, one.at), ask.today), []).append(one)
    off: dict[date, list[ShownMessage]] = {}
    for one in stopped:
        off.setdefault(day_in(ask.zone, one.at), []).append(one)
    days = sorted({*by_day, *off})
    return [Day(day, by_day.get(day, []), more.get(day, 0), off.get(day, ())) for day in days]


def _why(ask: Ask, rule: str, facts: dict[str, object]) -> str:
    return why(ask.language, rule, facts, ask.zone, ask.now)


@post("/projects/{key:str}/messages/switch", guard=Guard.CONDUCTOR)
def switch(ask: Ask, key: str) -> Answer:
    """Beside what would be sent. `seen`: the button stands under it, and whoever presses it says to have read it."""
    try:
        with ask.writing() as session:
            if ask.form.text("seen") == "1":
                see_preview(session, ask.actor, ask.project.id, now=ask.now)
            project = switch_messages(session, ask.actor, ask.project.id, ask.form.text("messages"), now=ask.now)
    except Invalid as error:
        return _page(ask, status=422, errors=field_sentences(ask.language, error))
    said = {
        Messages.OFF: ask.gettext("Nobody is written to."),
        Messages.APPROVE: ask.gettext("Each message waits for your approval."),
        Messages.ON: ask.gettext("Messages go out by themselves now."),
    }[Messages(project.messages)]
    return see_other(ask, f"/projects/{project.key}/messages", said)


@post("/projects/{key:str}/messages/approve-all", guard=Guard.CONDUCTOR)
def approve_all(ask: Ask, key: str) -> Answer:
    """Those that were on the page: what has been queued since then is not approved unread."""
    wanted = set(ask.form.numbers("message"))
    with ask.writing() as session:
        held = [
            one.id
            for one in waiting_messages(session, ask.actor, ask.project.id)[0]
            if one.state == MessageState.HELD and one.mine and one.id in wanted
        ]
        for message_id in held:
            approve_message(session, ask.actor, message_id or 0, now=ask.now)
    said = ask.ngettext("{n} message is approved.", "{n} messages are approved.", len(held))
    return see_other(ask, f"/projects/{ask.project.key}/messages", said)


@post("/messages/{message_id:int}/approve", guard=Guard.OBJECT)
def approve(ask: Ask, message_id: int) -> Answer:
    with ask.writing() as session:
        url = _back(session, approve_message(session, ask.actor, message_id, now=ask.now))
    return see_other(ask, url, ask.gettext("Approved: it goes out as it stands."))


@post("/messages/{message_id:int}/stop", guard=Guard.OBJECT)
def stop(ask: Ask, message_id: int) -> Answer:
    with ask.writing() as session:
        url = _back(session, stop_message(session, ask.actor, message_id, now=ask.now))
    return see_other(ask, url, ask.gettext("Stopped: nothing goes out to this person on that day."))


@post("/messages/{message_id:int}/reword", guard=Guard.OBJECT)
def reword(ask: Ask, message_id: int) -> Answer:
    """One's own words; an empty text brings ours back."""
    text = ask.form.text("text")
    try:
        with ask.writing() as session:
            url = _back(session, reword_message(session, ask.actor, message_id, text, now=ask.now))
    except Invalid as error:
        with ask.reading() as session:
            found = find_message(session, ask.actor, message_id)
            ask.project, ask.standing = project_by_id(session, ask.actor, found.project_id or 0)
        return _page(ask, status=422, errors=field_sentences(ask.language, error), at=message_id, typed=text)
    return see_other(ask, url, ask.gettext("These words go out."))


@post("/messages/{message_id:int}/text", guard=Guard.OBJECT)
def text(ask: Ask, message_id: int) -> Answer:
    """The ready text with the person's private link. It is shown here and now, so the answer is a page."""
    settings = ask.running.settings
    with ask.writing() as session:
        ready = text_to_pass_on(
            session, ask.actor, message_id, key=settings.key, public_url=settings.public_url, now=ask.now
        )
        found = find_message(session, ask.actor, message_id)
        ask.project, ask.standing = project_by_id(session, ask.actor, found.project_id or 0)
        person = session.get_one(Person, found.person_id).name
    return page(
        ask, "messages/text.html", headers={"cache-control": "no-store"}, id=message_id, person=person, ready=ready
    )


@post("/messages/{message_id:int}/by-hand", guard=Guard.OBJECT)
def by_hand(ask: Ask, message_id: int) -> Answer:
    with ask.writing() as session:
        url = _back(session, pass_on_by_hand(session, ask.actor, message_id, now=ask.now))
    return see_other(ask, url, ask.gettext("Noted as passed on by you; the bot does not repeat it."))


@post("/messages/{message_id:int}/let-go", guard=Guard.OBJECT)
def go_after_all(ask: Ask, message_id: int) -> Answer:
    """A stop taken back."""
    with ask.writing() as session:
        url = _back(session, let_go(session, ask.actor, message_id, now=ask.now))
    return see_other(ask, url, ask.gettext("Taken back: what is due by then goes out."))


@post("/projects/{key:str}/messages/foreseen/stop", guard=Guard.CONDUCTOR, slow=True)
def stop_beforehand(ask: Ask, key: str) -> Answer:
    """`person` and `day`: of a message that is not queued yet."""
    try:
        one = _chosen(ask)
        with ask.writing() as session:
            stop_foreseen(session, ask.actor, one, now=ask.now)
    except Refused:
        # Pressed twice: what is stopped is foreseen no more.
        with ask.reading() as session:
            if not was_stopped(session, ask.project.id, ask.form.number("person"), ask.form.text("day")):
                raise
    return see_other(
        ask,
        f"/projects/{ask.project.key}/messages",
        ask.gettext("Stopped: nothing goes out to this person on that day. What it was about comes later."),
    )


@post("/projects/{key:str}/messages/foreseen/words", guard=Guard.CONDUCTOR, slow=True)
def words_beforehand(ask: Ask, key: str) -> Answer:
    """One's own words in front of a message that is not queued yet; an empty text takes them back."""
    one, text = _chosen(ask), ask.form.text("text")
    try:
        with ask.writing() as session:
            say_before(session, ask.actor, ask.project.id, one, text, now=ask.now)
    except Invalid as error:
        wrong = field_sentences(ask.language, error)
        return _page(ask, status=422, errors=wrong, at=(one.person, one.day), typed=text)
    said = (
        ask.gettext("These words stand in front of it.") if text.strip() else ask.gettext("The words are taken back.")
    )
    return see_other(ask, f"/projects/{ask.project.key}/messages", said)


def _chosen(ask: Ask) -> Foreseen:
    """What the page has shown. Found anew, and not under the lock of the writers: it takes a while in a big project."""
    try:
        day = date.fromisoformat(ask.form.text("day"))
    except ValueError:
        raise NotFound("message") from None
    with ask.reading() as session:
        one = foreseen_on(_foresee(ask, session), ask.form.number("person"), day)
    if one is None:
        raise Refused("not_foreseen", [])
    return one


def _back(session: Session, message: Message) -> str:
    return f"/projects/{session.get_one(Project, message.project_id).key}/messages"


ROUTES = [
    messages, switch, approve_all, approve, stop, reword, text, by_hand, go_after_all, stop_beforehand,
    words_beforehand,
]  # fmt: skip
