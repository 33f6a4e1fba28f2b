"""Buttons that are late, forged, a stranger's, or meet a busy machine."""

from datetime import date

import pytest

from bot import handlers
from tests.bot.cards import STANDARD, card, events
from tests.telling import answers
from tests.worlds.stage import NOW
from tracker.domain.terms import Status, Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.editing import edit_task


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
