"""«Мои шаги»: somebody's own page behind their private address. No account; what is asked, and the set of answers.

Whoever holds the address is the person. Opening it changes nothing (mail scanners open links); answers are plain forms.
"""

from typing import Any

from litestar import Response
from sqlmodel import Session

from tracker.domain.errors import Invalid, NotFound
from tracker.domain.permissions import Sight
from tracker.domain.terms import AnswerKind, Scope, Way
from tracker.formats import calendars as ics
from tracker.services.access.loading import SeenTask, seen_again
from tracker.services.access.tokens import TokenHolder, find_token, standing_address, touch, url_of
from tracker.services.ground.journal import Actor
from tracker.services.ground.uploads import upload_of
from tracker.services.meetings.feeds import feed_of_meeting
from tracker.services.meetings.inviting import answer_invitation
from tracker.services.meetings.planning import find_meeting
from tracker.services.podium.my_page import my_page, not_me
from tracker.services.podium.steps import AskedTask, find_step, step_seen
from tracker.services.tasks.answers import Given, give
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.evidence import add_evidence
from tracker.web.house import kept_choice
from tracker.web.http.guards import Guard
from tracker.web.http.request import LANGUAGE_COOKIE, Ask
from tracker.web.http.responses import Answer, context_of, page, saved
from tracker.web.http.routes import get, post
from tracker.web.http.templates import render
from tracker.web.tasks.answers import given_of
from tracker.web.tasks.files import BODY, sent_file
from tracker.wording.dates import short_day
from tracker.wording.languages import languages
from tracker.wording.refusals import field_sentences, sentence

PRIVATE = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow", "cache-control": "no-store"}
"""An address that opens without a password shall stand in no referrer, no index and no cache."""


@get("/my/{token:str}", guard=Guard.LINK)
def my_steps(ask: Ask, token: str) -> Answer:
    try:
        with ask.reading() as session:
            _enter(ask, session, token)
    except NotFound:
        return page(ask, "steps/gone.html", status=404, headers=PRIVATE)
    return _page(ask, token)


def _enter(ask: Ask, session: Session, token: str) -> Actor:
    """Who holds this address; from here on the page speaks to them."""
    ask.holder = find_token(session, Scope.PAGE, token, now=ask.now)
    return Actor(ask.holder.person_id, Way.LINK, at=ask.now)


def _holder(ask: Ask) -> TokenHolder:
    assert ask.holder is not None, "the page is entered first"
    return ask.holder


def _page(
    ask: Ask,
    token: str,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    opened: str = "",
    at: int = 0,
    shown: str = "",
) -> Answer:
    """`opened`: the fold that stays open at the step `at`, with `errors` in it and what was typed."""
    return page(
        ask,
        "steps/page.html",
        status=status,
        headers=PRIVATE,
        **_facts(ask, token, errors or {}, opened, at),
        calendar=shown,
    )


def _facts(ask: Ask, token: str, errors: dict[str, str], opened: str, at: int) -> dict[str, Any]:
    holder = _holder(ask)
    with ask.reading() as session:
        mine = my_page(session, holder.person_id, holder.project_id, now=ask.now, today=ask.today)
    typed = {name: ask.form.text(name) for name in ask.form.values} if errors else {}
    return {"my": mine, "root": f"/my/{token}", "errors": errors, "opened": opened, "at": at, "typed": typed}


def _chosen(ask: Ask) -> str:
    """A button that names a day says by it which answer it is."""
    if ask.form.text("on_day"):
        return "promise"
    return "later" if ask.form.text("until_day") else ask.form.text("answer")


@post("/my/{token:str}/tasks/{task_id:int}/answer", guard=Guard.LINK)
def answer(ask: Ask, token: str, task_id: int) -> Answer:
    chosen = _chosen(ask)
    try:
        with ask.writing() as session:
            actor = _enter(ask, session, token)
            seen = find_step(session, actor, task_id, lock=True)
            before, given = step_seen(session, seen), given_of(ask, chosen)
            outcome = give(session, actor, seen, given, now=ask.now).outcome
            _used(ask, session)
    except Invalid as error:
        return _again(ask, token, error, chosen, task_id)
    said = _said(ask, given, outcome, before)
    if outcome in ("evidence_needed", "snooze_cap"):
        # The next thing to do stands open, with the word about it.
        fold = "evidence" if outcome == "evidence_needed" else "promise"
        return _again(ask, token, None, fold, task_id, said)
    return _went(ask, token, said)


