"""Somebody's calendar behind its private address: what programs ask for, again and again."""

from litestar import Response

from tracker import ics
from tracker.domain.errors import NotFound
from tracker.domain.terms import Scope
from tracker.services.feeds import feed_of
from tracker.services.tokens import find_token, touch
from tracker.web.answers import Answer
from tracker.web.asking import Ask
from tracker.web.guards import Guard
from tracker.web.routes import get


@get("/cal/{name:str}", guard=Guard.LINK)
def calendar(ask: Ask, name: str) -> Answer:
    """`<token>.ics`; 410 once withdrawn, so that calendars stop asking."""
    secret, dot, ending = name.partition(".")
    if ending != "ics" or not dot:
        raise NotFound("token")
    with ask.reading() as session:
        found = find_token(session, Scope.CALENDAR, secret, now=ask.now)
        body = ics.feed(feed_of(session, found.person_id, now=ask.now, project_id=found.project_id))
    if found.unseen:
        with ask.writing() as session:
            touch(session, found.id, now=ask.now)
    tag = ics.etag_of(body)
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if ask.request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


ROUTES = [calendar]
