"""`get` and `post`: a page function becomes a route with a guard, run in a worker thread."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any
from urllib.parse import quote

import litestar
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from sqlmodel import Session

from tracker.domain.errors import DomainError, NotFound
from tracker.domain.permissions import require_conductor
from tracker.services.access.entrance import enter
from tracker.services.access.loading import project_to_show
from tracker.services.access.sessions import touch
from tracker.services.ground.kept import sequences
from tracker.web.http.bodies import SMALL, comes_with, is_known, is_small
from tracker.web.http.double_press import once as pressed_once
from tracker.web.http.guards import Guard
from tracker.web.http.refusals import refused, signed_out
from tracker.web.http.request import LANGUAGE_COOKIE, LONG, SAID_COOKIE, THEME_COOKIE, Ask, Form, form_of, number_of
from tracker.web.http.responses import HTML, Answer
from tracker.web.http.running import Running

PageFunction = Callable[..., Answer]
Decorator = Callable[[PageFunction], HTTPRouteHandler]


def get(
    path: str | list[str], *, guard: Guard, slow: bool = False, cached: bool = False, head: bool = False
) -> Decorator:
    """A page. `cached`: unchanged since the browser last had it, it is answered 304 (see `_tag`).

    `head`: programs ask with HEAD as well; the server leaves the body out.
    """
    method = partial(litestar.route, http_method=["GET", "HEAD"]) if head else litestar.get
    return partial(_handler, method, path, guard, slow, cached, None)


def post(
    path: str | list[str], *, guard: Guard, slow: bool = False, limit: int | None = None, once: bool = False
) -> Decorator:
    """A change. `limit`: bytes of body, where more than the usual megabyte may come.

    `once`: it makes something new, and a second press of the same button shall not make a second one.
    """
    handler = partial(_handler, litestar.post, path, guard, slow, False, limit)
    return (lambda fn: handler(_pressed_once(fn))) if once else handler


def _pressed_once(fn: PageFunction) -> PageFunction:
    @wraps(fn)
    def pressed(ask: Ask, **parameters: Any) -> Answer:
        return pressed_once(ask, partial(fn, ask, **parameters))

    return pressed


def _handler(
    method: Any, path: str | list[str], guard: Guard, slow: bool, cached: bool, limit: int | None, fn: PageFunction
) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[Any]:
        running: Running = request.app.state.running
        changes = request.method == "POST"
        threads = running.slow if slow else running.writes if changes else running.reads

        async def worked(form: Form) -> Response[Any]:
            request.state.form = form  # for the answer of last resort, which knows nothing else
            work = partial(_answer, fn, guard, cached, request, running, form)
            return await asyncio.get_running_loop().run_in_executor(threads, work)

        if not changes:
            return await worked(Form({}))
        if is_small(request):
            return await worked(await form_of(request))
        secret = comes_with(request, guard, running.cookie)
        async with running.bodies.one_of(secret):
            known = await asyncio.get_running_loop().run_in_executor(running.reads, _is_known, running, secret, guard)
            return await worked(await form_of(request) if known else Form({}))

    handle.__name__ = handle.__qualname__ = fn.__name__
    handle.__doc__ = fn.__doc__
    settled: dict[str, Any] = {"status_code": 200, "media_type": HTML, "include_in_schema": False}
    if limit is not None or guard is Guard.OPEN:
        settled["request_max_body_size"] = limit or SMALL
    made: HTTPRouteHandler = method(path, opt={"guard": guard}, name=f"{fn.__module__}.{fn.__name__}", **settled)(
        handle
    )
    return made


def _is_known(running: Running, secret: str, guard: Guard) -> bool:
    with running.database.reading() as session:
        return is_known(session, secret, guard, running.wall(), demo=running.settings.demo)


def _answer(
    fn: PageFunction, guard: Guard, cached: bool, request: Request[Any, Any, Any], running: Running, form: Form
) -> Answer:
    """All of a request's work, in one thread: who asks, may they come in, has anything changed, the page."""
    ask: Ask | None = None
    try:
        with running.database.reading() as session:
            ask = _asked(session, request, running, form)
            if guard not in (Guard.OPEN, Guard.LINK) and ask.person is None:
                return _to_sign_in(ask)
            tag = _tag(session, ask) if cached and not ask.is_htmx else ""
            if tag and _unchanged(ask, tag):
                return Response(b"", status_code=304, headers={"etag": request.headers["if-none-match"]})
            _enter(session, ask, guard)
            answer = fn(ask, **request.path_params)
        if tag and answer.status_code == 200:
            until = ask.fresh_until or ask.now + timedelta(minutes=5)
            answer.headers["etag"] = f'W/"{tag}.{int(until.timestamp())}"'
    except DomainError as error:
        if ask is None:
            raise
        ask.session = None
        answer = refused(ask, error)
    if ask.person is not None and ask.person.unseen:
        with running.database.writing() as session:
            touch(session, ask.person.id, now=ask.now)
    return answer


