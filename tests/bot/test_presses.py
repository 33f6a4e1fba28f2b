"""Buttons under a task: each answer, and what it asks for next."""

from datetime import date, timedelta

from sqlmodel import select

from tests.bot.cards import STANDARD, card, events
from tests.worlds.stage import NOW
from tracker.domain.terms import Status
from tracker.tables import ChatState, Task


def test_a_card_offers_the_one_set_of_answers(stage, chat):
    card(stage, chat, done_means="Есть таблица", needed_by=date(2026, 12, 10))
    shown = stage.last(chat)
    assert shown.text == "Вас ждёт:\n1. LAVKA-1 Прислать поля формы · нужно к: 10 декабря"
    assert stage.labels(shown) == STANDARD
    assert all(len(button.data.encode()) <= 64 for row in shown.buttons for button in row)


def test_in_progress_is_noted_and_a_date_is_offered(stage, chat):
    task_id = card(stage, chat)
    assert stage.press(chat, "В работе") == "Записано. Спасибо."
    assert stage.task(task_id).status == Status.IN_PROGRESS
    assert stage.last(chat).text == "Спасибо. Записано: «Прислать поля формы» в работе."
    assert stage.labels(stage.last(chat)) == ["К дате…"]


def test_done_where_somebody_checks_goes_to_review(stage, chat):
    task_id = card(stage, chat, checker=stage.ids["petr"])
    stage.press(chat, "Готово")
    assert stage.task(task_id).status == Status.REVIEW
    assert stage.last(chat).text == "Спасибо. На проверке: «Прислать поля формы».\nПроверяет Пётр Седов."


def test_done_that_must_be_shown_waits_for_the_picture_and_then_goes_to_review(stage, chat):
    task_id = card(stage, chat, asks_evidence=True, checker=stage.ids["petr"])
    stage.press(chat, "Готово")
    assert stage.task(task_id).status == Status.OPEN
    assert "пришлите, пожалуйста, скрин" in stage.last(chat).text
    stage.telegram.send_photo(chat, b"picture")
    stage.settled()
    assert stage.task(task_id).status == Status.REVIEW
    assert stage.last(chat).text.startswith("Спасибо. На проверке")


def test_a_date_may_be_typed_and_is_confirmed(stage, chat):
    task_id = card(stage, chat)
    stage.press(chat, "К дате…")
    stage.press(chat, "Другая дата")
    assert "напишите день" in stage.last(chat).text
    stage.tell(chat, "к следующей пятнице")
    assert stage.last(chat).text == "Понимаю так: пятница, 4 декабря. Верно?"
    assert stage.task(task_id).promised_on is None, "nothing is promised before it is confirmed"
    stage.press(chat, "Да")
    assert stage.task(task_id).promised_on == date(2026, 12, 4)
    assert stage.rows(select(ChatState)) == []


def test_a_text_in_which_no_day_is_read_is_kept_as_a_comment(stage, chat):
    card(stage, chat)
    stage.press(chat, "К дате…")
    stage.press(chat, "Другая дата")
    stage.tell(chat, "зависит от банка")
    assert "записано как комментарий" in stage.last(chat).text
    assert "Другая дата" in stage.labels(stage.last(chat))
    assert len(events(stage, "comment.added")) == 1


def test_help_reaches_the_conductor_at_once_and_the_next_text_says_what_is_missing(stage, chat):
    task_id = card(stage, chat)
    stage.press(chat, "Нужна помощь")
    [asked] = stage.cards()
    assert (asked.kind, asked.task_id, asked.note) == ("help", task_id, "")
    assert stage.task(task_id).turn_id == stage.ids["anna"]
    assert "Подключится Анна Белова." in stage.last(chat).text
    stage.tell(chat, "Нет доступа к тестовой базе, может дать Пётр")
    [asked] = stage.cards()
    assert asked.note == "Нет доступа к тестовой базе, может дать Пётр"
    assert stage.last(chat).text.startswith("Спасибо, передано: «Прислать поля формы».")


