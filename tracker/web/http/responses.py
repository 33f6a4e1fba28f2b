"""What a page function returns: a page, a fragment for htmx, or a redirect after a change."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from tracker.web.http.frame import frame_of
from tracker.web.http.request import SAID_COOKIE, Ask
from tracker.web.http.templates import render

Answer = Response[Any]
HTML = "text/html"


SLOT = Markup("\0inner\0")
"""Stands in a template where `inner` comes: no text can hold the sign NUL (see `form_of`)."""


def page(
    ask: Ask,
    name: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    inner: bytes | None = None,
    **context: Any,
) -> Answer:
    """A whole page; the template extends `layout.html`. It shows, once, what the form before it did.

    `inner`: HTML in UTF-8 that takes the place of the template's SLOT: rows that are kept need no new encoding.
    """
    said = unquote(ask.request.cookies.get(SAID_COOKIE, ""))[:300]
    html = render(name, ask.language, **frame_of(ask), said=said, **context).encode()
    if inner is not None:
        html = html.replace(SLOT.encode(), inner, 1)
    answer: Answer = Response(
        html,
        status_code=status,
        media_type=HTML,
        headers={"cache-control": "private, no-cache", "vary": "HX-Request", **(headers or {})},
    )
    if said:
        answer.delete_cookie(SAID_COOKIE)
    return answer


def fragment(html: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A piece of a page, never kept: the same address without htmx is a whole page."""
    kept = {"cache-control": "no-store", "vary": "HX-Request", **(headers or {})}
    return Response(html, status_code=status, media_type=HTML, headers=kept)


def part(ask: Ask, name: str, *, status: int = 200, **context: Any) -> Answer:
    """A template that is a piece of a page, for htmx."""
    return fragment(render(name, ask.language, **context_of(ask), **context), status=status)


def context_of(ask: Ask) -> dict[str, Any]:
    """What every template may use, page or piece."""
    return {"ask": ask, "today": ask.today, "now": ask.now, "zone": ask.zone}


def see_other(ask: Ask, url: str, said: str = "") -> Answer:
    """After a change: go there (303), and say there what was done."""
    _leads_to(ask, url)
    headers = {"hx-redirect": url} if ask.is_htmx else {"location": url}
    cookies = [_said(said)] if said else []
    status = 200 if ask.is_htmx else 303
    return Response("", status_code=status, media_type=HTML, headers=headers, cookies=cookies)


def _leads_to(ask: Ask, url: str) -> None:
    if ask.press is not None:
        ask.press.url = url


def _said(text: str) -> Cookie:
    return Cookie(key=SAID_COOKIE, value=quote(text), path="/", max_age=30, httponly=True, samesite="lax")


def saved(ask: Ask, url: str, said: str, *, html: str | None = None, undo: Mapping[str, Any] | None = None) -> Answer:
    """A change was made: htmx gets `html` and a line with «Undo», a plain form goes on to `url`.

    `undo`: {url, values, target}: the form that takes it back, and the element that it redraws.
    """
    if html is None or not ask.is_htmx:
        return see_other(ask, url, said)
    _leads_to(ask, url)
    return fragment(html, headers=telling(said, undo))


def telling(text: str, undo: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The header by which the page says one line at its bottom. ASCII by JSON's escapes, as headers must be."""
    return {"hx-trigger": json.dumps({"auftakt:said": {"text": text, **({"undo": undo} if undo else {})}})}
