"""Working time of one person: their zone, hours, weekdays, holidays, absences; the only arithmetic of days there is.

Stalling, nudging and the wait ledger all count by these functions, so "should be asked" and "was asked lately" can't
disagree. A working day is the length of the person's own day (8 hours unless they say otherwise). Instants go in aware
and come out in UTC; days are local dates of the calendar's zone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

SEARCH_DAYS = 400
"""How far a search for a working day looks. Longer than any year without one: then there is none (`None`)."""

ONE_DAY = timedelta(days=1)
NOTHING = timedelta(0)


@dataclass(frozen=True)
class Calendar:
    """When somebody works. Equal calendars are equal values, so answers may be cached by them."""

    zone: str = "Europe/Moscow"
    opens: time = time(10)
    closes: time = time(18)
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    """Monday is 0."""
    days_off: frozenset[date] = frozenset()
    """Public holidays and the project's own."""
    extra_days: frozenset[date] = frozenset()
    """Moved working days: a Saturday that everybody works."""
    absences: tuple[tuple[date, date], ...] = ()
    """(first, last), both included. They win over everything."""
    cadence: frozenset[int] | None = None
    """Weekdays on which the person answers by agreement. It moves only `next_slot`: working time runs on."""
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("a working day opens before it closes, on the same date")
        # Hashed once: a round over 100,000 tasks looks calendars up by value.
        parts = (self.zone, self.opens, self.closes, self.weekdays, self.days_off, self.extra_days, self.absences)
        object.__setattr__(self, "_hash", hash((*parts, self.cadence)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def day_length(self) -> timedelta:
        """What a working day counts."""
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)


@lru_cache(maxsize=200_000)
def _instant(zone: str, day: date, at: time) -> datetime:
    """A wall time as an instant; one that does not exist or exists twice (clock changes) is the later instant."""
    wall = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return max(wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))


def day_in(zone: str | tzinfo, instant: datetime) -> date:
    """The day that it is there."""
    return instant.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone).date()


def local_day(cal: Calendar, instant: datetime) -> date:
    return day_in(cal.zone, instant)


def wall(cal: Calendar, day: date, at: time) -> datetime:
    """The instant at which the person's clock shows `at` on `day`."""
    return _instant(cal.zone, day, at)


def day_opens(cal: Calendar, day: date) -> datetime:
    return _instant(cal.zone, day, cal.opens)


def day_ends(cal: Calendar, day: date) -> datetime:
    """When the window of this day closes, be it a working day or not."""
    return _instant(cal.zone, day, cal.closes)


def is_absent(cal: Calendar, day: date) -> bool:
    return any(first <= day <= last for first, last in cal.absences)


def is_working_day(cal: Calendar, day: date) -> bool:
    return _is_work_for_others(cal, day) and not (cal.absences and is_absent(cal, day))


def _is_work_for_others(cal: Calendar, day: date) -> bool:
    """A working day but for absences."""
    return day in cal.extra_days or (day.weekday() in cal.weekdays and day not in cal.days_off)


def _working_days(cal: Calendar, first: date) -> Iterator[date]:
    """Working days from `first` on; ends when the next one is more than SEARCH_DAYS away."""
    day, idle = first, 0
    while idle <= SEARCH_DAYS:
        if is_working_day(cal, day):
            idle = 0
            yield day
        else:
            idle += 1
        day += ONE_DAY


def next_working_day(cal: Calendar, day: date) -> date | None:
    """The first working day on or after `day`."""
    return next(_working_days(cal, day), None)


def last_working_day_before(cal: Calendar, day: date) -> date | None:
    """The last working day strictly before `day`."""
    for back in range(1, SEARCH_DAYS + 1):
        if is_working_day(cal, day - timedelta(days=back)):
            return day - timedelta(days=back)
    return None


def working_days_between(cal: Calendar, first: date, last: date) -> int:
    """How many working days lie in (first, last]."""
    return sum(is_working_day(cal, first + timedelta(days=ahead)) for ahead in range(1, (last - first).days + 1))


def morning_after(cal: Calendar, day: date) -> datetime | None:
    """The opening of the first working day after `day`; None if none is within SEARCH_DAYS."""
    found = next_working_day(cal, day + ONE_DAY)
    return None if found is None else day_opens(cal, found)


