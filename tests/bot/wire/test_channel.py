"""The way out: for every end that a call can have, what is known of the message."""

import socket
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.wire import connection as line_module
from bot.wire.channel import TelegramChannel, keyboard_of
from bot.wire.connection import Connection
from bot.wire.pacing import Pace
from tracker.domain.nudging.sending import (
    Delivered,
    Moved,
    NotConnected,
    Outgoing,
    OutgoingTask,
    RefusedForEver,
    RetryAt,
    Unknown,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TASK = OutgoingTask(17, 3, "LAVKA", "Поля <формы>", "n1_needed", date(2026, 12, 10), True, 2)


def letter(chat, html="Добрый день. <b>Поля &lt;формы&gt;</b>", tasks=(TASK,)):
    return Outgoing(1, 2, "ru", "telegram", str(chat), "digest", "Тема", html, "Добрый день. Поля <формы>", tasks)


@pytest.fixture
def channel(world, root):
    opened = TelegramChannel(Connection(world.bot.token, root), Pace(), wall=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def chat(world):
    number = world.add_user("Ольга")
    world.start(number)
    return number


def test_a_message_arrives_with_its_buttons_and_without_a_preview(world, channel, chat):
    outcome = channel(letter(chat))
    line = world.transcript(chat)[-1]
    assert outcome == Delivered(chat, line.message_id)
    assert line.text == "Добрый день. Поля <формы>"
    assert [button.text for row in line.buttons for button in row][:2] == ["Да, к 10 декабря", "Другая дата"]
    assert line.buttons[0][0].data == "v1:on:h:2:2026-12-10"
    assert world.calls("sendMessage", chat)[-1].params["link_preview_options"] == {"is_disabled": True}


def test_a_list_says_which_step_its_buttons_answer(world, channel, chat):
    channel(letter(chat, tasks=(TASK, TASK)))
    assert world.transcript(chat)[-1].text == "Добрый день. Поля <формы>\nКнопки ниже — о шаге 1."


def test_several_tasks_are_led_through_one_after_another():
    assert [button.label for row in keyboard_of(letter(1, tasks=(TASK, TASK))) for button in row][-1] == "Следующий →"
    assert keyboard_of(letter(1, tasks=())) == ()


def test_asked_to_wait_the_chat_is_left_alone_for_that_long(world, channel, chat):
    world.fail("sendMessage", "flood", times=1, chat_id=chat, retry_after=30)
    outcome = channel(letter(chat))
    assert isinstance(outcome, RetryAt)
    assert timedelta(seconds=30) < outcome.at - NOW < timedelta(seconds=33)
    assert isinstance(channel(letter(chat)), RetryAt)
    assert len(world.calls("sendMessage", chat)) == 1, "not even asked meanwhile"
    other = world.add_user("Пётр")
    world.start(other)
    assert isinstance(channel(letter(other)), Delivered), "the others go on"


@pytest.mark.parametrize(("kind", "reason"), [("blocked", "blocked"), ("deactivated", "deactivated")])
def test_blocked_and_gone_are_for_ever(world, channel, chat, kind, reason):
    world.fail("sendMessage", kind, times=1, chat_id=chat)
    assert channel(letter(chat)) == RefusedForEver(reason)


def test_who_never_pressed_start_and_who_is_not_there(world, channel):
    assert channel(letter(world.add_user("Пётр"))) == RefusedForEver("not_started")
    assert channel(letter(12345)) == RefusedForEver("chat_not_found")
    assert channel(letter("olga@example.org")) == RefusedForEver("no such chat")


def test_a_chat_that_has_moved_says_where_to(world, channel, chat):
    group = world.add_group("Лавка", [chat])
    moved = world.migrate(group)
    assert channel(letter(group)) == Moved(moved)


def test_what_may_have_arrived_is_unknown(world, channel, chat, monkeypatch):
    before = len(world.transcript(chat))
    for kind in ("server_error", "drop"):
        world.fail("sendMessage", kind, times=1, chat_id=chat, delivered=True)
        assert isinstance(channel(letter(chat)), Unknown), kind
    assert len(world.transcript(chat)) == before + 2, "it did arrive, and nobody knows"
    monkeypatch.setattr(line_module, "READ", 0.3)
    hasty = TelegramChannel(channel.line, Pace(), wall=lambda: NOW)
    world.fail("sendMessage", "hang", times=1, chat_id=chat, seconds=1.0)
    assert isinstance(hasty(letter(chat)), Unknown)
    hasty.close()


def test_nobody_there_is_certainly_not_delivered(world):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        closed = TelegramChannel(Connection(world.bot.token, address), Pace(), wall=lambda: NOW)
        assert closed(letter(1)) == NotConnected("ConnectError")
        closed.close()


def test_a_revoked_token_is_not_the_persons_fault(world, root, chat):
    told: list[str] = []
    revoked = TelegramChannel(Connection("123456789:a-token-of-somebody-else-entirely", root), Pace(), tell=told.append)
    assert isinstance(revoked(letter(chat)), NotConnected)
    assert isinstance(revoked(letter(chat)), NotConnected)
    assert told == ["bad_token"], "once"
    revoked.line = Connection(world.bot.token, root)
    assert isinstance(revoked(letter(chat)), Delivered)
    assert told == ["bad_token", ""], "and it is well again"
    revoked.close()


def test_a_word_about_the_channel_that_can_not_be_kept_costs_no_outcome(world, root, chat):
    def fails(_trouble):
        raise OSError("the database is away")

    channel = TelegramChannel(Connection(world.bot.token, root), Pace(), tell=fails)
    assert isinstance(channel(letter(chat)), Delivered)
    channel.close()


def test_markup_that_is_refused_goes_as_plain_text(world, channel, chat):
    outcome = channel(letter(chat, html="<b>Поля <формы></b>"))
    assert isinstance(outcome, Delivered)
    assert world.transcript(chat)[-1].text == "Добрый день. Поля <формы>"


def test_our_own_mistake_is_never_repeated(world, channel, chat):
    outcome = channel(letter(chat, html="   "))
    assert isinstance(outcome, Unknown)
    assert "empty" in outcome.detail


def test_a_chat_gets_one_message_a_second(world, channel, chat):
    started = time.monotonic()
    threads = [threading.Thread(target=channel, args=(letter(chat),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started >= 1.9
    assert len(world.calls("sendMessage", chat)) == 3


def test_what_waits_on_the_podium_comes_with_its_link(world, root, chat):
    opened = TelegramChannel(
        Connection(world.bot.token, root, public_url="https://auftakt.example"), Pace(), wall=lambda: NOW
    )
    try:
        opened(letter(chat, tasks=())._replace(kind="podium", facts=(("podium", {"help": 1}),)))
        assert world.transcript(chat)[-1].text.endswith("\nПульт: https://auftakt.example/")
        opened(letter(chat))
        assert "auftakt.example" not in world.transcript(chat)[-1].text, "nobody else is led there"
    finally:
        opened.close()
