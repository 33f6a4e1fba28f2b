"""Dates in words: short, without dots, and as each language writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tracker.wording import dates

DAY = date(2026, 11, 27)
SHORT = {
    "ru": ("янв фев мар апр мая июн июл авг сен окт ноя дек", "пн вт ср чт пт сб вс"),
    "en": ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "Mon Tue Wed Thu Fri Sat Sun"),
}


@pytest.mark.parametrize("language", SHORT)
def test_months_and_weekdays_are_of_three_letters_at_most_and_without_dots(language):
    months, weekdays = (names.split() for names in SHORT[language])
    other = date(2020, 1, 1)
    assert [dates.short_day(language, date(2026, month, 3), other) for month in range(1, 13)] == [
        f"3 {month} 2026" for month in months
    ]
    monday = date(2026, 11, 2)
    assert [dates.short_day(language, monday.replace(day=2 + place), monday) for place in range(7)] == [
        f"{2 + place} {months[10]}, {name}" for place, name in enumerate(weekdays)
    ]
    assert list(dates.weekday_names(language)) == weekdays


@pytest.mark.parametrize(
    ("language", "months"),
    [
        ("de", "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez"),
        # Cut, June and July would be one.
        ("fr", "janv févr mars avr mai juin juil août sept oct nov déc"),
        ("uk", "січ лют бер кві тра чер лип сер вер жов лис гру"),
    ],
)
def test_another_languages_months_come_from_its_locale_and_stay_apart(language, months):
    today = date(2020, 1, 1)
    said = [dates.short_day(language, date(2026, month, 1), today).split()[1] for month in range(1, 13)]
    assert said == months.split()


@pytest.mark.parametrize(
    ("said", "russian", "english"),
    [
        (dates.full_day, "пятница, 27 ноября", "Friday, 27 November"),
        (dates.long_day, "Пятница, 27 ноября", "Friday, 27 November"),
        (dates.named_day, "пт, 27 ноября", "Fri, 27 November"),
        (dates.day_of_month, "27 ноября", "27 November"),
        (dates.day_of_year, "27 ноября 2026", "27 November 2026"),
    ],
)
def test_a_day_in_words(said, russian, english):
    assert (said("ru", DAY), said("en", DAY)) == (russian, english)


@pytest.mark.parametrize(
    ("today", "russian", "english"),
    [
        (DAY, "сегодня, 11:05", "today, 11:05"),
        (date(2026, 11, 28), "вчера, 11:05", "yesterday, 11:05"),
        (date(2026, 11, 29), "27 ноя, 11:05", "27 Nov, 11:05"),
        (date(2027, 1, 4), "27 ноя 2026, 11:05", "27 Nov 2026, 11:05"),
    ],
)
def test_a_moment_is_told_in_the_readers_zone(today, russian, english):
    at, zone = datetime(2026, 11, 27, 8, 5, tzinfo=UTC), ZoneInfo("Europe/Moscow")
    assert (dates.moment("ru", at, zone, today), dates.moment("en", at, zone, today)) == (russian, english)
