"""Somebody's calendar behind its private address: what programs ask for, again and again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from litestar import Response

from tracker.domain.errors import NotFound
from tracker.domain.terms import Scope
from tracker.formats import calendars as ics
from tracker.services.access.tokens import find_token, touch
from tracker.services.meetings.feeds import changed_at, feed_of
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer
from tracker.web.http.routes import get

SETTLED = timedelta(seconds=2)
"""Dates in headers know whole seconds: within one that is not over yet, another change may come."""


@get("/cal/{name:str}", guard=Guard.LINK, head=True)
def calendar(ask: Ask, name: str) -> Answer:
    """`<token>.ics`; 410 once withdrawn, so that calendars stop asking."""
    secret, dot, ending = name.partition(".")
    if ending != "ics" or not dot:
        raise NotFound("token")
    with ask.reading() as session:
        found = find_token(session, Scope.CALENDAR, secret, now=ask.now)
        changed = changed_at(session, found.person_id, now=ask.now, project_id=found.project_id)
        body = ics.feed(feed_of(session, found.person_id, now=ask.now, project_id=found.project_id))
    if found.unseen:
        with ask.writing() as session:
            touch(session, found.id, now=ask.now)
    headers = {
        "etag": ics.etag_of(body), "cache-control": "private, max-age=900", "x-robots-tag": "noindex",
        "referrer-policy": "no-referrer", "content-disposition": 'inline; filename="auftakt.ics"',
    }  # fmt: skip
    if ask.now - changed >= SETTLED:
        headers["last-modified"] = format_datetime(changed.replace(microsecond=0), usegmt=True)
    if _is_known(ask, headers["etag"], changed):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="text/calendar", headers=headers)


def _is_known(ask: Ask, etag: str, changed: datetime) -> bool:
    """Whether the calendar has these bytes already. Where it sends tags, its date is not looked at."""
    sent = ask.request.headers
    if "if-none-match" in sent:
        tags = {tag.strip().removeprefix("W/") for tag in sent["if-none-match"].split(",")}
        return etag in tags or "*" in tags
    try:
        since = parsedate_to_datetime(sent.get("if-modified-since", ""))
    except (TypeError, ValueError, OverflowError):
        return False
    known = since if since.tzinfo else since.replace(tzinfo=UTC)
    return ask.now - changed >= SETTLED and known >= changed.replace(microsecond=0)


ROUTES = [calendar]
