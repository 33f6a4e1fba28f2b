"""What people write for a date, read on Sunday 22 November 2026 unless a test says otherwise."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.dates import WEEKDAYS, Understood, date_of, understand

SUNDAY = date(2026, 11, 22)

ABSOLUTE = {
    "2026-11-05": date(2026, 11, 5),
    "2026-11-05 14:30:00": date(2026, 11, 5),
    "2026-11-05T14:30:00Z": date(2026, 11, 5),
    "2026/11/5": date(2026, 11, 5),
    "05.11.2026": date(2026, 11, 5),
    "5.11.2026": date(2026, 11, 5),
    "05.11.26": date(2026, 11, 5),
    "05/11/2026": date(2026, 11, 5),
    "11/27/2026": date(2026, 11, 27),
    "05-11-2026": date(2026, 11, 5),
    "05.11.2026 г.": date(2026, 11, 5),
    "до 05.11.2026": date(2026, 11, 5),
    "пт, 27.11.2026": date(2026, 11, 27),
    "не позднее чем до 5 мая 2027 года": date(2027, 5, 5),
    "27 ноября 2026": date(2026, 11, 27),
    "27 нояб. 2026 г.": date(2026, 11, 27),
    "27-го ноября 2026": date(2026, 11, 27),
    "November 27, 2026": date(2026, 11, 27),
    "27 Nov 2026": date(2026, 11, 27),
    "46331": date(2026, 11, 5),
    "20.11.2026 – 25.11.2026": date(2026, 11, 25),
}
COUNTED = {
    "сегодня": date(2026, 11, 22),
    "до конца дня": date(2026, 11, 22),
    "завтра": date(2026, 11, 23),
    "Завтра утром": date(2026, 11, 23),
    "завтра до 18:00": date(2026, 11, 23),
    "к завтрашнему дню": date(2026, 11, 23),
    "послезавтра": date(2026, 11, 24),
    "tomorrow": date(2026, 11, 23),
    "the day after tomorrow": date(2026, 11, 24),
    "к пятнице": date(2026, 11, 27),
    "в пятницу": date(2026, 11, 27),
    "до пятницы": date(2026, 11, 27),
    "В ПЯТНИЦУ!": date(2026, 11, 27),
    "пт": date(2026, 11, 27),
    "в эту среду": date(2026, 11, 25),
    "во вторник": date(2026, 11, 24),
    "к понедельнику": date(2026, 11, 23),
    "до воскресенья": date(2026, 11, 22),
    "by Friday": date(2026, 11, 27),
    "on Monday morning": date(2026, 11, 23),
    "в следующую пятницу": date(2026, 11, 27),
    "next Friday": date(2026, 11, 27),
    "на следующей неделе": date(2026, 11, 27),
    "на следующей неделе в среду": date(2026, 11, 25),
    "в среду на следующей неделе": date(2026, 11, 25),
    "next week": date(2026, 11, 27),
    "до конца недели": date(2026, 11, 22),
    "до конца следующей недели": date(2026, 11, 27),
    "до конца месяца": date(2026, 11, 30),
    "к концу месяца": date(2026, 11, 30),
    "by the end of the month": date(2026, 11, 30),
    "end of month": date(2026, 11, 30),
    "EOM": date(2026, 11, 30),
    "до конца следующего месяца": date(2026, 12, 31),
    "в следующем месяце": date(2026, 12, 31),
    "до конца ноября": date(2026, 11, 30),
    "до конца февраля": date(2027, 2, 28),
    "к концу декабря 2027": date(2027, 12, 31),
    "до конца квартала": date(2026, 12, 31),
    "до конца года": date(2026, 12, 31),
    "до Нового года": date(2026, 12, 31),
    "к началу декабря": date(2026, 12, 1),
    "в начале месяца": date(2026, 12, 1),
    "в середине декабря": date(2026, 12, 15),
    "в декабре": date(2026, 12, 31),
    "к декабрю": date(2026, 12, 1),
    "декабрь 2027": date(2027, 12, 31),
    "in January": date(2027, 1, 31),
    "через 3 дня": date(2026, 11, 25),
    "через день": date(2026, 11, 23),
    "через пару дней": date(2026, 11, 24),
    "через неделю": date(2026, 11, 29),
    "через две недели": date(2026, 12, 6),
    "через 2 нед.": date(2026, 12, 6),
    "через месяц": date(2026, 12, 22),
    "через 10 рабочих дней": date(2026, 12, 4),
    "через 3 раб. дня": date(2026, 11, 25),
    "в течение недели": date(2026, 11, 29),
    "in 3 days": date(2026, 11, 25),
    "in a week": date(2026, 11, 29),
    "in a couple of days": date(2026, 11, 24),
    "within 2 business days": date(2026, 11, 24),
    "27.11": date(2026, 11, 27),
    "27.11.": date(2026, 11, 27),
    "до 27/11": date(2026, 11, 27),
    "~27.11?": date(2026, 11, 27),
    "23-27.11": date(2026, 11, 27),
    "пт 27.11": date(2026, 11, 27),
    "05.11": date(2026, 11, 5),
    "15.01": date(2027, 1, 15),
    "27 ноября": date(2026, 11, 27),
    "до 27 ноября": date(2026, 11, 27),
    "20–25 ноября": date(2026, 11, 25),
    "15 января": date(2027, 1, 15),
    "Nov 27": date(2026, 11, 27),
    "November 27th": date(2026, 11, 27),
    "the 3rd": date(2026, 12, 3),
    "к 27-му": date(2026, 11, 27),
    "до 5-го числа": date(2026, 12, 5),
    "до 31 числа": date(2026, 12, 31),
}
UNREADABLE = (
    "срочно", "asap", "вчера вечером обсудили", "по готовности", "27", "31.02.2026", "31.02", "0.0", "99.99.9999",
    "когда ответит банк", "пятница 13", "через", "2026", "после запуска", "на днях", "к", "до 45-го числа", "29.02",
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ABSOLUTE.items())
def test_a_date_with_its_year_is_exact(text: str, expected: date) -> None:
    assert understand(text, SUNDAY) == Understood(expected, text, exact=True)


@pytest.mark.parametrize(("text", "expected"), COUNTED.items())
def test_a_relative_date_counts_from_today_and_keeps_its_words(text: str, expected: date) -> None:
    assert understand(text, SUNDAY) == Understood(expected, text, exact=False)


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_names_no_day_stays_a_text(text: str) -> None:
    assert understand(text, SUNDAY) == Understood(None, text, exact=False)


@pytest.mark.parametrize("text", ["", "  ", "-", "—", "нет", "N/A"])
def test_a_cell_that_says_nothing_leaves_nothing(text: str) -> None:
    assert understand(text, SUNDAY) == Understood(None, "", exact=False)


def test_on_a_friday_by_friday_is_today_and_next_friday_is_a_week_later() -> None:
    friday = date(2026, 11, 27)
    assert date_of("к пятнице", friday) == friday
    assert date_of("в следующую пятницу", friday) == date(2026, 12, 4)
    assert date_of("до конца недели", friday) == friday
    assert date_of("до конца недели", date(2026, 11, 23)) == friday
    assert date_of("до конца недели", date(2026, 11, 28)) == date(2026, 11, 29)


def test_a_month_later_than_the_31st_is_the_last_day_of_a_short_month() -> None:
    assert date_of("через месяц", date(2027, 1, 31)) == date(2027, 2, 28)


def test_the_29th_of_february_is_read_where_a_near_year_has_it() -> None:
    assert date_of("29.02", date(2028, 1, 10)) == date(2028, 2, 29)


def test_a_quarter_ends_with_its_third_month() -> None:
    ends = {month: date_of("до конца квартала", date(2026, month, 15)) for month in (1, 3, 4, 8, 10)}
    assert ends == {
        1: date(2026, 3, 31),
        3: date(2026, 3, 31),
        4: date(2026, 6, 30),
        8: date(2026, 9, 30),
        10: date(2026, 12, 31),
    }


DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@given(DAYS, st.sampled_from([form for forms in WEEKDAYS for form in forms.split()]))
def test_a_weekday_is_always_within_the_coming_week(today: date, word: str) -> None:
    found = date_of(f"до {word}", today)
    assert found is not None
    assert today <= found < today + timedelta(days=7)
    assert word in WEEKDAYS[found.weekday()].split()


@given(DAYS, DAYS)
def test_every_written_form_of_a_day_reads_back(day: date, today: date) -> None:
    for written in (day.isoformat(), day.strftime("%d.%m.%Y"), day.strftime("%d.%m.%y"), day.strftime("%d %B %Y")):
        assert understand(written, today) == Understood(day, written, exact=True)


@given(DAYS, DAYS)
def test_a_day_without_a_year_is_at_most_half_a_year_away(day: date, today: date) -> None:
    found = date_of(day.strftime("%d.%m"), today)
    if found is None:
        assert (day.day, day.month) == (29, 2)
    else:
        assert (found.day, found.month) == (day.day, day.month)
        assert abs(found - today) <= timedelta(days=184 if (day.day, day.month) != (29, 2) else 800)


@given(st.text(max_size=40), DAYS)
def test_no_text_whatever_breaks_the_reading(text: str, today: date) -> None:
    understand(text, today)
