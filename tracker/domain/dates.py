"""Dates as people write them in a sheet or a chat, in Russian and English: «к пятнице», «27 ноября», "in 3 days", 05.11.2026."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple


class Understood(NamedTuple):
    """What was read in a text. `exact`: the text names day, month and year itself, so nothing is lost without it."""

    date: date | None
    text: str
    exact: bool


WEEKDAYS = (
    ("понедельник", "понедельника", "понедельнику", "пн", "monday", "mon"),
    ("вторник", "вторника", "вторнику", "вт", "tuesday", "tue"),
    ("среда", "среды", "среду", "среде", "ср", "wednesday", "wed"),
    ("четверг", "четверга", "четвергу", "чт", "thursday", "thu"),
    ("пятница", "пятницы", "пятницу", "пятнице", "пт", "friday", "fri"),
    ("суббота", "субботы", "субботу", "субботе", "сб", "saturday", "sat"),
    ("воскресенье", "воскресенья", "воскресенью", "вс", "sunday", "sun"),
)
MONTHS = (
    ("янв", "jan"),
    ("фев", "feb"),
    ("мар", "mar"),
    ("апр", "apr"),
    ("май", "мая", "маю", "мае", "may"),
    ("июн", "jun"),
    ("июл", "jul"),
    ("авг", "aug"),
    ("сен", "sep"),
    ("окт", "oct"),
    ("ноя", "nov"),
    ("дек", "dec"),
)
MONTH_ENDINGS = (
    r"(?:вар[ьяюе]|рал[ьяюе]|т[ауе]?|рел[ьяюе]|густ[ауе]?|тябр[ьяюе]|ябр[ьяюе]|абр[ьяюе]|[ьяюе]|в|р|т|н|б|г|"
    r"uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?"
)
NUMBERS = {
    "пару": 2, "один": 1, "одну": 1, "день": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6,
    "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "полторы": 2, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "couple": 2, "a couple of": 2,
}  # fmt: skip

BLANK = frozenset({"", "-", "–", "—", "нет", "n/a", "na", "none", "нд", "н/д", "?"})
WEEKDAY = "(?P<weekday>" + "|".join(form for forms in WEEKDAYS for form in forms) + ")"
MONTH = "(?P<month>" + "(?:" + "|".join(stem for stems in MONTHS for stem in stems) + ")" + MONTH_ENDINGS + r")\.?"
NUMBER = r"(?P<count>\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
YEAR = r"(?:,?\s*(?P<year>\d{4}))?"
NEXT = r"(?P<next>следующ(?:ий|ая|ую|ее|ей|его|ему|ем)|след\.?|next)"

# A time of day or a doubt says nothing about the day: both are dropped (the text itself stays with the caller).
NOISE = re.compile(
    r"\b(?:(?:до|к|в|после|с)\s+)?(?:обеда|обеду|вечера|вечеру|утра|утру|\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?=$|[\s,z])z?"
    r"|\b(?:утром|днем|вечером|примерно|ориентировочно|около|где-то|максимум|крайний срок|срок|дедлайн|deadline|due|"
    r"morning|afternoon|evening|noon|approx|approximately|around)\b|[~≈]|(?<=\d)\s*г(?:ода|\.)?(?=$|[\s,])"
)
PREPOSITION = re.compile(
    r"^(?P<word>не поз(?:же|днее)|no later than|к|ко|до|в|во|на|по|by|until|till|before|on|at|for|to|this)\s+(?P<rest>.+)$"
)


def date_of(text: str, today: date) -> date | None:
    """The day that `text` names, counted from `today`; None when it names none."""
    return understand(text, today).date


def understand(text: str, today: date) -> Understood:
    """Read a day out of `text`; a text that says nothing («—») comes back empty, any other keeps its words."""
    original = " ".join(text.split())
    words = normalised(original)
    if words in BLANK:
        return Understood(None, "", exact=False)
    try:
        exact = absolute(words)
        if exact is not None:
            return Understood(exact, original, exact=True)
        return Understood(relative(words, today), original, exact=False)
    except (ValueError, OverflowError):  # 31.02, or a year that the calendar hasn't
        return Understood(None, original, exact=False)


def normalised(text: str) -> str:
    words = text.casefold().replace("ё", "е").replace("\u00a0", " ")
    words = re.sub(r"(?<=\d)t(?=\d{2}:)", " ", words)
    words = NOISE.sub(" ", words)
    return " ".join(words.split()).strip(" .,;:!?()«»\"'")


def absolute(words: str) -> date | None:
    """A day with its own year, however many prepositions or weekday names stand before it."""
    words = without_prepositions(words)[1]
    words = re.sub(rf"^{WEEKDAY}\.?,?\s+(?=\d)", "", words)
    if found := re.fullmatch(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", words):
        return date(int(found[1]), int(found[2]), int(found[3]))
    # A range ends when its last day ends.
    if found := re.fullmatch(r"(?:\d{1,2}(?:\.\d{1,2}(?:\.\d{2,4})?)?\s*[-–—]\s*)?(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})", words):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if month > 12 and found[2] == "/":  # 11/27/2026 can only be month first
            day, month = month, day
        return date(year + 2000 if year < 100 else year, month, day)
    if found := re.fullmatch(rf"(?P<day>\d{{1,2}})(?:-?го|st|nd|rd|th)?\s+{MONTH},?\s*(?P<year>\d{{4}})", words):
        return date(int(found["year"]), month_number(found["month"]), int(found["day"]))
    if found := re.fullmatch(rf"{MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})", words):
        return date(int(found["year"]), month_number(found["month"]), int(found["day"]))
    return None


def relative(words: str, today: date) -> date | None:
    if found := re.fullmatch(rf"(?:на\s+)?{NEXT} (?:неделе|неделю|week),?\s+(?P<rest>.+)", words):
        inner = re.fullmatch(WEEKDAY, without_prepositions(found["rest"])[1])
        return None if inner is None else weekday_of_week(weekday_number(inner["weekday"]), today, 1)
    preposition, words = without_prepositions(words)
    for pattern, read in PATTERNS:
        if found := pattern.fullmatch(words):
            return read(found, today, preposition)
    return None


def without_prepositions(words: str) -> tuple[str, str]:
    """The first preposition and what follows: «не позднее чем до 5 мая» has several."""
    first = ""
    while found := PREPOSITION.match(words):
        first = first or found["word"]
        words = found["rest"].strip()
    return first, words


def month_number(word: str) -> int:
    return next(number for number, stems in enumerate(MONTHS, 1) if word.startswith(stems))


def weekday_number(word: str) -> int:
    return next(number for number, forms in enumerate(WEEKDAYS) if word in forms)


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def weekday_of_week(weekday: int, today: date, weeks: int) -> date:
    return today - timedelta(days=today.weekday()) + timedelta(days=weekday, weeks=weeks)


def nearest_year(day: int, month: int, today: date) -> date | None:
    """Without a year the nearest such day is meant: in November «15.01» is ahead, «05.11» has just passed."""
    possible = [
        date(year, month, day)
        for year in (today.year - 1, today.year, today.year + 1)
        if month <= 12 and 1 <= day <= monthrange(year, month)[1]
    ]
    return min(possible, key=lambda found: abs(found - today), default=None)


def count_of(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word]


def read_weekday(found: re.Match[str], today: date, _: str) -> date:
    weekday = weekday_number(found["weekday"])
    if found["next"]:
        return weekday_of_week(weekday, today, 1)
    # On a Friday «к пятнице» is today: in a sheet the word was written earlier in the week.
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def read_later(found: re.Match[str], today: date, _: str) -> date:
    count = count_of(found["count"]) if found["count"] else 1
    unit = found["unit"]
    if unit.startswith(("нед", "week")):
        return today + timedelta(weeks=count)
    if unit.startswith(("мес", "month")):
        years, month = divmod(today.month - 1 + count, 12)
        last = monthrange(today.year + years, month + 1)[1]
        return date(today.year + years, month + 1, min(today.day, last))
    if not found["working"]:
        return today + timedelta(days=count)
    day = today
    while count:  # by the week alone: a sheet does not know whose holidays are meant
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def read_end(found: re.Match[str], today: date, _: str) -> date:
    unit = found["unit"]
    later = 1 if found["next"] else 0
    if unit.startswith(("нед", "week")):
        friday = weekday_of_week(4, today, later)
        return friday if friday >= today else weekday_of_week(6, today, later)
    if unit.startswith(("мес", "month")):
        years, month = divmod(today.month - 1 + later, 12)
        return month_end(today.year + years, month + 1)
    if unit.startswith(("кв", "quarter")):
        years, quarter = divmod((today.month - 1) // 3 + later, 4)
        return month_end(today.year + years, quarter * 3 + 3)
    if unit.startswith(("год", "year")):
        return date(today.year + later, 12, 31)
    return today + timedelta(days=later)


def read_week(found: re.Match[str], today: date, _: str) -> date:
    if found["next"]:
        return weekday_of_week(4, today, 1)
    friday = weekday_of_week(4, today, 0)
    return friday if friday >= today else weekday_of_week(6, today, 0)


def read_next_month(found: re.Match[str], today: date, _: str) -> date:
    years, month = divmod(today.month, 12)
    return month_end(today.year + years, month + 1)


def read_day_month(found: re.Match[str], today: date, _: str) -> date | None:
    return nearest_year(int(found["day"]), month_number(found["month"]), today)


def read_numbers(found: re.Match[str], today: date, _: str) -> date | None:
    return nearest_year(int(found["day"]), int(found["number"]), today)


def read_day(found: re.Match[str], today: date, _: str) -> date | None:
    """«До 27-го»: the next month that has such a day, today included."""
    day = int(found["day"])
    for ahead in range(3):
        years, month = divmod(today.month - 1 + ahead, 12)
        if 1 <= day <= monthrange(today.year + years, month + 1)[1]:
            possible = date(today.year + years, month + 1, day)
            if possible >= today:
                return possible
    return None


def read_part_of_month(found: re.Match[str], today: date, _: str) -> date:
    part, month = found["part"], found["month"]
    if month is None:
        year, number = today.year, today.month
        if found["next"] or (part.startswith(("нач", "start", "begin")) and today.day > 1):
            years, number = divmod(today.month, 12)
            year, number = today.year + years, number + 1
    else:
        number = month_number(month)
        year = int(found["year"]) if found["year"] else year_ahead(number, today)
    if part.startswith(("нач", "start", "begin")):
        return date(year, number, 1)
    if part.startswith(("сер", "mid")):
        return date(year, number, 15)
    return month_end(year, number)


def read_month(found: re.Match[str], today: date, preposition: str) -> date:
    """«В декабре» leaves the whole month, «к декабрю» and «до декабря» end where it begins."""
    number = month_number(found["month"])
    year = int(found["year"]) if found["year"] else year_ahead(number, today)
    if preposition in {"к", "ко", "до", "by", "before", "until", "till"}:
        return date(year, number, 1)
    return month_end(year, number)


def year_ahead(month: int, today: date) -> int:
    return today.year if month >= today.month else today.year + 1


def days_on(count: int) -> Callable[[re.Match[str], date, str], date]:
    return lambda _found, today, _preposition: today + timedelta(days=count)


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


PART = r"(?P<part>начал[оаеу]|середин[аыуе]|кон(?:ец|ца|цу|це)|start of|beginning of|middle of|mid|end of)(?: the)?"
UNIT = r"(?P<unit>недел[яиюе]|месяц[ае]?|квартал[ае]?|год[ауе]?|дня|week|month|quarter|year|day)"
PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date, str], date | None]], ...] = (
    (pattern("сегодня|today|eod|tonight"), days_on(0)),
    (pattern("завтра|завтрашнего дня|tomorrow"), days_on(1)),
    (pattern("послезавтра|the day after tomorrow|day after tomorrow"), days_on(2)),
    (pattern("eow"), lambda _f, today, _p: read_end_of("week", today)),
    (pattern("eom"), lambda _f, today, _p: read_end_of("month", today)),
    (pattern("нового года|новому году|new year"), lambda _f, today, _p: date(today.year, 12, 31)),
    (pattern(rf"(?:(?:эт(?:от|ой|у|а|о)|ближайш(?:ий|ая|ую|ей|ее)|this|coming)\s+)?(?:{NEXT}\s+)?{WEEKDAY}"), read_weekday),
    (pattern(rf"(?:через|в течение|за|in|within)\s+(?:{NUMBER}\s*)?(?P<working>раб(?:\.|очих|очий|очего)?\s*(?:дн(?:ей|я)?|день)|(?:working|business) days?)?(?P<unit>(?(working)|(?:дн(?:ей|я|\.)?|день|days?|недел[яиюе]|недель|нед\.?|weeks?|месяц(?:а|ев)?|мес\.?|months?)))"), read_later),
    (pattern(rf"(?:{PART.replace('начал[оаеу]|середин[аыуе]|', '').replace('start of|beginning of|middle of|mid|', '')}\s+)(?:(?:эт(?:ой|ого)|this)\s+)?(?:{NEXT}\s+)?{UNIT}"), read_end),
    (pattern(rf"(?:(?:эт(?:ой|у)|this)\s+)?(?:{NEXT}\s+)?(?:недел[еюия]|week)"), read_week),
    (pattern(rf"{NEXT}\s+(?:месяц(?:а|у|е)?|month)"), read_next_month),
    (pattern(rf"(?:{WEEKDAY}\.?,?\s+)?(?:\d{{1,2}}\s*[-–—]\s*)?(?P<day>\d{{1,2}})(?:-?(?:го|му|ое)|st|nd|rd|th)?\s*{MONTH}"), read_day_month),
    (pattern(rf"{MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"), read_day_month),
    (pattern(rf"(?:{WEEKDAY}\.?,?\s+)?(?:\d{{1,2}}(?:\.\d{{1,2}})?\s*[-–—]\s*)?(?P<day>\d{{1,2}})[./](?P<number>\d{{1,2}})"), read_numbers),
    (pattern(r"(?P<day>\d{1,2})(?:\s*-?(?:го|му|ое)(?:\s+числ[ауое])?|\s+числ[ауое]|st|nd|rd|th)"), read_day),
    (pattern(rf"{PART}\s+(?:{NEXT}\s+)?(?:месяца|month|{MONTH}{YEAR})"), read_part_of_month),
    (pattern(rf"{MONTH}{YEAR}"), read_month),
)  # fmt: skip


def read_end_of(unit: str, today: date) -> date:
    found = re.fullmatch(f"(?P<next>next)?(?P<unit>{unit})", unit)
    assert found is not None
    return read_end(found, today, "")
