"""A task's own page: everything about it, its answers, its history and what the bot has said of it."""

from sqlmodel import Session

from tracker.domain.errors import Invalid
from tracker.domain.permissions import Sight, may_answer, may_comment, require
from tracker.domain.terms import FINISHED
from tracker.services.access.loading import SeenTask, find_task_by_number, seen_again
from tracker.services.facts.history import history_of_task, told_of_task
from tracker.services.ground.directory import directory_of
from tracker.services.ground.uploads import upload_of
from tracker.services.register.page import one_row
from tracker.services.tasks.answers import give
from tracker.services.tasks.comments import add_comment, comments_of
from tracker.services.tasks.editing import edit_task
from tracker.services.tasks.evidence import add_evidence, evidence_of_task, remove_evidence
from tracker.services.tasks.fields import WaitInput
from tracker.services.tasks.waiting import pass_on, waiters_of
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask, number_of
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.web.tasks.answers import given_of
from tracker.web.tasks.edit import address_of, enter, onward
from tracker.web.tasks.files import BODY, sent_file
from tracker.web.tasks.forms import options_of, typed_of
from tracker.wording.events import event_line
from tracker.wording.marking import N_
from tracker.wording.refusals import field_sentences
from tracker.wording.why import why

SAID = {
    "done": N_("Done. Thank you."),
    "review": N_("It is with the checker now."),
    "passed_back": N_("The turn is passed back."),
    "evidence_needed": N_("Done means shown: add a link or a file first."),
    "noted": N_("Noted."),
    "nothing_new": N_("It is finished already."),
    "snooze_cap": N_("It can't be put off any longer. A date or a call would help more now."),
}

PLACES = ("on", "promised_on", "until", "note", "text", "url", "file", "caption", "remind")
"""The fields beside which the page says what is wrong with them; of the rest it speaks on top."""


@get("/projects/{key:str}/t/{number:int}", guard=Guard.MEMBER, cached=True)
def task_page(ask: Ask, key: str, number: int) -> Answer:
    with ask.reading() as session:
        return _page(ask, session, find_task_by_number(session, ask.actor, ask.project.id, number))


def _page(
    ask: Ask,
    session: Session,
    seen: SeenTask,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    opened: str = "",
) -> Answer:
    names = directory_of(session, ask.project.id)
    full = seen.sight is Sight.FULL
    place = ask.query.get("told", "")
    told, more_told = told_of_task(session, seen, number_of(place))
    return page(
        ask,
        "tasks/page.html",
        status=status,
        task=seen.task,
        full=full,
        names=names,
        row=one_row(session, ask.project, seen.standing, seen.task.id, ask.now),
        runs=seen.standing.runs,
        may_answer=may_answer(seen.standing, seen.people) and full,
        may_comment=may_comment(seen.standing, seen.people),
        finished=seen.task.status in FINISHED,
        comments=comments_of(session, seen),
        evidence=evidence_of_task(session, seen),
        history=[(one, event_line(ask.language, one, names, ask.today)) for one in history_of_task(session, seen)],
        told=told,
        more_told=more_told,
        why=lambda rule, facts: why(ask.language, rule, facts, ask.zone, ask.now),
        waiters=waiters_of(session, seen.task.id) if full else [],
        options=options_of(ask, session),
        typed={**typed_of(seen.task), **(typed or {})},
        errors=errors or {},
        opened=opened,
        wrong=" ".join(text for name, text in (errors or {}).items() if name not in PLACES),
    )


@post("/tasks/{task_id:int}/answer", guard=Guard.OBJECT)
def answer(ask: Ask, task_id: int) -> Answer:
    """One of the set of answers, one's own or «со слов» (`behalf`)."""
    form = ask.form
    try:
        with ask.writing() as session:
            seen = enter(ask, session, task_id, lock=True)
            given = given_of(ask, form.text("answer"))
            answered = give(session, ask.on_behalf(form.number("behalf")), seen, given, now=ask.now)
    except Invalid as error:
        return _again(ask, task_id, error, "answers")
    return see_other(ask, onward(ask, answered.seen), ask.gettext(SAID[answered.outcome]))


