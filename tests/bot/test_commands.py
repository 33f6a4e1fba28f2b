"""The commands, and the settings behind them."""

from datetime import date, time, timedelta

import pytest
from sqlmodel import select

from bot.preferences import read_hours
from tests.worlds.stage import NOW
from tracker.services.people.absences import add_absence
from tracker.tables import Absence


def test_with_nothing_to_do_that_is_what_is_said(stage, chat):
    stage.tell(chat, "/today")
    assert stage.last(chat).text == "Сейчас вас ничего не ждёт. Спасибо."
    stage.tell(chat, "/task")
    assert stage.last(chat).text == "Сейчас вас ничего не ждёт. Спасибо."


def test_today_names_the_nearest_first_and_counts_the_rest(stage, chat):
    for number in range(7):
        stage.ask(f"Шаг {number}", needed_by=date(2026, 12, 20 - number))
    stage.tell(chat, "/today")
    lines = stage.last(chat).text.split("\n")
    assert lines[1] == "1. LAVKA-7 Шаг 6 · нужно к: 14 декабря"
    assert lines[-2:] == ["Остальное (2) подождёт.", "Кнопки ниже — о шаге 1."]
    assert stage.labels(stage.last(chat))[-1] == "Следующий →"


def test_a_task_is_found_by_its_number_and_only_ones_own(stage, chat):
    stage.ask("Прислать поля формы")
    stage.ask("Дело студии", owner="petr")
    stage.tell(chat, "/task LAVKA-1")
    assert stage.last(chat).text.startswith("LAVKA-1 Прислать поля формы")
    assert stage.labels(stage.last(chat))[0] == "Готово"
    for word in ("/task 2", "/task OTHER-1", "/task 99999999999999", "/task привет"):
        stage.tell(chat, word)
        assert stage.last(chat).text == "Такой задачи у вас нет. Всё, что ждёт: /today", word
    stage.tell(chat, "/task")
    assert stage.labels(stage.last(chat)) == ["LAVKA-1 Прислать поля формы"]
    stage.press(chat, "LAVKA-1 Прислать поля формы")
    assert stage.last(chat).text.startswith("LAVKA-1 Прислать поля формы\nне начато")


def test_an_unknown_command_is_answered_with_help(stage, chat):
    stage.tell(chat, "/what")
    assert "/today: что меня ждёт" in stage.last(chat).text


def test_the_language_is_changed_in_place(stage, chat):
    stage.tell(chat, "/settings")
    assert stage.last(chat).text == "Язык: Русский\nЧасы: 10:00–18:00, пояс Europe/Moscow"
    stage.press(chat, "English")
    assert stage.last(chat).text == "Language: English\nHours: 10:00–18:00, zone Europe/Moscow"
    assert stage.person("olga").language == "en"
    stage.tell(chat, "/today")
    assert stage.last(chat).text == "Nothing waits for you at the moment. Thank you."


def test_hours_are_chosen_or_written(stage, chat):
    stage.tell(chat, "/settings")
    stage.press(chat, "Другие часы")
    stage.press(chat, "11–20")
    assert (stage.person("olga").opens, stage.person("olga").closes) == (time(11), time(20))
    stage.press(chat, "Другие часы")
    stage.tell(chat, "с 9:30 до 18")
    assert (stage.person("olga").opens, stage.person("olga").closes) == (time(9, 30), time(18))
    assert "Часы: 09:30–18:00" in stage.last(chat).text
    stage.tell(chat, "/settings")
    stage.press(chat, "Другие часы")
    stage.tell(chat, "18-9")
    assert stage.person("olga").opens == time(9, 30)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("9-18", (time(9), time(18))),
        ("с 9:30 до 18", (time(9, 30), time(18))),
        ("from 9 to 17.30", (time(9), time(17, 30))),
        ("25-26", None),
        ("к пятнице", None),
        ("", None),
    ],
)
def test_hours_as_people_write_them(text, hours):
    assert read_hours(text) == hours


def test_a_pause_keeps_quiet_and_is_seen_by_the_conductor(stage, chat):
    task_id = stage.ask("Прислать поля формы")
    before = stage.task(task_id).stalls_at
    stage.tell(chat, "/pause")
    assert stage.labels(stage.last(chat)) == ["До понедельника", "Неделя", "Две недели"]
    stage.press(chat, "Неделя")
    assert stage.last(chat).text == "Хорошо, не пишу по 29 ноября включительно."
    assert stage.person("olga").paused_until == date(2026, 11, 29)
    assert stage.rows(select(Absence)) == []
    assert [(card.kind, card.person_id) for card in stage.cards()] == [("pause", stage.ids["olga"])]
    assert stage.task(task_id).stalls_at == before, "the clock of the turn runs on"
    stage.press(chat, "Закончить паузу")
    assert stage.person("olga").paused_until is None
    assert [card.settled_how for card in stage.cards()] == ["resumed"]


def test_ending_a_pause_keeps_the_days_away_that_the_conductor_noted(stage, chat):
    with stage.db.writing() as session:
        add_absence(session, stage.by("anna"), stage.ids["olga"], date(2026, 11, 20), date(2026, 12, 4), now=NOW)
    stage.clock.now = NOW + timedelta(days=2)
    stage.tell(chat, "/pause")
    stage.press(chat, "До понедельника")
    stage.press(chat, "Закончить паузу")
    [away] = stage.rows(select(Absence))
    assert (away.first, away.last) == (date(2026, 11, 20), date(2026, 12, 4))