def _said(ask: Ask, given: Given, outcome: str, step: AskedTask) -> str:
    """One line about what was done: what, and who has it now."""
    _ = ask.gettext
    if outcome == "evidence_needed":
        return _("Done means shown here: add a link or a screenshot below.")
    if outcome == "snooze_cap":
        return _("It can't be put off any longer. A date or a call would help more now.")
    if outcome == "nothing_new":
        return _("It is finished already.")
    if outcome == "review" and step.checker:
        return _("Thank you. {name} checks it now.", name=step.checker)
    if outcome in ("passed_back", "review"):
        return _("Thank you. It is passed on.")
    day = short_day(ask.language, given.day, ask.today) if given.day is not None else ""
    if given.kind is AnswerKind.PROMISE:
        return _("Thank you. Noted: {day}. Until then all is quiet.", day=day)
    if given.kind is AnswerKind.LATER:
        return _("Fine. Until {day} all is quiet.", day=day)
    if given.kind in (AnswerKind.HELP, AnswerKind.NOT_MINE):
        joins = _("{conductor} joins.", conductor=step.conductor) if step.conductor else ""
        return " ".join(part for part in (_("Thank you, it is passed on."), joins) if part)
    return _("Thank you. Noted: in progress.") if given.kind is AnswerKind.IN_PROGRESS else _("Thank you. It is done.")


@post("/my/{token:str}/tasks/{task_id:int}/evidence", guard=Guard.LINK, limit=BODY, slow=True)
def show_evidence(ask: Ask, token: str, task_id: int) -> Answer:
    """A link or a file; with «done» it is the answer at the same time."""
    form = ask.form
    try:
        with ask.reading() as session:
            find_step(session, _enter(ask, session, token), task_id)  # before a stranger's file is written
        kept = sent_file(ask)
        with ask.writing() as session:
            actor = _enter(ask, session, token)
            seen = find_step(session, actor, task_id, lock=True)
            before = step_seen(session, seen)
            upload = upload_of(session, actor, kept, project_id=before.project_id, now=ask.now)
            url, caption = form.text("url"), form.text("caption")
            add_evidence(session, actor, seen, url=url, upload_id=upload, caption=caption, now=ask.now)
            said, seen = ask.gettext("Thank you. It stands with the task now."), seen_again(session, seen)
            if form.text("answer") == "done" and _still_theirs(ask, session, seen):
                done = Given(AnswerKind.DONE)
                said = _said(ask, done, give(session, actor, seen, done, now=ask.now).outcome, before)
            _used(ask, session)
    except Invalid as error:
        return _again(ask, token, error, "evidence", task_id)
    return _went(ask, token, said)


def _still_theirs(ask: Ask, session: Session, seen: SeenTask) -> bool:
    """What was awaited of them is passed back by the evidence alone; whether the whole is done is not theirs to say."""
    return seen.sight is Sight.FULL and step_seen(session, seen).asks(_holder(ask).person_id)


@post("/my/{token:str}/tasks/{task_id:int}/remark", guard=Guard.LINK)
def remark(ask: Ask, token: str, task_id: int) -> Answer:
    try:
        with ask.writing() as session:
            actor = _enter(ask, session, token)
            seen = find_step(session, actor, task_id, lock=True)
            add_comment(session, actor, seen, ask.form.text("text"), now=ask.now)
            _used(ask, session)
    except Invalid as error:
        return _again(ask, token, error, "remark", task_id)
    return _went(ask, token, ask.gettext("Thank you, it is passed on."))


