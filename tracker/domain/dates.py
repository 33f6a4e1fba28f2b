"""Dates as people write them in a sheet or a chat: «к пятнице», «27 ноября», "in 3 days", 05.11.2026."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple


class Understood(NamedTuple):
    """What a text says. `exact`: it names day, month and year itself, so nothing is lost if the words are dropped."""

    date: date | None
    text: str
    exact: bool


def date_of(text: str, today: date) -> date | None:
    """The day that `text` names, counted from `today`; None when it names none."""
    return understand(text, today).date


def understand(text: str, today: date) -> Understood:
    """Read a day out of `text`. A text that says nothing («—») comes back empty, any other keeps its words."""
    original = " ".join(text.split())
    words = normalised(original)
    if words in NOTHING:
        return Understood(None, "", exact=False)
    try:
        found = with_year(words)
        return Understood(found or from_today(words, today), original, exact=found is not None)
    except (ValueError, OverflowError):  # 31.02, or a year no calendar has
        return Understood(None, original, exact=False)


NOTHING = frozenset({"", "-", "–", "—", "нет", "n/a", "na", "none", "н/д"})

# A time of day or a doubt does not change the day.
NOISE = re.compile(
    r"\b(?:(?:до|к|в|после|с|at|by)\s+)?(?:обеда|обеду|вечера|вечеру|утра|утру|\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?)(?!\w)"
    r"|\b(?:утром|днем|вечером|примерно|ориентировочно|около|где-то|максимум|крайний срок|срок|дедлайн)\b"
    r"|\b(?:deadline|due|morning|afternoon|evening|noon|approx|approximately|around)\b"
    r"|[~≈]|(?<=\d)\s*г(?:ода|\.)?(?!\w)"
)


def normalised(text: str) -> str:
    words = re.sub(r"(?<=\d)t(?=\d{2}:)", " ", text.casefold().replace("ё", "е"))
    return " ".join(NOISE.sub(" ", words).split()).strip(" .,;:!?()«»\"'")


WEEKDAYS = (
    "понедельник понедельника понедельнику пн mon monday",
    "вторник вторника вторнику вт tue tuesday",
    "среда среды среду среде ср wed wednesday",
    "четверг четверга четвергу чт thu thursday",
    "пятница пятницы пятницу пятнице пт fri friday",
    "суббота субботы субботу субботе сб sat saturday",
    "воскресенье воскресенья воскресенью вс sun sunday",
)
MONTHS = (
    "январь января январю январе янв january jan",
    "февраль февраля февралю феврале фев февр february feb",
    "март марта марту марте мар march mar",
    "апрель апреля апрелю апреле апр april apr",
    "май мая маю мае may",
    "июнь июня июню июне июн june jun",
    "июль июля июлю июле июл july jul",
    "август августа августу августе авг august aug",
    "сентябрь сентября сентябрю сентябре сен сент september sep sept",
    "октябрь октября октябрю октябре окт october oct",
    "ноябрь ноября ноябрю ноябре ноя нояб november nov",
    "декабрь декабря декабрю декабре дек december dec",
)
NUMBERS = {
    **dict.fromkeys(("один", "одну", "a", "an", "one"), 1),
    **dict.fromkeys(("пару", "два", "две", "полторы", "two", "couple of", "a couple of"), 2),
    **dict.fromkeys(("три", "three"), 3),
    **dict.fromkeys(("четыре", "four"), 4),
    **dict.fromkeys(("пять", "five"), 5),
    **dict.fromkeys(("шесть", "six"), 6),
    **dict.fromkeys(("семь", "seven"), 7),
    **dict.fromkeys(("десять", "ten"), 10),
}
WEEKDAY_OF = {form: number for number, forms in enumerate(WEEKDAYS) for form in forms.split()}
MONTH_OF = {form: number for number, forms in enumerate(MONTHS, 1) for form in forms.split()}


def one_of(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


WEEKDAY = rf"(?P<weekday>{one_of(WEEKDAY_OF)})\b\.?"
MONTH = rf"(?P<month>{one_of(MONTH_OF)})\b\.?"
DAY = r"(?P<day>\d{1,2})(?:\s?-?(?:го|му|ое)|st|nd|rd|th)?"
COUNT = rf"(?P<count>\d{{1,3}}|{one_of(NUMBERS)})"
NEXT = r"(?P<next>(?:следующ(?:ий|ая|ую|ее|ей|его|ему|ем)|след\.?|next)\s+)"
THIS = r"(?:(?:эт(?:от|ой|у|а|о|ого|им)|ближайш(?:ий|ая|ую|ей|ее)|this|coming|the)\s+)"
PART = r"(?P<part>начал[оаеу]|середин[аыуе]|кон(?:ец|ца|цу|це)|(?:the )?(?:start|beginning|middle|end) of|mid)"
PREPOSITION = re.compile(
    r"(?:не поз(?:же|днее)|no later than|чем|к|ко|до|в|во|на|по|by|until|till|before|on|at|for|to)\s+(?=\S)"
)


def without_prepositions(words: str) -> tuple[bool, str]:
    """Whether the first of the prepositions draws a line *before* the thing named, and the words behind them all."""
    before = re.match(r"(?:к|ко|до|by|until|till|before|не поз(?:же|днее)|no later than)\s", words) is not None
    while found := PREPOSITION.match(words):
        words = words[found.end() :]
    return before, words


def with_year(words: str) -> date | None:
    """A day that carries its own year; of a range the last day."""
    words = without_prepositions(words)[1]
    words = re.sub(rf"^{WEEKDAY},?\s+(?=\d)", "", words)
    if found := re.fullmatch(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", words):
        return date(int(found[1]), int(found[2]), int(found[3]))
    first = r"(?:\d{1,2}(?:\.\d{1,2}(?:\.\d{2,4})?)?\s*[-–—]\s*)?"
    if found := re.fullmatch(rf"{first}(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}|\d{{2}})", words):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if month > 12 and found[2] == "/":  # 11/27/2026 can only be month first
            day, month = month, day
        return date(year + 2000 if year < 100 else year, month, day)
    if re.fullmatch(r"(?:3[7-9]|[4-6]\d)\d{3}", words):  # a spreadsheet's day number that lost its format: 2001 to 2091
        return date(1899, 12, 30) + timedelta(days=int(words))
    for written in (rf"{DAY}\s*{MONTH},?\s*(?P<year>\d{{4}})", rf"{MONTH}\s*{DAY},?\s+(?P<year>\d{{4}})"):
        if found := re.fullmatch(written, words):
            return date(int(found["year"]), MONTH_OF[found["month"]], int(found["day"]))
    return None


def from_today(words: str, today: date) -> date | None:
    before, words = without_prepositions(words)
    for written, read in READERS:
        if found := written.fullmatch(words):
            groups = {name: value for name, value in found.groupdict().items() if value}
            return read(groups | ({"before": "yes"} if before else {}), today)
    return None


def last_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def months_later(today: date, count: int) -> tuple[int, int]:
    years, month = divmod(today.month - 1 + count, 12)
    return today.year + years, month + 1


def in_week(weekday: int, today: date, weeks: int) -> date:
    return today + timedelta(days=weekday - today.weekday(), weeks=weeks)


def end_of_week(today: date, weeks: int) -> date:
    """Its Friday; at a weekend of the same week the Sunday that is left of it."""
    friday = in_week(4, today, weeks)
    return friday if friday >= today else in_week(6, today, weeks)


def nearest(day: int, month: int, today: date) -> date | None:
    """Without a year the nearest such day is meant: in November «15.01» lies ahead, «05.11» has just passed."""
    years = (today.year - 1, today.year, today.year + 1)
    possible = [date(y, month, day) for y in years if month in range(1, 13) and 1 <= day <= monthrange(y, month)[1]]
    return min(possible, key=lambda found: abs(found - today), default=None)


Groups = dict[str, str]


def read_weekday(found: Groups, today: date) -> date:
    weekday = WEEKDAY_OF[found["weekday"]]
    if "next" in found or "week" in found:
        return in_week(weekday, today, 1)
    # On a Friday «к пятнице» is today: in a sheet the word was written earlier in the week.
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def read_later(found: Groups, today: date) -> date:
    number = found.get("count", "1")
    count = int(number) if number.isdigit() else NUMBERS[number]
    unit = found["unit"]
    if unit.startswith(("нед", "week")):
        return today + timedelta(weeks=count)
    if unit.startswith(("мес", "month")):
        year, month = months_later(today, count)
        return min(last_of_month(year, month), date(year, month, 1) + timedelta(days=today.day - 1))
    if "working" not in found:
        return today + timedelta(days=count)
    day = today
    while count:  # Monday to Friday: a sheet does not say whose holidays count
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def read_end(found: Groups, today: date) -> date:
    unit, later = found["unit"], int("next" in found)
    if unit.startswith(("нед", "week")):
        return end_of_week(today, later)
    if unit.startswith(("мес", "month")):
        return last_of_month(*months_later(today, later))
    if unit.startswith(("кв", "quarter")):
        return last_of_month(*months_later(today, 2 - (today.month - 1) % 3 + 3 * later))
    if unit.startswith(("год", "year")):
        return date(today.year + later, 12, 31)
    return today


def read_part(found: Groups, today: date) -> date:
    """The beginning (1st), middle (15th) or end of a month; without a name, of the one that is still to come."""
    starts = found["part"].startswith(("нач", "start", "begin"))
    if "month" in found:
        year, month = year_and_month(found, today)
    else:
        year, month = months_later(today, int("next" in found or (starts and today.day > 1)))
    if starts:
        return date(year, month, 1)
    return date(year, month, 15) if found["part"].startswith(("сер", "mid")) else last_of_month(year, month)


def read_month(found: Groups, today: date) -> date:
    """«В декабре» has the whole month, «к декабрю» and «до декабря» end where it begins."""
    year, month = year_and_month(found, today)
    return date(year, month, 1) if "before" in found else last_of_month(year, month)


def year_and_month(found: Groups, today: date) -> tuple[int, int]:
    month = MONTH_OF[found["month"]]
    return int(found.get("year", today.year + (month < today.month))), month


def read_day(found: Groups, today: date) -> date | None:
    """«До 27-го»: in the first month that still has this day ahead."""
    day = int(found["day"])
    for later in range(3):
        year, month = months_later(today, later)
        if 1 <= day <= monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
    return None


READERS: tuple[tuple[re.Pattern[str], Callable[[Groups, date], date | None]], ...] = tuple(
    (re.compile(written), read)
    for written, read in (
        (r"сегодня(?:шнего дня)?|today|eod|tonight", lambda _, today: today),
        (r"завтра(?:шнего дня|шнему дню)?|tomorrow", lambda _, today: today + timedelta(days=1)),
        (r"послезавтра|(?:the )?day after tomorrow", lambda _, today: today + timedelta(days=2)),
        (r"eow", lambda _, today: end_of_week(today, 0)),
        (r"eom", lambda _, today: last_of_month(today.year, today.month)),
        (r"нового года|новому году|new year", lambda _, today: date(today.year, 12, 31)),
        (rf"{THIS}?{NEXT}?{WEEKDAY}", read_weekday),
        (rf"(?P<week>{NEXT}(?:неделе|week)),?\s+(?:в|во|on)?\s*{WEEKDAY}", read_weekday),
        (rf"{WEEKDAY}\s+(?P<week>(?:на\s+)?{NEXT}(?:недел[еи]|week))", read_weekday),
        (
            (
                rf"(?:через|в течение|течение|за|in|within)\s+(?:{COUNT}\s*)?"
                r"(?P<working>(?:раб\.?|рабоч(?:их|ий|его)|working|business)\s*)?"
                r"(?P<unit>дн(?:ей|я|\.)?|день|days?|недел[юиь]|недель|нед\.?|weeks?|месяц(?:а|ев)?|мес\.?|months?)"
            ),
            read_later,
        ),
        (
            (
                rf"(?:кон(?:ец|ца|цу|це)|(?:the )?end of(?: the)?)\s+{THIS}?{NEXT}?"
                r"(?P<unit>недели|месяца|квартала|года|дня|week|month|quarter|year|day)"
            ),
            read_end,
        ),
        (rf"{THIS}?недел[еюи]|this week", lambda _, today: end_of_week(today, 0)),
        (rf"{NEXT}(?:недел[еюи]|week)", lambda _, today: end_of_week(today, 1)),
        (rf"{NEXT}(?:месяц(?:а|у|е)?|month)", lambda _, today: last_of_month(*months_later(today, 1))),
        (
            rf"(?:{WEEKDAY},?\s+)?(?:\d{{1,2}}\s*[-–—]\s*)?{DAY}\s*{MONTH}",
            lambda found, today: nearest(int(found["day"]), MONTH_OF[found["month"]], today),
        ),
        (rf"{MONTH}\s*{DAY}", lambda found, today: nearest(int(found["day"]), MONTH_OF[found["month"]], today)),
        (
            rf"(?:{WEEKDAY},?\s+)?(?:\d{{1,2}}(?:\.\d{{1,2}})?\s*[-–—]\s*)?(?P<day>\d{{1,2}})[./](?P<number>\d{{1,2}})",
            lambda found, today: nearest(int(found["day"]), int(found["number"]), today),
        ),
        (r"(?:the )?(?P<day>\d{1,2})(?:\s*-?(?:го|му|ое)(?:\s+числ[ауо])?|\s+числ[ауо]|st|nd|rd|th)", read_day),
        (
            rf"{PART}\s+(?:{NEXT}?(?:месяца|month)|{MONTH}(?:,?\s*(?P<year>\d{{4}}))?)",
            read_part,
        ),
        (rf"(?:in )?{MONTH}(?:,?\s*(?P<year>\d{{4}}))?", read_month),
    )
)
