"""Messages: whether people are written to, what goes out next and why, in which words, and what went out."""

from itertools import groupby
from typing import Any

from sqlmodel import Session

from tracker.domain.errors import Invalid
from tracker.domain.terms import Messages, MessageState
from tracker.problems import field_sentences
from tracker.services.by_hand import pass_on_by_hand
from tracker.services.directory import directory_of
from tracker.services.mailbox import day_there, earlier_mail, tasks_named, waiting_mail
from tracker.services.messages import approve_message, find_message, reword_message, stop_message
from tracker.services.preview import preview
from tracker.services.projects import switch_messages
from tracker.services.rights import project_by_id
from tracker.tables import Message, Project
from tracker.web.answers import Answer, page, see_other
from tracker.web.asking import Ask
from tracker.web.guards import Guard
from tracker.web.routes import get, post


@get("/projects/{key:str}/messages", guard=Guard.CONDUCTOR)
def messages(ask: Ask, key: str) -> Answer:
    return _page(ask)


def _page(ask: Ask, *, status: int = 200, errors: dict[str, str] | None = None, at: int = 0, typed: str = "") -> Answer:
    before = ask.query.get("before", "")
    with ask.reading() as session:
        waiting = waiting_mail(session, ask.actor, ask.project.id)
        place = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
        earlier, more = earlier_mail(session, ask.actor, ask.project.id, place)
        foreseen = _foreseen(ask, session) if ask.project.messages == Messages.OFF else []
    days = [(day, list(group)) for day, group in groupby(waiting, key=lambda one: one.at.astimezone(ask.zone).date())]
    held = sum(1 for one in waiting if one.state == MessageState.HELD and one.mine)
    return page(
        ask, "messages/page.html", status=status, days=days, earlier=earlier, more=more, foreseen=foreseen, held=held,
        errors=errors or {}, at=at, typed=typed, there=day_there,
        approving=ask.project.approve_until is not None and ask.project.approve_until >= ask.today,
    )  # fmt: skip


def _foreseen(ask: Ask, session: Session) -> list[dict[str, Any]]:
    """What would go out if the project spoke: to be read before it does."""
    names = directory_of(session, ask.project.id)
    found = preview(session, ask.project.id, ask.now)
    named = tasks_named(session, [(task, rule) for each in found for task, _, rule in each.tasks])
    return [
        {
            "person": names.person(one.person), "at": one.send_after, "text": one.text, "rest": one.rest,
            "tasks": [named[task] for task, _, _ in one.tasks if task in named],
        }
        for one in found
    ]  # fmt: skip


@post("/projects/{key:str}/messages/switch", guard=Guard.CONDUCTOR)
def switch(ask: Ask, key: str) -> Answer:
    """Beside what would be sent, so that nobody lets the bot speak without having read it."""
    try:
        with ask.writing() as session:
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
            for one in waiting_mail(session, ask.actor, ask.project.id)
            if one.state == MessageState.HELD and one.mine and one.id in wanted
        ]
        for message_id in held:
            approve_message(session, ask.actor, message_id, now=ask.now)
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
    return see_other(ask, url, ask.gettext("Stopped: nothing goes out to this person today."))


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


@post("/messages/{message_id:int}/by-hand", guard=Guard.OBJECT)
def by_hand(ask: Ask, message_id: int) -> Answer:
    with ask.writing() as session:
        url = _back(session, pass_on_by_hand(session, ask.actor, message_id, now=ask.now))
    return see_other(ask, url, ask.gettext("Noted as passed on by you; the bot does not repeat it."))


def _back(session: Session, message: Message) -> str:
    return f"/projects/{session.get_one(Project, message.project_id).key}/messages"


ROUTES = [messages, switch, approve_all, approve, stop, reword, by_hand]
