"""Who works when, told by the wall clock and a printed calendar: the simulation's own oracle of working time.

Nothing of `domain.worktime` or of the `holidays` package is used here: the days off of this winter are written out.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def days(text: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(one) for one in text.split())


DAYS_OFF = {
    "RU": days(
        "2026-11-04 2026-12-31 2027-01-01 2027-01-02 2027-01-03 2027-01-04 2027-01-05 2027-01-06 2027-01-07 2027-01-08"
        " 2027-02-22 2027-02-23 2027-03-08 2027-05-01"
    ),
    "DE": days("2026-12-25 2026-12-26 2027-01-01 2027-03-26 2027-03-29 2027-05-01"),
    "US": days("2026-11-26 2026-12-25 2027-01-01 2027-01-18 2027-02-15"),
    "": frozenset(),
}
WORKED_SATURDAYS = {"RU": days("2027-02-20")}


@dataclass
class Hours:
    """When somebody works."""

    zone: str = "Europe/Moscow"
    opens: time = time(10)
    closes: time = time(18)
    weekdays: str = "01234"
    country: str = "RU"
    cadence: str = ""
    absences: list[tuple[date, date]] = field(default_factory=list)

    @property
    def length(self) -> timedelta:
        return timedelta(hours=self.closes.hour - self.opens.hour, minutes=self.closes.minute - self.opens.minute)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def shown(self, instant: datetime) -> time:
        return instant.astimezone(ZoneInfo(self.zone)).time()

    def away(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.absences)

    def works(self, day: date, *, covered: bool = False) -> bool:
        """`covered`: absences aside, as for somebody whose deputy stands in."""
        if not covered and self.away(day):
            return False
        if day in WORKED_SATURDAYS.get(self.country, ()):
            return True
        return str(day.weekday()) in self.weekdays and day not in DAYS_OFF[self.country]

    def answers(self, day: date) -> bool:
        return self.works(day) and (not self.cadence or str(day.weekday()) in self.cadence)

    def moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)

    def is_open(self, instant: datetime) -> bool:
        return self.works(self.day(instant)) and self.opens <= self.shown(instant) < self.closes

    def returned(self, day: date) -> bool:
        """Whether this is the first day at work after an absence."""
        back = day - DAY
        while not self.works(back):
            if self.away(back):
                return True
            if day - back > timedelta(days=60):
                return False
            back -= DAY
        return False

    def worked(self, start: datetime, end: datetime, *, covered: bool = False) -> float:
        """Working days that passed between two instants, the last one in parts."""
        total, day = timedelta(0), self.day(start)
        while day <= self.day(end) and start < end:
            if self.works(day, covered=covered):
                first, last = max(start, self.moment(day, self.opens)), min(end, self.moment(day, self.closes))
                total += max(last - first, timedelta(0))
            day += DAY
        return total / self.length

    def days_between(self, first: date, last: date, *, covered: bool = False) -> int:
        """Working days after `first`, through `last`."""
        return sum(self.works(first + DAY * ahead, covered=covered) for ahead in range(1, (last - first).days + 1))

    def first_day_from(self, day: date, *, covered: bool = False) -> date:
        while not self.works(day, covered=covered):
            day += DAY
        return day
