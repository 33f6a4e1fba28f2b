"""Pages of the installation itself: the choices of language and theme, whether it is alive."""

from typing import Any

import litestar
from litestar import Request, Response
from litestar.datastructures import Cookie
from sqlalchemy.exc import DBAPIError

from tracker.db import Database, is_alive
from tracker.migrations import is_current
from tracker.services.house.self_watch import Sign, signs
from tracker.web.http.guards import Guard
from tracker.web.http.request import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Ask, local_path
from tracker.web.http.responses import Answer, see_other
from tracker.web.http.routes import post
from tracker.wording.languages import languages

YEAR = 365 * 24 * 3600


@post("/language", guard=Guard.OPEN)
def choose_language(ask: Ask) -> Answer:
    chosen = ask.form.text("language")
    return kept_choice(ask, LANGUAGE_COOKIE, chosen if chosen in languages() else "")


@post("/theme", guard=Guard.OPEN)
def choose_theme(ask: Ask) -> Answer:
    chosen = ask.form.text("theme")
    return kept_choice(ask, THEME_COOKIE, chosen if chosen in THEMES else "")


def kept_choice(ask: Ask, cookie: str, value: str) -> Answer:
    """Remembered by this browser; then back to where it was chosen."""
    answer = see_other(ask, local_path(ask.form.text("next", "/")))
    answer.set_cookie(
        Cookie(key=cookie, value=value, path="/", max_age=YEAR if value else 0, httponly=True, samesite="lax")
    )
    return answer


@litestar.get("/healthz", opt={"guard": Guard.OPEN}, include_in_schema=False, sync_to_thread=False)
def health() -> dict[str, bool]:
    """The process answers; nothing else is asked."""
    return {"ok": True}


@litestar.get("/readyz", opt={"guard": Guard.OPEN}, include_in_schema=False, sync_to_thread=True)
def readiness(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Whether pages can be served. The loops are told of as well, but do not decide: pages work without them."""
    database: Database = request.app.state.running.database
    alive, schema = is_alive(database), False
    try:
        schema = alive and is_current(database.engine)
    except DBAPIError:
        alive = False  # SQLite answers a question about nothing whatever its file holds
    body: dict[str, Any] = {"ok": alive and schema, "database": alive, "schema": schema}
    if schema:
        with database.reading() as session:
            found = {sign.name: sign for sign in signs(session, now=request.app.state.running.wall())}
        for name in ("bot", "telegram", "clock", "delivery", "backup"):
            body[name] = _told(found[name]) if name in found else None
    return Response(body, status_code=200 if body["ok"] else 503, headers={"cache-control": "no-store"})


def _told(sign: Sign) -> dict[str, Any]:
    told = {"well": sign.well, "at": sign.at}
    return told if sign.well else {**told, "reason": sign.reason, "detail": sign.detail}


ROUTES = [choose_language, choose_theme, health, readiness]
