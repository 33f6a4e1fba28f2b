"""Facts for the nudge policy: a task that stalled, and who may be asked."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.domain.nudging.cases import PersonCase, Policy, TaskCase
from tracker.domain.nudging.policy import decide
from tracker.domain.worktime import Calendar

MOSCOW = Calendar()
DAY = timedelta(days=1)
ON = Policy()
NOBODY_IN = Calendar(weekdays=frozenset())


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


CAME = at("2026-11-16T12:00")  # a Monday
STALLED = at("2026-11-18T12:00")
ASKED = at("2026-11-19T10:37")
ASKED_TWICE = at("2026-11-23T10:37")
OLGA = PersonCase(7, MOSCOW)
ANNA = PersonCase(8, MOSCOW)
PROMISE = {
    "promised_on": date(2026, 11, 20),
    "promised_at": CAME,
    "progress_at": CAME,
    "stalls_at": at("2026-11-23T10:00"),
}
AWAY = Calendar(absences=((date(2026, 11, 17), date(2026, 11, 20)),))


def task(**more):
    return TaskCase(
        **{"id": 1, "status": "open", "turn": 7, "turn_since": CAME, "stalls_at": STALLED, "told_turn_at": CAME, **more}
    )


def said(now, person=OLGA, policy=ON, **more):
    return decide(task(**more), person, policy, now)


def once(**more):
    return {"nudges": 1, "last_nudge_at": ASKED, "tried_at": STALLED, **more}


def twice(**more):
    return {"nudges": 2, "last_nudge_at": ASKED_TWICE, "tried_at": STALLED, **more}
