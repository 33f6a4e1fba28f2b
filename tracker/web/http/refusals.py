"""Errors as answers: a page for a browser, a line at the bottom for htmx, JSON for a program; never a traceback."""

import logging
import re
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from tracker.db import counts_too_far, does_not_answer
from tracker.domain.errors import DomainError, Invalid, Slower
from tracker.web.http.request import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Ask, Form
from tracker.web.http.responses import HTML, Answer, fragment, page, telling
from tracker.web.http.templates import render
from tracker.wording.languages import languages, preferred
from tracker.wording.marking import N_
from tracker.wording.refusals import field_sentences, sentence, status_of
from tracker.wording.say import say

LOG = logging.getLogger(__name__)
PRIVATE = re.compile(r"^/(my|cal)/[^/]+")

TITLES = {
    400: N_("Something does not fit"),
    401: N_("You are signed out"),
    403: N_("Not yours to change"),
    404: N_("Nothing here"),
    409: N_("It has changed meanwhile"),
    410: N_("No longer here"),
    413: N_("Too large"),
    422: N_("Something does not fit"),
    429: N_("A little later"),
    500: N_("Something went wrong here"),
    503: N_("The database does not answer"),
}
BROKEN = N_("It is noted in the log. What was saved before is safe; try again in a moment.")
UNREACHABLE = N_("Nothing was changed. Try again in a moment; the text in your form is still there if you go back.")


def refused(ask: Ask, error: DomainError) -> Answer:
    """A refusal that the page function did not draw itself."""
    status = status_of(error)
    text = sentence(ask.language, error)
    details = list(field_sentences(ask.language, error).values()) if isinstance(error, Invalid) else []
    headers = {"retry-after": str(error.wait)} if isinstance(error, Slower) else {}
    if ask.is_htmx:
        # Nothing is swapped, so what was typed stays where it is.
        told = telling(" ".join([text, *details]))
        return fragment("", status=status, headers={"hx-reswap": "none", **told, **headers})
    if wants_json(ask.request):
        return as_json(status, error.code, text)
    return page(
        ask,
        "error.html",
        status=status,
        headers=headers,
        title=ask.gettext(TITLES[status]),
        text=text,
        details=details,
        written=ask.form.written,
        door=False,
    )


def signed_out(ask: Ask) -> Answer:
    """A form whose session has ended meanwhile: what was written there is not lost on the way to the door."""
    if ask.is_htmx:
        told = ask.gettext(
            "You are signed out. Sign in in another tab and send it again: what you typed is still here."
        )
        return fragment("", status=401, headers={"hx-reswap": "none", **telling(told)})
    return page(
        ask,
        "error.html",
        status=401,
        title=ask.gettext(TITLES[401]),
        details=[],
        written=ask.form.written,
        door=True,
        text=ask.gettext(
            "Nothing was changed. Sign in in another tab, then reload this page: it sends the form again."
        ),
    )


def wants_json(request: Request[Any, Any, Any]) -> bool:
    accept = request.headers.get("accept", "")
    return "text/html" not in accept and "application/json" in accept


def as_json(status: int, code: str, text: str) -> Answer:
    body = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": text, "code": code,
        "errors": [],
    }  # fmt: skip
    return Response(body, status_code=status, media_type="application/problem+json")


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Everything that is no refusal of the domain: unknown address, wrong method, too large a body, a bug, no database.

    Drawn without the database and without the person: those may be what is broken.
    """
    status = error.status_code if isinstance(error, HTTPException) else 500
    if counts_too_far(error):
        status = 404
    text = {404: "not_found", 405: "method", 413: "too_large", 403: "foreign_origin"}.get(status, "invalid")
    language = _language(request)
    if does_not_answer(error):
        status, said = 503, say(language, UNREACHABLE)
        LOG.error("the database does not answer: %s", getattr(error, "orig", error))
    elif status >= 500:
        said = say(language, BROKEN)
        # Whoever reads the log shall not be able to open what it names.
        noted = PRIVATE.sub(r"/\1/…", request.url.path)
        LOG.error("unexpected error at %s %s", request.method, noted, exc_info=error)
    else:
        said = sentence(language, DomainError(text))
    if request.headers.get("hx-request") == "true":
        return fragment("", status=status, headers={"hx-reswap": "none", **telling(said)})
    if wants_json(request) or request.url.path.startswith("/api/"):
        return as_json(status, text if status < 500 else "broken", said)
    theme = request.cookies.get(THEME_COOKIE, "")
    html = render(
        "broken.html",
        language,
        title=say(language, TITLES.get(status, TITLES[404 if status < 500 else 500])),
        text=said,
        theme=theme if theme in THEMES else "",
        asset=request.app.state.running.static.url,
        written=getattr(request.state, "form", Form({})).written,
    )
    return Response(html, status_code=status, media_type=HTML, headers={"cache-control": "no-store"})


def _language(request: Request[Any, Any, Any]) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in languages():
        return chosen
    return preferred(request.headers.get("accept-language", ""), request.app.state.running.settings.language)