@post("/my/{token:str}/meetings/{meeting_id:int}/answer", guard=Guard.LINK)
def answer_meeting(ask: Ask, token: str, meeting_id: int) -> Answer:
    coming = ask.form.text("rsvp")
    with ask.writing() as session:
        answer_invitation(session, _enter(ask, session, token), meeting_id, coming, now=ask.now)
        _used(ask, session)
    said = ask.gettext("Noted: you will be there.") if coming == "yes" else ask.gettext("Noted: you can't make it.")
    return _went(ask, token, said)


@get("/my/{token:str}/meetings/{meeting_id:int}/meeting.ics", guard=Guard.LINK)
def meeting_file(ask: Ask, token: str, meeting_id: int) -> Answer:
    """One meeting, for whatever calendar the device has."""
    with ask.reading() as session:
        actor = _enter(ask, session, token)
        meeting = find_meeting(session, actor, meeting_id).meeting
        body = ics.feed(feed_of_meeting(session, meeting, _holder(ask).language))
    headers = {**PRIVATE, "content-disposition": 'attachment; filename="meeting.ics"'}
    return Response(body, media_type="text/calendar", headers=headers)


@post("/my/{token:str}/calendar", guard=Guard.LINK)
def show_calendar(ask: Ask, token: str) -> Answer:
    """One's own calendar's address, shown here and now: it is made by asking for it, so not by opening the page."""
    settings = ask.running.settings
    with ask.writing() as session:
        actor = _enter(ask, session, token)
        secret = standing_address(
            session,
            actor,
            _holder(ask).person_id,
            Scope.CALENDAR,
            key=settings.key,
            now=ask.now,
            project_id=_holder(ask).project_id,
        )
    public = settings.public_url or str(ask.request.base_url).rstrip("/")
    return _page(ask, token, shown=url_of(Scope.CALENDAR, secret, public) or "")


@post("/my/{token:str}/language", guard=Guard.LINK)
def choose_language(ask: Ask, token: str) -> Answer:
    """Here and not at /language: this page tells no origin, which is asked for everywhere else."""
    with ask.reading() as session:
        _enter(ask, session, token)
    chosen = ask.form.text("language")
    return kept_choice(ask, LANGUAGE_COOKIE, chosen if chosen in languages() else "")


@post("/my/{token:str}/not-me", guard=Guard.LINK)
def somebody_else(ask: Ask, token: str) -> Answer:
    with ask.writing() as session:
        actor = _enter(ask, session, token)
        not_me(session, actor, _holder(ask).id, now=ask.now)
    return page(ask, "steps/gone.html", headers=PRIVATE, thanks=True)


def _used(ask: Ask, session: Session) -> None:
    """Answers count as use; a mere look may be a scanner's."""
    holder = _holder(ask)
    if holder.unseen:
        touch(session, holder.id, now=ask.now)


def _went(ask: Ask, token: str, said: str) -> Answer:
    html = _html(ask, token) if ask.is_htmx else None
    return saved(ask, f"/my/{token}", said, html=html)


def _html(ask: Ask, token: str, errors: dict[str, str] | None = None, opened: str = "", at: int = 0) -> str:
    return render("steps/_steps.html", ask.language, **context_of(ask), **_facts(ask, token, errors or {}, opened, at))


def _again(ask: Ask, token: str, error: Invalid | None, opened: str, task_id: int, said: str = "") -> Answer:
    """The page once more: what is wrong stands at its field, what was typed is kept."""
    with ask.reading() as session:
        _enter(ask, session, token)
    errors = field_sentences(ask.language, error) if error else {}
    if error and not errors:
        errors = {"answer": sentence(ask.language, error)}
    if error is None:
        errors = {"hint": said}
    status = 200 if error is None else 422
    if ask.is_htmx:
        html = _html(ask, token, errors, opened, task_id)
        return Response(html, status_code=status, media_type="text/html", headers=PRIVATE)
    return _page(ask, token, status=status, errors=errors, opened=opened, at=task_id)


ROUTES = [
    my_steps, answer, show_evidence, remark, answer_meeting, meeting_file, show_calendar, choose_language,
    somebody_else,
]  # fmt: skip
