"""Dates, moments and stretches of work in words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from tracker.wording.say import say, say_n

WORKING_DAY = 8 * 3600


# Cut by hand and not by Babel: a page has a hundred dates, and Babel takes 40 µs for each.
MONTHS = {
    "ru": ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


WEEKDAYS = {
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def short_day(language: str, day: date, today: date) -> str:
    """«27 ноя, пт»; another year is named instead of the weekday."""
    last = WEEKDAYS[language][day.weekday()] if day.year == today.year else str(day.year)
    separator = ", " if day.year == today.year else " "
    return f"{day.day} {MONTHS[language][day.month - 1]}{separator}{last}"


def long_day(language: str, day: date) -> str:
    """«Понедельник, 23 ноября»."""
    said = format_date(day, "EEEE, d MMMM", locale=language)
    return said[0].upper() + said[1:]


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
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTHS[language][day.month - 1]}{year}, {local:%H:%M}"


def worked(language: str, seconds: float) -> str:
    """A stretch of working time: hours below a working day of eight, whole working days from there."""
    days = int(seconds // WORKING_DAY)
    if days:
        return say_n(language, "{n} working day", "{n} working days", days)
    hours = int(seconds // 3600)
    return say_n(language, "{n} working h", "{n} working h", hours) if hours else say(language, "just now")


def weekdays(language: str, digits: str) -> str:
    """«пн–пт» of "01234", «вт, чт» of "13"."""
    names = [WEEKDAYS[language][int(digit)] for digit in digits]
    whole = len(digits) > 2 and digits in "0123456"
    return f"{names[0]}–{names[-1]}" if whole else ", ".join(names)
