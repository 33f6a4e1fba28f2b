"""Calendars as bytes: single events in UTC, the same bytes for the same content, nothing that clients read differently.

No RRULE and no VTIMEZONE: each meeting is an event of its own at its instant. DTSTAMP and LAST-MODIFIED come from the
row, not from the clock, so that an unchanged feed has an unchanged ETag.
"""

import hashlib
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from tracker.domain.lines import in_one_line
from tracker.services.meetings.feeds import Feed, FeedDay, FeedMeeting
from tracker.wording.say import say

EVERY = timedelta(hours=1)
"""How often a calendar may ask. Many ask once a day whatever stands here."""


def feed(facts: Feed, *, titles: bool = True) -> bytes:
    """The calendar. Without `titles` each event says only that its time is taken."""
    # Not Calendar.new(): it gives the calendar itself a random UID, and readers then take the feed for one item.
    calendar = Calendar()
    calendar.add("prodid", "-//Auftakt//Auftakt//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", "Auftakt")
    calendar.add("x-wr-calname", "Auftakt")
    calendar.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    # As text: a timedelta would be printed as 1:00:00 under a name that the library does not know.
    calendar.add("x-published-ttl", "PT1H")
    for meeting in facts.meetings:
        calendar.add_component(_meeting(facts, meeting, titles))
    for day in facts.days:
        calendar.add_component(_day(facts, day, titles))
    body: bytes = calendar.to_ical()
    return body


def etag_of(body: bytes) -> str:
    """A strong one."""
    return f'"{hashlib.sha256(body).hexdigest()}"'


def changed_at(facts: Feed) -> datetime | None:
    """For Last-Modified: when the newest of its events changed."""
    moments = [one.updated_at for one in facts.meetings] + [one.updated_at for one in facts.days]
    return max(moments, default=None)


def _meeting(facts: Feed, meeting: FeedMeeting, titles: bool) -> Event:
    title = meeting.title if titles else say(facts.language, "Busy")
    # Said in the title as well: some calendars show a cancelled event as if nothing had happened.
    summary = say(facts.language, "Cancelled: {title}", title=title) if meeting.cancelled else title
    event = _event(f"m-{meeting.uid}@{facts.instance}", meeting.sequence, summary, meeting.updated_at)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.starts_at + timedelta(minutes=meeting.minutes))
    event.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if meeting.cancelled else "OPAQUE")
    if titles:
        event.add("categories", [in_one_line(meeting.project)])
        if meeting.place:
            event.add("location", in_one_line(meeting.place))
    return event


def _day(facts: Feed, day: FeedDay, titles: bool) -> Event:
    """All day long and free: a VTODO would be shown by hardly any of the calendars that people use."""
    if not titles:
        summary = say(facts.language, "A day to keep in mind")
    elif day.promised:
        summary = say(facts.language, "Promised: {title}", title=day.title)
    else:
        summary = say(facts.language, "Needed by: {title}", title=day.title)
    event = _event(f"t-{day.task_id}@{facts.instance}", day.version, summary, day.updated_at)
    event.add("dtstart", day.day)
    event.add("transp", "TRANSPARENT")
    if titles:
        event.add("categories", [in_one_line(day.project)])
    return event


def _event(uid: str, sequence: int, summary: str, updated_at: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", updated_at)
    event.add("last-modified", updated_at)
    event.add("sequence", sequence)
    event.add("summary", in_one_line(summary))
    return event
