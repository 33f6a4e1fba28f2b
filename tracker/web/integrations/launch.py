"""The acts of an integration's way to live: its two questions, its signers, the gate, and the ways round it."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from sqlmodel import Session

from tracker.domain.errors import Invalid, Refused
from tracker.domain.permissions import require_conductor
from tracker.services.ground.journal import Actor
from tracker.services.ground.uploads import upload_of
from tracker.services.integrations.launch import accept_accountability, agree_to_checks, bypass, go_live, mark_inherited
from tracker.services.integrations.packs import add_pack
from tracker.services.integrations.passports import add_guest, remove_member
from tracker.services.integrations.signatures import set_signers, sign, sign_by_letter
from tracker.web.http.forms import id_of, typed
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer
from tracker.web.http.routes import get, post
from tracker.web.integrations.passport import back, enter, gaps, passport
from tracker.web.tasks.files import BODY, sent_file

Given = ParamSpec("Given")
Verb = Callable[Concatenate[Session, Actor, int, Given], object]
ANCHORS = {"signers": "#signers", "members": "#members", "pack": "#checks"}
"""Where the page goes on after an act of this part."""


def _done(
    ask: Ask, integration_id: int, said: str, part: str, verb: Verb[Given], *given: Given.args, **named: Given.kwargs
) -> Answer:
    """Do it and go back to the page; a refusal draws the page again, its `part` open, with what was typed and what is
    missing."""
    with ask.reading() as session:
        enter(ask, session, integration_id)
    try:
        with ask.writing() as session:
            verb(session, ask.on_behalf(id_of(ask.form, "behalf")), integration_id, *given, **named)
    except Invalid as error:
        return passport(ask, integration_id, error=error, opened=part, values=typed(ask.form))
    except Refused as error:
        missing = gaps(ask, list(error.missing), integration_id)
        return passport(ask, integration_id, missing=missing, opened=part, status=409)
    return back(ask, integration_id, said, ANCHORS.get(part, ""))


@post("/integrations/{integration_id:int}/accept", guard=Guard.OBJECT)
def accept(ask: Ask, integration_id: int) -> Answer:
    """«Беру на себя»."""
    said = ask.gettext("The first question is answered.")
    return _done(ask, integration_id, said, "who", accept_accountability, now=ask.now)


@post("/integrations/{integration_id:int}/agree", guard=Guard.OBJECT)
def agree(ask: Ask, integration_id: int) -> Answer:
    return _done(ask, integration_id, ask.gettext("The list is confirmed."), "how", agree_to_checks, now=ask.now)


@post("/integrations/{integration_id:int}/go-live", guard=Guard.OBJECT)
def launch(ask: Ask, integration_id: int) -> Answer:
    return _done(ask, integration_id, ask.gettext("It is live, and accepted."), "launch", go_live, now=ask.now)


@get("/integrations/{integration_id:int}/go-live", guard=Guard.OBJECT)
def launch_seen(ask: Ask, integration_id: int) -> Answer:
    """Whoever reloads the refusal comes to the page itself: looking changes nothing."""
    with ask.reading() as session:
        enter(ask, session, integration_id)
    return back(ask, integration_id, "")


@post("/integrations/{integration_id:int}/inherited", guard=Guard.OBJECT)
def inherited(ask: Ask, integration_id: int) -> Answer:
    said = ask.gettext("Noted: it works, and was never accepted.")
    return _done(ask, integration_id, said, "launch", mark_inherited, now=ask.now)


@post("/integrations/{integration_id:int}/bypass", guard=Guard.OBJECT)
def bypassed(ask: Ask, integration_id: int) -> Answer:
    def named(session: Session, actor: Actor, one: int) -> object:
        return bypass(session, actor, one, id_of(ask.form, "person"), ask.form.text("reason"), now=ask.now)

    return _done(ask, integration_id, ask.gettext("Noted: launched around the gate."), "bypass", named)


@post("/integrations/{integration_id:int}/signers", guard=Guard.OBJECT)
def signers(ask: Ask, integration_id: int) -> Answer:
    named = ask.form.numbers("signers")
    return _done(ask, integration_id, ask.gettext("Saved."), "signers", set_signers, named, now=ask.now)


@post("/integrations/{integration_id:int}/sign", guard=Guard.OBJECT)
def sign_it(ask: Ask, integration_id: int) -> Answer:
    return _done(ask, integration_id, ask.gettext("Signed."), "signers", sign, now=ask.now)


@post("/integrations/{integration_id:int}/letter", guard=Guard.OBJECT, limit=BODY, slow=True)
def letter(ask: Ask, integration_id: int) -> Answer:
    form = ask.form
    with ask.reading() as session:
        enter(ask, session, integration_id)
    require_conductor(ask.standing)
    try:
        kept = sent_file(ask)
    except Invalid as error:
        return passport(ask, integration_id, error=error, opened="letter", values=typed(form))

    def signed(session: Session, actor: Actor, one: int) -> object:
        return sign_by_letter(
            session,
            actor,
            one,
            form.number("person") or 0,
            url=form.text("letter"),
            upload_id=upload_of(session, actor, kept, project_id=ask.project.id, now=ask.now),
            caption=form.text("caption"),
            now=ask.now,
        )

    return _done(ask, integration_id, ask.gettext("The letter stands for the signature."), "letter", signed)


@post("/integrations/{integration_id:int}/members", guard=Guard.OBJECT)
def add_member(ask: Ask, integration_id: int) -> Answer:
    guest = ask.form.number("guest") or 0
    return _done(ask, integration_id, ask.gettext("Saved."), "members", add_guest, guest, now=ask.now)


@post("/integrations/{integration_id:int}/members/{person_id:int}/remove", guard=Guard.OBJECT)
def drop_member(ask: Ask, integration_id: int, person_id: int) -> Answer:
    return _done(ask, integration_id, ask.gettext("Saved."), "members", remove_member, person_id, now=ask.now)


@post("/integrations/{integration_id:int}/pack", guard=Guard.OBJECT, once=True)
def put_pack(ask: Ask, integration_id: int) -> Answer:
    def named(session: Session, actor: Actor, one: int) -> object:
        tester = id_of(ask.form, "pack_tester")
        return add_pack(session, actor, one, ask.form.text("pack"), tester=tester, now=ask.now)

    said = ask.gettext("The lines stand in the list. Change what does not fit.")
    return _done(ask, integration_id, said, "pack", named)


ROUTES = [
    accept, agree, launch, launch_seen, inherited, bypassed, signers, sign_it, letter, add_member, drop_member,
    put_pack,
]  # fmt: skip
