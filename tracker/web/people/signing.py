"""Signing in and out, and the first visit to an empty installation."""

import re
from collections.abc import Mapping
from typing import Any

from litestar.datastructures import Cookie

from tracker.domain.addresses import host_in, host_of, is_this_machine
from tracker.domain.errors import FieldError, Invalid, NotFound, Slower
from tracker.domain.terms import Way
from tracker.services.access.attempts import KNOWN_FOR, browser_mark
from tracker.services.access.passwords import require_strong
from tracker.services.access.sessions import HASHER, Opened, open_session, sign_in, sign_out
from tracker.services.ground.fields import refuse
from tracker.services.ground.journal import Actor
from tracker.services.house.installation import is_empty, setup_code_fits
from tracker.services.people.persons import PersonInput, found_house
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask, local_path
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.wording.refusals import field_sentences, sentence


@get("/sign-in", guard=Guard.OPEN)
def sign_in_page(ask: Ask) -> Answer:
    if ask.person is not None:
        return see_other(ask, local_path(ask.query.get("next", "/")))
    with ask.reading() as session:
        if is_empty(session):
            return see_other(ask, "/set-up")
    return _sign_in_page(ask, local_path(ask.query.get("next", "/")))


@post("/sign-in", guard=Guard.OPEN, slow=True)
def sign_in_sent(ask: Ask) -> Answer:
    """One sentence for an unknown address and a wrong password alike."""
    goal = local_path(ask.form.text("next", "/"))
    try:
        opened = sign_in(
            ask.running.database,
            ask.form.text("email"),
            ask.form.text("password"),
            address=ask.address,
            agent=ask.request.headers.get("user-agent", ""),
            now=ask.now,
            **of_this_browser(ask),
        )
    except (Invalid, Slower) as error:
        return _sign_in_page(ask, goal, error)
    return welcomed(ask, opened, goal)


def of_this_browser(ask: Ask) -> dict[str, Any]:
    """What signing in has to know of it: the session it came with, what it is known by, what opens nothing here."""
    cookies, running = ask.request.cookies, ask.running
    return {
        "previous": cookies.get(running.cookie, ""),
        "mark": cookies.get(running.browser_cookie, ""),
        "key": running.settings.key,
        "published": running.published,
    }


def _sign_in_page(ask: Ask, goal: str, error: Invalid | Slower | None = None) -> Answer:
    """In the demo the way in stands there to read: it is told at the start, which many never see."""
    known = None
    if ask.running.demo is not None:
        with ask.reading() as session:
            known = ask.running.demo(session)
    return page(
        ask,
        "people/sign_in.html",
        status=200 if error is None else 429 if isinstance(error, Slower) else 422,
        wrong="" if error is None else sentence(ask.language, error),
        values={} if error is None else {"email": ask.form.text("email")[:200]},
        next=goal,
        demo=known,
    )


@post("/sign-out", guard=Guard.PERSON)
def sign_out_sent(ask: Ask) -> Answer:
    with ask.writing() as session:
        sign_out(session, ask.actor, ask.request.cookies.get(ask.running.cookie, ""), now=ask.now)
    answer = see_other(ask, "/sign-in")
    # Set empty with the same attributes: browsers ignore a bare deletion of a __Host- cookie.
    answer.set_cookie(_cookie(ask, "", 0))
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@get("/set-up", guard=Guard.OPEN)
def set_up_page(ask: Ask) -> Answer:
    _require_empty(ask)
    return page(ask, "house/set_up.html", values={}, errors={}, asks_code=not is_near(ask))


@post("/set-up", guard=Guard.OPEN, slow=True)
def set_up_sent(ask: Ask) -> Answer:
    """The first conductor. From another machine the one-time code of the start is asked for."""
    _require_empty(ask)
    near = is_near(ask)
    values = {name: ask.form.text(name).strip() for name in ("name", "email", "code")}
    try:
        return welcomed(ask, _found(ask, values, None if near else values["code"]), "/")
    except Invalid as error:
        errors = field_sentences(ask.language, error)
    return page(ask, "house/set_up.html", status=422, values=values, errors=errors, asks_code=not near)


def _found(ask: Ask, values: Mapping[str, str], code: str | None) -> Opened:
    settings, password = ask.running.settings, ask.form.text("password")
    wrong: list[FieldError] = []
    try:
        require_strong(password, (values["email"], values["name"]))
    except Invalid as error:
        wrong += error.errors
    with ask.reading() as session:
        if code is not None and not setup_code_fits(session, code):
            wrong.append(FieldError("code", "wrong_code"))
    refuse(wrong)
    kept = HASHER.hash(password)
    given = PersonInput(values["name"], values["email"], language=ask.language, timezone=settings.timezone)
    with ask.writing() as session:
        person = found_house(session, given, kept, code, now=ask.now)
        agent = ask.request.headers.get("user-agent", "")
        opened = open_session(session, Actor(person.id, Way.WEB), person.id, agent=agent, now=ask.now)
    return opened._replace(mark=browser_mark(settings.key, person.id, kept, now=ask.now))


def _require_empty(ask: Ask) -> None:
    with ask.reading() as session:
        if not is_empty(session):
            raise NotFound


SAID_BY_BROWSERS = re.compile(
    r"host|user-agent|origin|referer|cookie|connection|keep-alive|pragma|cache-control|priority|te|dnt|range|expect"
    r"|upgrade-insecure-requests|transfer-encoding|(accept|content|sec|if|hx)(-[a-z-]+)?"
)


def is_near(ask: Ask) -> bool:
    """Whether the browser sits at this very machine, asked us, and nobody stands in between.

    Proxies say who they are in a hundred ways, so whatever no browser says itself was added by somebody; those that add
    nothing speak HTTP 1.0, ask for another name, or leave the origin of the form in.
    """
    headers, scope = ask.request.headers, ask.request.scope
    if scope["http_version"] == "1.0" or not all(SAID_BY_BROWSERS.fullmatch(name) for name in headers):
        return False
    told = (ask.running.settings.public_url, headers.get("origin"), headers.get("referer"))
    hosts = [host_in(address) for address in told if address is not None]
    return all(map(is_this_machine, (ask.address, host_of(headers.get("host", "")), *hosts)))


def welcomed(ask: Ask, opened: Opened, goal: str) -> Answer:
    answer = see_other(ask, goal)
    answer.set_cookie(_cookie(ask, opened.token, int((opened.expires_at - ask.now).total_seconds())))
    answer.set_cookie(_cookie(ask, opened.mark, int(KNOWN_FOR.total_seconds()), ask.running.browser_cookie))
    return answer


def _cookie(ask: Ask, value: str, max_age: int, name: str = "") -> Cookie:
    # Lax, not Strict: a link in a message must land signed in.
    return Cookie(
        key=name or ask.running.cookie,
        value=value,
        path="/",
        max_age=max_age,
        httponly=True,
        samesite="lax",
        secure=ask.running.settings.is_secure,
    )


ROUTES = [sign_in_page, sign_in_sent, sign_out_sent, set_up_page, set_up_sent]