def _asked(session: Session, request: Request[Any, Any, Any], running: Running, form: Form) -> Ask:
    key = request.path_params.get("key", "")
    found = enter(session, request.cookies.get(running.cookie, ""), key, running.wall(), demo=running.settings.demo)
    return Ask(request, running, form, found.now, found.person, session=session, project_id=found.project_id)


def _enter(session: Session, ask: Ask, guard: Guard) -> None:
    if guard not in (Guard.MEMBER, Guard.CONDUCTOR):
        return
    if not ask.entered:
        if ask.project_id is None:
            raise NotFound("project")
        ask.project, ask.standing = project_to_show(session, ask.actor, ask.project_id)
    if guard is Guard.CONDUCTOR:
        require_conductor(ask.standing)


def _to_sign_in(ask: Ask) -> Answer:
    """A page asks to sign in and comes back; a fragment sends the whole page there."""
    if ask.form.written and _was_in_here(ask):
        return signed_out(ask)
    back = ask.here if ask.request.method == "GET" and not ask.is_htmx else ""
    url = f"/sign-in?next={quote(back, safe='/')}" if back and back != "/" else "/sign-in"
    if ask.is_htmx:
        return Response("", status_code=401, media_type=HTML, headers={"hx-redirect": url})
    return Response("", status_code=303, media_type=HTML, headers={"location": url, "cache-control": "no-store"})


def _was_in_here(ask: Ask) -> bool:
    """Whether a page of ours was filled in: its session has ended, or somebody has signed out beside it.

    A program without a session has no tab to go back to; it is sent to the door as the contract says.
    """
    headers, cookies = ask.request.headers, ask.request.cookies
    return ask.running.cookie in cookies or headers.get("sec-fetch-site") == "same-origin"


def _tag(session: Session, ask: Ask) -> str:
    """What a page of a project is made of: its journal's number, the reader and their rights, the address, the day.

    Persons and rights are journaled in the project or in the house, so the two numbers stand for them. What changes
    by time alone is bounded by the moment that the page itself puts behind the tag.
    """
    if ask.request.cookies.get(SAID_COOKIE):
        return ""
    try:
        _enter(session, ask, Guard.MEMBER)
    except NotFound:
        return ""
    cookies = ask.request.cookies
    parts = (
        ask.running.static.release, ask.project.id, *sequences(session, ask.project.id),
        ask.signed_in[:6], ask.standing.role, sorted(ask.standing.stands_for), ask.here, ask.today,
        cookies.get(LANGUAGE_COOKIE), cookies.get(THEME_COOKIE), ask.language,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _unchanged(ask: Ask, tag: str) -> bool:
    """The browser's copy is made of the same, and the moment behind its tag has not come yet."""
    known = ask.request.headers.get("if-none-match", "").removeprefix("W/").strip('"')
    made_of, _, until = known.partition(".")
    fresh = number_of(until, LONG)
    return made_of == tag and fresh is not None and ask.now.timestamp() < fresh
