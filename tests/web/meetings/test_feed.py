"""A calendar behind its private address, as calendar programs ask for it: again and again, and without a session."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.telling.answers import done
from tests.worlds.shop import NOW
from tracker.domain.terms import Scope, Way
from tracker.services.access.tokens import issue, revoke
from tracker.services.ground.journal import Actor
from tracker.web.http.running import start_running

KEY = b"k" * 40
CLI = Actor(None, Way.CLI)


@pytest.fixture
def issued(db, world):
    with db.writing() as session:
        return issue(session, CLI, world.pete, Scope.CALENDAR, key=KEY, now=NOW - timedelta(days=1))


@pytest.fixture
def later(application, settings, db, client):
    """Lets time pass."""

    def pass_(**by):
        application.state.running = start_running(settings, db, wall=lambda: NOW + timedelta(**by))

    return pass_


def test_the_feed_is_a_calendar_with_all_that_programs_look_at(anybody, issued, later):
    later(minutes=1)
    answer = anybody.get(f"/cal/{issued.secret}.ics", headers={"accept": "*/*"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["etag"].startswith('"'), "a strong tag"
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "private, max-age=900"
    assert answer.text.startswith("BEGIN:VCALENDAR")
    assert "27" in answer.text.split("DTSTART;VALUE=DATE:202611")[1][:2]
    head = anybody.send("HEAD", f"/cal/{issued.secret}.ics")
    assert (head.status_code, head.headers["etag"]) == (200, answer.headers["etag"])


def test_an_unchanged_feed_is_not_sent_again_and_a_changed_one_always_is(anybody, issued, later, world, db):
    later(minutes=1)
    path = f"/cal/{issued.secret}.ics"
    first = anybody.get(path)
    tag, at = first.headers["etag"], first.headers["last-modified"]
    for known in ({"if-none-match": tag}, {"if-none-match": f'"x", W/{tag}'}, {"if-modified-since": at}):
        again = anybody.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b""), known
    for stale in (
        {"if-none-match": '"x"'},
        {"if-none-match": '"x"', "if-modified-since": at},
        {"if-modified-since": "nonsense"},
        {"if-modified-since": format_datetime(NOW - timedelta(days=20), usegmt=True)},
    ):
        assert anybody.get(path, headers=stale).status_code == 200, stale
    # A task that is done drops out: nothing in the feed is newer than before, and yet it has changed.
    with db.writing() as session:
        done(session, Actor(world.pete, Way.WEB), world.tasks[1], now=NOW + timedelta(minutes=2))
    later(minutes=3)
    changed = anybody.get(path, headers={"if-modified-since": at})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_a_wrong_address_is_unknown_and_a_withdrawn_one_is_gone(anybody, issued, db):
    for path in (f"/cal/{issued.secret}", f"/cal/{issued.secret}.txt", "/cal/nonsense.ics", "/cal/.ics"):
        assert anybody.get(path).status_code == 404, path
    with db.writing() as session:
        revoke(session, CLI, issued.id, now=NOW)
    assert anybody.get(f"/cal/{issued.secret}.ics").status_code == 410