@post("/tasks/{task_id:int}/comment", guard=Guard.OBJECT, once=True)
def comment(ask: Ask, task_id: int) -> Answer:
    try:
        with ask.writing() as session:
            seen = enter(ask, session, task_id, lock=True)
            actor, private = ask.on_behalf(ask.form.number("behalf")), bool(ask.form.text("private"))
            add_comment(session, actor, seen, ask.form.text("text"), private=private, now=ask.now)
    except Invalid as error:
        return _again(ask, task_id, error, "comment")
    return see_other(ask, f"{address_of(ask, seen.task)}#comments", ask.gettext("The comment is added."))


@post("/tasks/{task_id:int}/evidence", guard=Guard.OBJECT, limit=BODY, slow=True)
def show_evidence(ask: Ask, task_id: int) -> Answer:
    """A link, a file, or both at once."""
    with ask.reading() as session:
        seen = enter(ask, session, task_id)
        require(may_answer(seen.standing, seen.people), "answer")
    try:
        kept = sent_file(ask)
        with ask.writing() as session:
            seen = enter(ask, session, task_id, lock=True)
            actor = ask.on_behalf(ask.form.number("behalf"))
            upload = upload_of(session, actor, kept, project_id=ask.project.id, now=ask.now)
            url, caption = ask.form.text("url"), ask.form.text("caption")
            add_evidence(session, actor, seen, url=url, upload_id=upload, caption=caption, now=ask.now)
            seen = seen_again(session, seen)
    except Invalid as error:
        return _again(ask, task_id, error, "evidence")
    return see_other(ask, onward(ask, seen), ask.gettext("The evidence is added."))


@post("/tasks/{task_id:int}/evidence/{evidence_id:int}/remove", guard=Guard.OBJECT)
def take_evidence_away(ask: Ask, task_id: int, evidence_id: int) -> Answer:
    with ask.writing() as session:
        seen = enter(ask, session, task_id)
        remove_evidence(session, ask.actor, evidence_id, now=ask.now)
    return see_other(ask, address_of(ask, seen.task), ask.gettext("The evidence is taken away."))


@post("/tasks/{task_id:int}/pass-on", guard=Guard.OBJECT)
def pass_wait_on(ask: Ask, task_id: int) -> Answer:
    with ask.writing() as session:
        task = pass_on(session, ask.actor, enter(ask, session, task_id, lock=True), now=ask.now)
    return see_other(ask, address_of(ask, task), ask.gettext("The turn is passed on."))


@post("/tasks/{task_id:int}/take", guard=Guard.OBJECT)
def take_on(ask: Ask, task_id: int) -> Answer:
    """«Беру на себя»: the conductor becomes the owner, and nothing is waited for any more."""
    with ask.writing() as session:
        seen = enter(ask, session, task_id, lock=True)
        changes: dict[str, int | WaitInput | None] = {"owner": ask.signed_in.person_id, "waiting": None}
        edit_task(session, ask.actor, seen, None, changes, now=ask.now)
    return see_other(ask, address_of(ask, seen.task), ask.gettext("It is yours now."))


def _again(ask: Ask, task_id: int, error: Invalid, opened: str) -> Answer:
    with ask.reading() as session:
        task = enter(ask, session, task_id).task
    if opened == "answers" and (task.status in FINISHED or task.archived_at):
        raise error  # the page has no answers any more beside which it could be said
    return again(ask, task_id, field_sentences(ask.language, error), opened)


def again(ask: Ask, task_id: int, errors: dict[str, str], opened: str, *, status: int = 422) -> Answer:
    """The page once more, with what was typed and what is wrong with it."""
    with ask.reading() as session:
        seen = enter(ask, session, task_id)
        typed = {name: ask.form.text(name) for name in ask.form.values}
        return _page(ask, session, seen, status=status, errors=errors, typed=typed, opened=opened)


ROUTES = [task_page, answer, comment, show_evidence, take_evidence_away, pass_wait_on, take_on]