def working_time(cal: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time between two instants; nothing if they stand in the wrong order."""
    if end <= start:
        return NOTHING
    first, last = local_day(cal, start), local_day(cal, end)
    if (last - first).days < A_WEEK or not _is_even(cal):
        return sum((_within(cal, day, start, end) for day in _days(first, last)), NOTHING)
    whole = _count_working_days(cal, first + ONE_DAY, last - ONE_DAY) * cal.day_length
    return _within(cal, first, start, end) + whole + _within(cal, last, start, end)


def worked_by(cal: Calendar, instant: datetime) -> timedelta | None:
    """Working time since long ago: of two moments the difference is what was worked between them.

    For lists that ask of the same beginnings again and again. None where that can't be said, or would take too long.
    """
    if instant < LONG_AGO or not _is_even(cal):
        return None
    return working_time(cal, LONG_AGO, instant)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _within(cal: Calendar, day: date, start: datetime, end: datetime) -> timedelta:
    """What of a day's window lies between the two instants."""
    if not is_working_day(cal, day):
        return NOTHING
    return max(NOTHING, min(end, day_ends(cal, day)) - max(start, day_opens(cal, day)))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _is_even(cal: Calendar) -> bool:
    """No clock change falls into the window: every working day is as long as the others, and days can be counted."""
    return cal.opens >= EARLY and cal.closes <= LATE


EARLY, LATE, A_WEEK = time(5), time(22), 7


def _count_working_days(cal: Calendar, first: date, last: date) -> int:
    """Both included; by weeks, not day by day."""
    weeks, rest = divmod((last - first).days + 1, 7)
    found = weeks * len(cal.weekdays) + sum((first.weekday() + ahead) % 7 in cal.weekdays for ahead in range(rest))
    off, extra = _moved(cal.weekdays, cal.days_off, cal.extra_days)
    for moved, sign in ((off, -1), (extra, 1)):
        found += sign * (bisect_right(moved, last) - bisect_left(moved, first))
    if cal.absences:
        away = {day for begin, end in cal.absences for day in _days(max(begin, first), min(end, last))}
        found -= sum(_is_work_for_others(cal, day) for day in away)
    return found


@lru_cache(maxsize=256)
def _moved(
    weekdays: frozenset[int], days_off: frozenset[date], extra_days: frozenset[date]
) -> tuple[list[date], list[date]]:
    """(days off that would be worked, days worked that would be off), in order."""
    off = sorted(day for day in days_off - extra_days if day.weekday() in weekdays)
    return off, sorted(day for day in extra_days if day.weekday() not in weekdays)


def add_working_days(cal: Calendar, instant: datetime, count: int) -> datetime | None:
    """The instant when `count` working days of working time have passed since `instant`; see `add_working_time`."""
    return add_working_time(cal, instant, cal.day_length * count)


def add_working_time(cal: Calendar, instant: datetime, left: timedelta) -> datetime | None:
    """The instant when so much working time has passed since `instant`.

    Always inside a window [opens, closes): what runs out at closing time is over next morning. With nothing left it is
    the next moment of working time. None if the calendar runs dry (no working day within SEARCH_DAYS).
    """
    for day in _working_days(cal, local_day(cal, instant)):
        begin, end = max(instant, day_opens(cal, day)), day_ends(cal, day)
        if begin >= end:
            continue
        if left < end - begin:
            return (begin + left).astimezone(UTC)
        left -= end - begin
    return None


def _answers_on(cal: Calendar, day: date) -> bool:
    return is_working_day(cal, day) and (cal.cadence is None or day.weekday() in cal.cadence)


def next_answering_day(cal: Calendar, day: date) -> date | None:
    """The first working day of the agreed cadence on or after `day`."""
    for ahead in range(SEARCH_DAYS + 1):
        if _answers_on(cal, day + timedelta(days=ahead)):
            return day + timedelta(days=ahead)
    return None


def next_slot(cal: Calendar, after: datetime) -> datetime | None:
    """The next moment at which the person may be written to: in their window, on a day of their cadence.

    `after` itself, if it is such a moment; None if there is none within SEARCH_DAYS.
    """
    today = local_day(cal, after)
    if _answers_on(cal, today) and after < day_ends(cal, today):
        return max(after, day_opens(cal, today)).astimezone(UTC)
    day = next_answering_day(cal, today + ONE_DAY)
    return None if day is None else day_opens(cal, day)


def or_ordinary(cal: Calendar, day: date) -> Calendar:
    """The calendar itself, or ordinary days of its zone if it has no working day within SEARCH_DAYS of `day`.

    For clocks that must run: somebody who never works can't keep a task from ever coming to the conductor.
    """
    return cal if next_working_day(cal, day) is not None else Calendar(zone=cal.zone)


def covered(cal: Calendar) -> Calendar:
    """The calendar of somebody whose deputy stands in: their turn's clock runs on through absences."""
    if not cal.absences:
        return cal
    return Calendar(cal.zone, cal.opens, cal.closes, cal.weekdays, cal.days_off, cal.extra_days, (), cal.cadence)