def test_not_mine_hands_over_with_the_reason_in_the_next_text(stage, chat):
    task_id = card(stage, chat)
    stage.press(chat, "Не ко мне")
    assert "Дальше этим занимается Анна Белова; об этой задаче больше не пишу." in stage.last(chat).text
    stage.tell(chat, "Это к студии")
    [asked] = stage.cards()
    assert (asked.kind, asked.note) == ("not_mine", "Это к студии")
    assert stage.task(task_id).turn_id == stage.ids["anna"]


def test_later_offers_working_days_and_keeps_quiet_until_then(stage, chat):
    task_id = card(stage, chat)
    stage.press(chat, "Позже")
    assert stage.labels(stage.last(chat)) == ["вт, 24 ноября", "чт, 26 ноября", "пн, 30 ноября", "← Назад"]
    stage.press(chat, "чт, 26 ноября")
    assert stage.task(task_id).snoozed_until == date(2026, 11, 26)
    assert stage.last(chat).text == "Хорошо, напомню: «Прислать поля формы», 26 ноября."


def test_after_three_times_later_a_date_or_a_call_is_offered(stage, chat):
    task_id = card(stage, chat)
    old = stage.last(chat)
    stage.press(chat, "Позже")
    later = next(button.data for row in stage.last(chat).buttons for button in row if button.text == "вт, 24 ноября")
    stage.change(Task, task_id, snoozes=3)
    assert stage.forge(chat, old.message_id, later) == ""
    assert stage.last(chat).text == "«Прислать поля формы»: может, проще выбрать дату или созвониться?"
    assert stage.labels(stage.last(chat)) == ["Выбрать дату", "Созвон"]
    assert [one.kind for one in stage.cards()] == ["snooze_cap"], "the conductor learns of it"
    stage.press(chat, "Созвон")
    assert [one.kind for one in stage.cards()] == ["snooze_cap", "help"]


def test_back_leads_back_to_the_card(stage, chat):
    card(stage, chat)
    stage.press(chat, "Позже")
    stage.press(chat, "← Назад")
    assert stage.last(chat).text.startswith("LAVKA-1 Прислать поля формы\nне начато")
    assert stage.labels(stage.last(chat)) == STANDARD


def test_next_leads_through_all_that_waits_in_one_message(stage, chat):
    first = stage.ask("Прислать поля формы", needed_by=date(2026, 12, 1))
    second = stage.ask("Проверить обмен", needed_by=date(2026, 12, 2))
    stage.tell(chat, "/today")
    shown = stage.last(chat)
    assert "2. LAVKA-2 Проверить обмен" in shown.text
    stage.press(chat, "Следующий →")
    assert stage.last(chat).text.startswith("LAVKA-2 Проверить обмен")
    stage.press(chat, "Готово")
    assert stage.labels(stage.last(chat)) == ["Следующий →"]
    stage.press(chat, "Следующий →")
    assert stage.last(chat).text.startswith("LAVKA-1 Прислать поля формы")
    assert stage.last(chat).message_id == shown.message_id
    assert (stage.task(first).status, stage.task(second).status) == (Status.OPEN, Status.DONE)
    stage.press(chat, "Готово")
    assert stage.last(chat).buttons == ()


def test_titles_are_shown_as_they_are_whatever_stands_in_them(stage, chat):
    stage.ask("<b>Обмен</b> & «поле» _*[x](y)*_ <script>")
    stage.tell(chat, "/today")
    assert "<b>Обмен</b> & «поле» _*[x](y)*_ <script>" in stage.last(chat).text
    stage.press(chat, "В работе")
    assert "«<b>Обмен</b> & „поле“ _*[x](y)*_ <script>»" in stage.last(chat).text, "inside of others, quotes are others"


def test_the_days_offered_are_the_persons_working_days(stage, chat):
    card(stage, chat, needed_by=date(2027, 1, 12))
    stage.clock.now = NOW + timedelta(days=37)  # 30 December, before the long holidays
    stage.tell(chat, "/today")
    stage.press(chat, "К дате…")
    assert stage.labels(stage.last(chat))[:3] == ["пн, 11 января", "вт, 12 января", "ср, 13 января"]
