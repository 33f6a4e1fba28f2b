"""Buttons under a task: each answer, the second tap, the late tap, the stranger's tap, the forged one."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from bot import handlers
from tests.worlds import answering as answers
from tests.worlds.stage import NOW
from tracker.domain.terms import Status, Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.editing import edit_task
from tracker.tables import ChatState, Event, Task

STANDARD = ["Готово", "В работе", "К дате…", "Нужна помощь", "Не ко мне", "Позже"]


@pytest.fixture
def chat(stage):
    return stage.link("olga")


def card(stage, chat, **named):
    """A task that waits for Olga, shown by /today."""
    task_id = stage.ask("Прислать поля формы", **named)
    stage.tell(chat, "/today")
    return task_id


def events(stage, kind):
    return stage.rows(select(Event).where(Event.kind == kind))


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


def test_an_impatient_finger_answers_once(stage, chat):
    task_id = card(stage, chat)
    assert stage.press(chat, "В работе", times=4) == "Уже записано."
    assert len(events(stage, "task.changed")) == 1
    assert stage.task(task_id).version == 2
    assert stage.last(chat).text == "Спасибо. Записано: «Прислать поля формы» в работе."
    assert stage.labels(stage.last(chat)) == ["К дате…"]


def test_a_finished_task_is_shown_as_it_stands_and_nothing_is_done(stage, chat):
    task_id = card(stage, chat)
    with stage.db.writing() as session:
        edit_task(session, stage.by("anna"), task_id, None, {"status": Status.DONE}, now=NOW)
    assert stage.press(chat, "Нужна помощь") == "Уже обновлено."
    said, _, shown = stage.last(chat).text.partition("\n\n")
    assert said == "С тех пор кое-что изменилось. Вот как сейчас."
    assert shown == "LAVKA-1 Прислать поля формы\nготово"
    assert stage.last(chat).buttons == ()
    assert stage.cards() == []


def test_a_turn_that_has_gone_on_leaves_no_buttons(stage, chat):
    task_id = card(stage, chat)
    with stage.db.writing() as session:
        edit_task(session, stage.by("anna"), task_id, None, {"owner": stage.ids["petr"]}, now=NOW)
    assert stage.press(chat, "Готово") == "Этой задачи у вас нет.", "she may not see it any more"
    assert stage.task(task_id).status == Status.OPEN


def test_a_question_that_was_overtaken_is_asked_anew(stage, chat):
    task_id = card(stage, chat)
    with stage.db.writing() as session:
        actor = Actor(stage.ids["olga"], Way.LINK)
        answers.promise(session, actor, task_id, date(2026, 12, 1), now=NOW)
    assert stage.press(chat, "Позже") == "Уже обновлено."
    assert "ориентир: 1 декабря" in stage.last(chat).text
    assert stage.labels(stage.last(chat)) == STANDARD, "with fresh buttons"
    assert stage.press(chat, "Готово") == "Записано. Спасибо."
    assert stage.task(task_id).status == Status.DONE


def test_a_stranger_and_another_member_press_in_vain(stage, chat):
    task_id = card(stage, chat)
    shown = stage.last(chat)
    data = shown.buttons[0][0].data
    petr, stranger = stage.link("petr"), stage.telegram.add_user("Кто-то")
    assert stage.forge(chat, shown.message_id, data, user_id=petr) == "Эта кнопка для другого человека."
    assert stage.forge(chat, shown.message_id, data, user_id=stranger) == "Эта кнопка для другого человека."
    assert stage.forge(petr, 1, data) == "Этой задачи у вас нет."
    assert stage.forge(stranger, 1, data) == "Эта кнопка для другого человека."
    assert stage.task(task_id).status == Status.OPEN
    assert stage.last(chat).buttons == shown.buttons, "the card of the one who is meant stays as it is"


@pytest.mark.parametrize(
    "data",
    [
        "",
        "v1",
        "v1:done",
        "v1:done:zzzzzzzzzzzz:1",
        "v1:done:1:1:' or 1=1",
        "v2:done:1:1",
        "v1:drop:1:0",
        "v1:on:1:0",
        "v1:on:1:0:2026-13-45",
        "v1:sleep:1:0:yesterday",
        "v1:put:1:1",
        "v1:undo:1:0",
        "v1:inbox:1:1",
        "v1:lang:0:0:xx",
        "v1:hours:0:0:25-99",
        "v1:yes:1:1",
        "v1:pause:0:0:forever",
        "ы" * 32,
    ],
)
def test_forged_data_is_answered_and_changes_nothing(stage, chat, data):
    task_id = card(stage, chat)
    before = stage.task(task_id)
    assert stage.forge(chat, stage.last(chat).message_id, data) != ""
    after = stage.task(task_id)
    assert (after.version, after.promised_on, after.status) == (before.version, before.promised_on, before.status)
    assert stage.cards() == []


def test_a_forged_date_beyond_reason_is_refused_in_words(stage, chat):
    task_id = card(stage, chat)
    message = stage.last(chat).message_id
    assert "прош" in stage.forge(chat, message, "v1:on:1:0:2026-11-01").lower()
    assert stage.forge(chat, message, "v1:on:1:0:2036-11-01") != ""
    assert stage.task(task_id).promised_on is None


def test_a_press_after_a_restart_works_and_so_does_the_question_asked_before(still):
    still.start()
    chat = still.link("olga")
    task_id = card(still, chat)
    still.press(chat, "К дате…")
    still.press(chat, "Другая дата")
    still.stop()
    still.start()
    still.tell(chat, "27 ноября")
    assert still.last(chat).text == "Понимаю так: пятница, 27 ноября. Верно?"
    still.stop()
    still.start()
    still.press(chat, "Да")
    assert still.task(task_id).promised_on == date(2026, 11, 27)


def test_a_message_that_can_not_be_edited_any_more_is_sent_anew(stage, chat):
    task_id = card(stage, chat)
    assert stage.forge(chat, 1, stage.last(chat).buttons[0][1].data) == "Записано. Спасибо."
    assert stage.task(task_id).status == Status.IN_PROGRESS
    assert stage.last(chat).text == "Спасибо. Записано: «Прислать поля формы» в работе."
    assert not stage.last(chat).edited


def test_a_press_is_done_also_where_its_toast_comes_too_late(stage, chat):
    task_id = card(stage, chat)
    stage.telegram.fail("answerCallbackQuery", "server_error", times=1)
    shown = stage.last(chat)
    stage.telegram.tap(chat, shown.message_id, 0, 0)
    stage.settled()
    assert stage.task(task_id).status == Status.DONE
    assert stage.last(chat).text == "Спасибо. Готово: «Прислать поля формы»."


def test_work_that_lasts_is_answered_in_advance(stage, chat, monkeypatch):
    task_id = card(stage, chat)
    monkeypatch.setattr(handlers, "HOLD_TOAST", 0.0)
    assert stage.press(chat, "В работе") == "Минутку."
    assert stage.task(task_id).status == Status.IN_PROGRESS
    assert stage.last(chat).text == "Спасибо. Записано: «Прислать поля формы» в работе."


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
