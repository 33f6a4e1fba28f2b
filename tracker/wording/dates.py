"""Dates, moments and stretches of work in words."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from tracker.wording.marking import NC_
from tracker.wording.say import say, say_n

WORKING_DAY = 8 * 3600

# Written by the letters of Unicode: EEEE weekday, EE short weekday, d day, MMMM month, y year.
FULL_DAY = NC_("pattern of a date", "EEEE, d MMMM")
NAMED_DAY = NC_("pattern of a date", "EE, d MMMM")
DAY = NC_("pattern of a date", "d MMMM")
DAY_AND_YEAR = NC_("pattern of a date", "d MMMM y")


class Short(NamedTuple):
    """How a language writes short dates: names from Monday and from January on, patterns to be filled in."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    this_year: str
    other_year: str
    hour: str
    hour_of_other_year: str


@cache
def _short(language: str) -> Short:
    """Kept, and filled in by hand: a page has a hundred dates, and Babel takes 40 µs for each."""
    locale = Locale.parse(language)
    return Short(
        _cut(locale.days["format"]["abbreviated"][day] for day in range(7)),
        _cut(locale.months["format"]["abbreviated"][month] for month in range(1, 13)),
        say(language, "{day} {month}, {weekday}"),
        say(language, "{day} {month} {year}"),
        say(language, "{day} {month}, {time}"),
        say(language, "{day} {month} {year}, {time}"),
    )


def _cut(names: Iterable[str]) -> tuple[str, ...]:
    """Abbreviations without their dots, all of three letters where that leaves each of its own: янв, фев, мар, ноя."""
    plain = tuple(name.rstrip(".") for name in names)
    cut = tuple(name[:3] for name in plain)
    return cut if len(set(cut)) == len(plain) else plain


def weekday_names(language: str) -> tuple[str, ...]:
    """From Monday on, short."""
    return _short(language).weekdays


def short_day(language: str, day: date, today: date) -> str:
    """«27 ноя, пт»; another year is named instead of the weekday."""
    short = _short(language)
    pattern = short.this_year if day.year == today.year else short.other_year
    return pattern.format(
        day=day.day, month=short.months[day.month - 1], weekday=short.weekdays[day.weekday()], year=day.year
    )


def full_day(language: str, day: date) -> str:
    """«понедельник, 23 ноября», in the middle of a sentence."""
    return format_date(day, say(language, FULL_DAY), locale=language)


def long_day(language: str, day: date) -> str:
    """«Понедельник, 23 ноября»."""
    said = full_day(language, day)
    return said[0].upper() + said[1:]


def named_day(language: str, day: date) -> str:
    """«пн, 23 ноября»."""
    return format_date(day, say(language, NAMED_DAY), locale=language)


def day_of_month(language: str, day: date) -> str:
    """«10 декабря», “10 December”."""
    return format_date(day, say(language, DAY), locale=language)


def day_of_year(language: str, day: date) -> str:
    """«10 декабря 2026», “10 December 2026”."""
    return format_date(day, say(language, DAY_AND_YEAR), locale=language)


def near_day(language: str, day: date, today: date) -> str:
    """«сегодня», «завтра», «вчера», else the short day."""
    names = {0: say(language, "today"), 1: say(language, "tomorrow"), -1: say(language, "yesterday")}
    return names.get((day - today).days) or short_day(language, day, today)


def moment(language: str, at: datetime, zone: ZoneInfo, today: date) -> str:
    """«сегодня, 14:05», «18 ноя, 14:05» in the reader's zone."""
    local = at.astimezone(zone)
    day = local.date()
    if abs((day - today).days) <= 1:
        return f"{near_day(language, day, today)}, {local:%H:%M}"
    short = _short(language)
    pattern = short.hour if day.year == today.year else short.hour_of_other_year
    return pattern.format(day=day.day, month=short.months[day.month - 1], year=day.year, time=f"{local:%H:%M}")


def worked(language: str, seconds: float) -> str:
    """A stretch of working time: hours below a working day of eight, whole working days from there."""
    days = int(seconds // WORKING_DAY)
    if days:
        return say_n(language, "{n} working day", "{n} working days", days)
    hours = int(seconds // 3600)
    return say_n(language, "{n} working h", "{n} working h", hours) if hours else say(language, "just now")


def weekdays(language: str, digits: str) -> str:
    """«пн–пт» of "01234", «вт, чт» of "13"."""
    names = [_short(language).weekdays[int(digit)] for digit in digits]
    whole = len(digits) > 2 and digits in "0123456"
    return f"{names[0]}–{names[-1]}" if whole else ", ".join(names)
