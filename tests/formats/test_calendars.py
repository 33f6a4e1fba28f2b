"""Calendars: the bytes, and that every reader finds the stored instants in them."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.places import DATA
from tracker.formats.calendars import changed_at, etag_of, feed
from tracker.services.meetings.feeds import Feed, FeedDay, FeedMeeting

GOLDEN = DATA / "feed.ics"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CALL = FeedMeeting(
    "0f" * 16,
    2,
    "Созвон: телефон, маска; кто проверяет",
    "Лён и нить",
    "https://meet.example/lavka",
    datetime(2026, 11, 24, 8, tzinfo=UTC),
    45,
    False,
    NOW,
)
GONE = CALL._replace(uid="1a" * 16, title="Банк", place="", cancelled=True, sequence=3, updated_at=NOW + timedelta(1))
DAY = FeedDay(17, 4, "Прислать поля формы", "Лён и нить", date(2026, 11, 27), True, NOW)
ASKED = DAY._replace(task_id=18, title="Ответить про ключи", promised=False)
FEED = Feed("instance", "ru", (CALL, GONE), (DAY, ASKED))


def events(body):
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def lines(body):
    return body.decode().replace("\r\n ", "").split("\r\n")


def test_the_feed_is_the_golden_file():
    assert feed(FEED).decode().splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_the_same_content_is_the_same_bytes_and_the_same_etag():
    assert feed(FEED) == feed(FEED)
    assert etag_of(feed(FEED)) == etag_of(feed(FEED))
    assert re.fullmatch(r'"[0-9a-f]{64}"', etag_of(feed(FEED)))
    moved = FEED._replace(meetings=(CALL._replace(starts_at=CALL.starts_at + timedelta(hours=1), sequence=3), GONE))
    assert etag_of(feed(moved)) != etag_of(feed(FEED))
    assert changed_at(FEED) == NOW + timedelta(1)
    assert changed_at(Feed("i", "ru", (), ())) is None


def test_the_calendar_has_no_uid_of_its_own_and_its_hints_are_well_formed():
    head = lines(feed(FEED))
    head = head[: head.index("BEGIN:VEVENT")]
    assert not [line for line in head if line.startswith("UID")]
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in head
    assert "X-PUBLISHED-TTL:PT1H" in head
    assert "METHOD:PUBLISH" in head
    assert not [line for line in lines(feed(FEED)) if "TZID" in line or "VALARM" in line or "ATTENDEE" in line]


def test_lines_are_folded_at_75_octets_and_end_in_crlf():
    long = FEED._replace(meetings=(CALL._replace(title="Ж" * 400 + "👩‍💻" * 40),))
    body = feed(long)
    assert body.count(b"\n") == body.count(b"\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert str(events(body)[0]["summary"]) == "Ж" * 400 + "👩‍💻" * 40


def test_a_cancelled_meeting_stays_with_its_status_and_says_so():
    event = events(feed(FEED))[1]
    assert (str(event["status"]), str(event["summary"]), event["sequence"]) == ("CANCELLED", "Отменено: Банк", 3)
    assert str(event["uid"]) == f"m-{'1a' * 16}@instance"


def test_a_due_day_is_all_day_and_takes_no_time():
    event = events(feed(FEED))[2]
    assert event["dtstart"].dt == date(2026, 11, 27)
    assert "DTSTART;VALUE=DATE:20261127" in lines(feed(FEED))
    assert str(event["transp"]) == "TRANSPARENT"
    assert "dtend" not in event
    assert [str(one["summary"]) for one in events(feed(FEED))[2:]] == [
        "Ориентир: Прислать поля формы",
        "Нужно к: Ответить про ключи",
    ]


def test_without_titles_nothing_is_told_but_the_time():
    text = feed(FEED, titles=False).decode()
    assert "Занято" in text
    for word in ("Созвон", "Лён", "meet.example", "Прислать", "Банк"):
        assert word not in text


@pytest.mark.parametrize("nasty", ["a\r\nATTENDEE:mailto:x@y", "нуль\x00\x0bтут", "\u2028строка", 'a;b,c\\d"e'])
def test_texts_stay_texts(nasty):
    body = feed(FEED._replace(meetings=(CALL._replace(title=nasty, place=nasty, project=nasty),), days=()))
    assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f]", body)
    event = events(body)[0]
    assert "ATTENDEE" not in event
    wanted = " ".join(re.sub(r"[\x00-\x1f\u2028]", " ", nasty).split())
    assert (str(event["summary"]), str(event["location"])) == (wanted, wanted)


ZONES = (
    "Europe/Moscow",
    "Europe/Berlin",
    "Asia/Yekaterinburg",
    "Asia/Bangkok",
    "America/New_York",
    "Pacific/Kiritimati",
)
WEEKS = (datetime(2026, 3, 6), datetime(2026, 3, 27), datetime(2026, 10, 23), datetime(2026, 10, 30))  # noqa: DTZ001


@given(
    st.sampled_from(ZONES),
    st.sampled_from(WEEKS),
    st.integers(0, 4 * 24 * 12),
    st.integers(1, 600),
    st.sampled_from([0, 1]),
)
def test_what_is_read_is_the_stored_instant_in_every_zone(zone, week, steps, minutes, fold):
    """Wall times of the weeks in which clocks are moved, the doubled hour included."""
    wall = (week + timedelta(minutes=5 * steps)).replace(tzinfo=ZoneInfo(zone), fold=fold)
    stored = wall.astimezone(UTC)
    meeting = CALL._replace(starts_at=stored, minutes=minutes)
    event = events(feed(FEED._replace(meetings=(meeting,), days=())))[0]
    assert event["dtstart"].dt == stored
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=minutes)
    assert lines(feed(FEED._replace(meetings=(meeting,), days=()))).count(f"DTSTART:{stored:%Y%m%dT%H%M%SZ}") == 1
