"""What messages say: complete in both languages, kind, and safe in Telegram's HTML."""

import re
from datetime import UTC, date, datetime

import pytest

from tracker.domain.nudging.cases import NudgeStep
from tracker.wording.messages import ASKS, MEETING, Letter, LetterLine, MeetingNews, html_of, plain_of, subject_of

LINE = LetterLine(
    step="n1_needed",
    number=17,
    project="LAVKA",
    title="Поле <телефон> & {маска}",
    needed_by=date(2026, 12, 10),
    promised_on=date(2026, 12, 4),
    before="Анна Белова",
    waiter="Пётр Соколов",
    reason="Заказы доходят до менеджера",
)
LETTER = Letter("ru", "nudge", "Ольга Викторовна", "Марина Ким", (LINE,))


def letters():
    for language in ("ru", "en"):
        for step in NudgeStep:
            line = LINE._replace(step=str(step))
            yield LETTER._replace(language=language, lines=(line,), rest=2)
            yield LETTER._replace(language=language, lines=(line, LINE, LINE), rest=4)
        for change in MEETING:
            news = MeetingNews(change, "Сверка & план", datetime(2026, 12, 1, 11, tzinfo=UTC), "Телемост")
            yield LETTER._replace(language=language, kind="meeting", lines=(), meeting=news)


@pytest.mark.parametrize("letter", list(letters()))
def test_every_text_is_kind_complete_and_short(letter):
    text = plain_of(letter)
    assert "{" not in text.replace("{маска}", "")
    assert not re.search(r"просроч|до сих пор|overdue|срочно|!!", text, re.IGNORECASE)
    assert len(text) < 900
    assert subject_of(letter)


@pytest.mark.parametrize("letter", list(letters()))
def test_html_is_the_same_text_escaped(letter):
    html = html_of(letter)
    assert not re.search(r"<(?!/?b>)|&(?!amp;|lt;|gt;)", html)
    bare = re.sub(r"</?b>", "", html).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert bare == plain_of(letter)


@pytest.mark.parametrize("step", ASKS)
def test_every_step_is_said_in_russian_too(step):
    line = LINE._replace(step=str(step), title="Т")
    russian = plain_of(Letter("ru", "nudge", "", "Марина Ким", (line,)))
    assert not re.search(r"[A-Za-z]", russian), russian


def test_the_first_question_with_a_date_asks_whether_it_works():
    assert plain_of(LETTER).splitlines() == [
        "Ольга Викторовна, добрый день!",
        "«Поле <телефон> & {маска}». Получится к 10 декабря?",
        "Ждёт: Пётр Соколов.",
        "Зачем: Заказы доходят до менеджера",
    ]


def test_the_second_question_says_who_joins_and_only_if_there_is_somebody():
    second = LETTER._replace(lines=(LINE._replace(step="n2"),))
    assert "подключится Марина Ким" in plain_of(second)
    assert "подключится" not in plain_of(second._replace(conductor=""))


def test_a_line_whose_fact_is_missing_is_dropped():
    bare = LETTER._replace(salutation="", lines=(LINE._replace(waiter="", reason=""),))
    assert len(plain_of(bare).splitlines()) == 2


def test_several_tasks_are_a_list_and_the_rest_can_wait():
    text = plain_of(LETTER._replace(lines=(LINE, LINE._replace(title="Вторая", promised_on=None)), rest=3))
    assert text.splitlines()[1:] == [
        "Сегодня важнее всего:",
        "1. Поле <телефон> & {маска} · ориентир: 4 декабря",
        "2. Вторая · нужно к: 10 декабря",
        "Остальное (3) подождёт.",
    ]


def test_the_conductors_own_words_are_theirs():
    own = LETTER._replace(own_text="Как <дела>?")
    assert (plain_of(own), html_of(own)) == ("Как <дела>?", "Как &lt;дела&gt;?")


def test_own_words_in_front_stand_under_the_greeting_or_first_where_nobody_is_greeted():
    own = LETTER._replace(foreword="Показ <завтра>.")
    assert plain_of(own).splitlines()[1] == "Показ <завтра>."
    assert html_of(own).splitlines()[1] == "Показ &lt;завтра&gt;."
    eve = own._replace(lines=(LINE._replace(step=NudgeStep.HEADS_UP, promised_on=date(2026, 12, 10)),))
    assert plain_of(eve).splitlines()[0] == "Показ <завтра>."
    assert "Показ" not in plain_of(own._replace(own_text="Иначе")), "all of one's own words stand alone"


def test_a_title_with_quotation_marks_of_its_own_has_inner_ones_inside_of_ours():
    line = LINE._replace(title="Принять телефон в поле «Основной»", waiter="", reason="")
    asked = LETTER._replace(lines=(line,))
    assert "«Принять телефон в поле „Основной“». Получится к 10 декабря?" in plain_of(asked)
    assert "поле „Основной“</b>»" in html_of(asked)
    english = asked._replace(language="en", lines=(line._replace(title="The “phone” field"),))
    assert "“The ‘phone’ field”" in plain_of(english)


def test_a_title_that_stands_without_quotation_marks_keeps_its_own():
    lines = (LINE._replace(title="Поле «Основной»"), LINE)
    assert "1. Поле «Основной» · " in plain_of(LETTER._replace(lines=lines))
