"""Signs of life: silence and bad news are both not well."""

from datetime import UTC, datetime, timedelta

from tracker.services.house import installation as house
from tracker.services.house import self_watch as pulses

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)  # a Friday, 18:00 in Moscow


def test_silence_and_bad_news_are_both_not_well(db):
    with db.writing() as session:
        pulses.beat(session, "clock", now=NOW - timedelta(minutes=9))
        pulses.beat(session, "clock", now=NOW)
        pulses.beat(session, "delivery", now=NOW - timedelta(minutes=5, seconds=1))
        pulses.beat(session, "telegram", now=NOW, ok=False, reason="bad_token", detail="refused")
        pulses.beat(session, "bot", now=NOW - timedelta(seconds=150))
    with db.reading() as session:
        found = {sign.name: sign for sign in pulses.signs(session, now=NOW)}
    assert found["clock"].well and found["clock"].at == NOW
    assert (found["delivery"].well, found["delivery"].reason) == (False, "silent")
    assert found["telegram"][2:] == (False, "refused", "bad_token")
    assert found["bot"].well, "a second later it would be late"
    with db.reading() as session:
        later = {sign.name: sign.well for sign in pulses.signs(session, now=NOW + timedelta(microseconds=1))}
    assert later["bot"] is False


def test_what_is_wrong_is_told_once_for_all_it_concerns(db):
    def told(at):
        with db.reading() as session:
            return [(one.reason, one.parts, one.detail) for one in pulses.troubles(session, now=at)]

    assert told(NOW) == [], "a fresh house is not asked for its clock yet"
    with db.writing() as session:
        house.ensure_house(session, now=NOW)
    assert told(NOW + pulses.QUIET) == []
    assert told(NOW + pulses.QUIET + timedelta(seconds=1)) == [("never", ("clock",), "")]
    with db.writing() as session:
        for name in ("clock", "delivery", "bot", "telegram", "backup"):
            pulses.beat(session, name, now=NOW)
    assert told(NOW) == []
    assert told(NOW + timedelta(minutes=3)) == [("silent", ("clock", "delivery", "bot"), "")]
    with db.writing() as session:
        pulses.beat(session, "clock", now=NOW + timedelta(minutes=3))
        pulses.beat(session, "bot", now=NOW, ok=False, reason="no_connection", detail="timed out")
        pulses.beat(session, "telegram", now=NOW, ok=False, reason="bad_token")
    assert told(NOW + timedelta(minutes=3)) == [
        ("silent", ("delivery",), ""),
        ("no_connection", ("bot",), "timed out"),
        ("bad_token", ("telegram",), ""),
    ]
    with db.writing() as session:
        pulses.forget(session, ("bot", "telegram", "delivery"))
    assert told(NOW + timedelta(minutes=3)) == []
