"""Signing in and out, and the first visit to an empty installation."""

from ipaddress import ip_address

from litestar.datastructures import Cookie

from tracker.domain.errors import Invalid, NotFound, Slower
from tracker.domain.terms import Way
from tracker.services.access.sessions import Opened, hash_password, open_session, sign_in, sign_out
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
            previous=ask.request.cookies.get(ask.running.cookie, ""),
        )
    except (Invalid, Slower) as error:
        return _sign_in_page(ask, goal, error)
    return welcomed(ask, opened, goal)


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
    return page(ask, "house/set_up.html", values={}, errors={}, asks_code=not _is_near(ask))


@post("/set-up", guard=Guard.OPEN, slow=True)
def set_up_sent(ask: Ask) -> Answer:
    """The first conductor. From another machine the one-time code of the start is asked for."""
    _require_empty(ask)
    form = ask.form
    values = {name: form.text(name).strip() for name in ("name", "email", "code")}
    errors: dict[str, str] = {}
    if not _is_near(ask):
        with ask.reading() as session:
            if not setup_code_fits(session, values["code"]):
                errors["code"] = ask.gettext("This is not the code that the start has printed.")
    try:
        kept = hash_password(form.text("password"))
        if not errors:
            given = PersonInput(
                values["name"], values["email"], language=ask.language, timezone=ask.running.settings.timezone
            )
            with ask.writing() as session:
                person = found_house(session, given, kept, now=ask.now)
                agent = ask.request.headers.get("user-agent", "")
                opened = open_session(session, Actor(person.id, Way.WEB), person.id, agent=agent, now=ask.now)
            return welcomed(ask, opened, "/")
    except Invalid as error:
        errors |= field_sentences(ask.language, error)
    return page(ask, "house/set_up.html", status=422, values=values, errors=errors, asks_code=not _is_near(ask))


def _require_empty(ask: Ask) -> None:
    with ask.reading() as session:
        if not is_empty(session):
            raise NotFound


def _is_near(ask: Ask) -> bool:
    """Whether the browser sits at this very machine. Behind a proxy everybody does, so a public address asks all."""
    if "x-forwarded-for" in ask.request.headers or "forwarded" in ask.request.headers:
        return False
    try:
        return ip_address(ask.address).is_loopback
    except ValueError:
        return False


def welcomed(ask: Ask, opened: Opened, goal: str) -> Answer:
    answer = see_other(ask, goal)
    answer.set_cookie(_cookie(ask, opened.token, int((opened.expires_at - ask.now).total_seconds())))
    return answer


def _cookie(ask: Ask, value: str, max_age: int) -> Cookie:
    # Lax, not Strict: a link in a message must land signed in.
    return Cookie(
        key=ask.running.cookie,
        value=value,
        path="/",
        max_age=max_age,
        httponly=True,
        samesite="lax",
        secure=ask.running.settings.is_secure,
    )


ROUTES = [sign_in_page, sign_in_sent, sign_out_sent, set_up_page, set_up_sent]
