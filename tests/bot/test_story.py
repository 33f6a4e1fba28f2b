"""The main story: silence, a question in Telegram, one tap, and the register knows."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import select

from tests.worlds.stage import NOW
from tracker.domain.terms import Status
from tracker.services.access.loading import standing
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.people.absences import add_absence
from tracker.services.register.filters import Filters
from tracker.services.register.page import register_page
from tracker.tables import Event, Message, Person, Project


def pass_days(stage, days: int) -> None:
    """The clock and the delivery, hour by hour."""
    assert stage.bot is not None
    end = stage.clock.now + timedelta(days=days)
    while stage.clock.now < end:
        stage.clock.now += timedelta(hours=1)
        tick(stage.db, stage.clock.now)
        deliver(stage.db, stage.clock.now, {"telegram": stage.bot.send})


def test_silence_brings_a_question_and_one_tap_answers_it(both):
    stage = both
    chat = stage.link("olga")
    task_id = stage.ask("Прислать поля формы", needed_by=date(2026, 12, 10))
    before = len(stage.said(chat))

    pass_days(stage, 4)

    asked = stage.last(chat)
    assert len(stage.said(chat)) == before + 2, "told that it is her turn, and asked once"
    assert asked.text == "Добрый день!\n«Прислать поля формы». Получится к 10 декабря?"
    assert "<b>Прислать поля формы</b>" in asked.html
    assert stage.labels(asked) == ["Да, к 10 декабря", "Другая дата", "Готово", "Нужна помощь", "Не ко мне", "Позже"]

    assert stage.press(chat, "Другая дата") == ""
    days = stage.labels(stage.last(chat))
    assert days[:2] == ["пн, 30 ноября", "вт, 1 декабря"]
    assert stage.press(chat, "вт, 1 декабря") == "Записано. Спасибо."

    task = stage.task(task_id)
    assert task.promised_on == date(2026, 12, 1)
    assert task.turn_id == stage.ids["olga"]
    result = stage.last(chat)
    assert result.message_id == asked.message_id and result.edited
    assert result.text == "Спасибо. Записано: «Прислать поля формы», 1 декабря. До этого дня не беспокою."
    assert result.buttons == ()
    assert len(stage.said(chat)) == before + 2, "the question became the answer; nothing was added to the chat"

    with stage.db.reading() as session:
        mine = standing(session, stage.by("anna"), stage.ids["project"])
        project = session.get_one(Project, stage.ids["project"])
        [row] = register_page(session, project, mine, Filters(), stage.clock.now).rows
        assert row.promised_on == date(2026, 12, 1)
        event = session.exec(select(Event).where(Event.kind == "task.changed", Event.object_id == task_id)).one()
        assert (event.actor_id, event.way) == (stage.ids["olga"], "telegram")
        sent = session.exec(select(Message).where(Message.person_id == stage.ids["olga"])).all()
        assert [message.state for message in sent] == ["sent", "sent"]
        assert all(message.chat_id == chat and message.chat_message_id for message in sent)

    pass_days(stage, 3)
    assert len(stage.said(chat)) == before + 2, "until that day all is quiet"


def away_with_a_deputy(stage, until=date(2026, 12, 4)):
    stage.link("olga")
    chat = stage.link("petr")
    stage.change(Person, stage.ids["olga"], deputy_id=stage.ids["petr"])
    with stage.db.writing() as session:
        add_absence(session, stage.by("anna"), stage.ids["olga"], date(2026, 11, 23), until, now=NOW)
    return chat, stage.ask("Прислать поля формы")


def test_a_deputy_is_asked_and_answers_for_the_one_who_is_away(both):
    stage = both
    chat, task_id = away_with_a_deputy(stage)
    pass_days(stage, 2)
    asked = stage.last(chat)
    assert "«Прислать поля формы»" in asked.text and "За: Ольга" in asked.text
    assert "Ждёт: Ольга" not in asked.text
    stage.press(chat, "В работе", times=2)
    assert stage.last(chat).text == "Спасибо. Записано: «Прислать поля формы» в работе."
    assert stage.cards() == []
    task = stage.task(task_id)
    assert (task.status, task.turn_id) == (Status.IN_PROGRESS, stage.ids["olga"])
    assert task.progress_at is not None
    with stage.db.reading() as session:
        [event] = session.exec(select(Event).where(Event.kind == "task.changed", Event.way == "telegram")).all()
        assert (event.actor_id, event.behalf_id) == (stage.ids["petr"], stage.ids["olga"])
    stage.tell(chat, "Поля пришлём вместе с макетом")
    assert stage.cards() == [], "a word of the deputy stands under the task too"


def test_a_button_of_a_deputy_after_the_other_has_come_back_reaches_the_conductor(both):
    stage = both
    chat, task_id = away_with_a_deputy(stage, until=date(2026, 11, 25))
    pass_days(stage, 2)
    asked = stage.last(chat)
    assert "«Прислать поля формы»" in asked.text
    stage.clock.now = datetime(2026, 11, 26, 8, tzinfo=UTC)
    stage.press(chat, "В работе", times=2)
    assert stage.last(chat).text == "Спасибо, передано. Прочитает Анна Белова."
    assert stage.last(chat).message_id == asked.message_id
    [card] = stage.cards()
    assert (card.kind, card.person_id) == ("inbox", stage.ids["petr"])
    assert card.note == "LAVKA-1 Прислать поля формы · В работе"
    assert stage.task(task_id).status == Status.OPEN, "the turn stays with the one who is away"


def test_a_message_that_was_asked_for_is_answered_done(both):
    stage = both
    chat = stage.link("olga")
    task_id = stage.ask("Прислать поля формы")
    pass_days(stage, 1)
    assert stage.press(chat, "Готово") == "Записано. Спасибо."
    assert stage.task(task_id).status == Status.DONE
    assert stage.last(chat).text == "Спасибо. Готово: «Прислать поля формы»."
    assert stage.last(chat).buttons == ()
    assert stage.clock.now - NOW < timedelta(days=2) and isinstance(stage.clock.now, datetime)
