"""The bot's life: starting, hearing twice, a second listener, a lost line, a revoked token, the webhook, stopping."""

import asyncio
import logging
import time
from datetime import timedelta

import pytest
from litestar import Litestar, Request, post
from sqlmodel import select
from telegram import Bot as PlainBot
from telegram.error import Conflict

from bot import run
from bot.run import running
from bot.wire.connection import line_of
from tests.worlds.stage import NOW
from tracker.services.house.leases import POLLER, holder_of, take
from tracker.services.house.self_watch import signs
from tracker.settings import load_settings
from tracker.tables import ChatMessage, Comment, House, TelegramUpdate


def pulse(stage):
    with stage.db.reading() as session:
        return next((sign for sign in signs(session, now=stage.clock.now) if sign.name == "bot"), None)


def beats(stage, check):
    stage.held(lambda: (sign := pulse(stage)) is not None and check(sign), 8.0)


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    """The same waits, shorter: they are counted in the tests of time elsewhere."""
    monkeypatch.setattr(run, "POLL", 1)
    monkeypatch.setattr(run, "LONGEST_PAUSE", 0.5)


def test_a_start_says_what_the_bot_is_and_leaves_a_sign_of_life(stage):
    beats(stage, lambda sign: sign.well)
    with stage.db.reading() as session:
        assert session.get_one(House, 1).bot_username == "auftakt_bot"
    languages = [call.params.get("language_code") for call in stage.telegram.calls("setMyCommands")]
    assert languages == [None, "ru"]
    commands = stage.telegram.calls("setMyCommands")[1].params["commands"]
    assert {command["command"] for command in commands} == {"today", "task", "settings", "pause", "stop", "help"}
    assert "что меня ждёт" in str(commands)


def test_a_message_that_nobody_confirmed_before_a_kill_is_neither_lost_nor_doubled(stage):
    chat = stage.link("olga")
    stage.ask("Прислать поля формы")
    stage.tell(chat, "Пришлю в среду")
    said = len(stage.said(chat))
    with stage.db.writing() as session:  # as if the process had died right after the commit of the words
        session.delete(session.get_one(TelegramUpdate, stage.telegram.latest["update_id"]))
    stage.telegram.repeat_update()
    stage.settled()
    stage.held(lambda: len(stage.said(chat)) == said + 1)
    assert stage.last(chat).text == "Записано в задаче «Прислать поля формы»."
    assert len(stage.rows(select(Comment))) == 1
    assert len(stage.rows(select(ChatMessage).where(ChatMessage.incoming == True))) == 1  # noqa: E712


def test_a_second_listener_is_reported_and_the_bot_goes_on_when_it_has_left(stage):
    chat = stage.link("olga")
    seen = set()

    async def listen_once() -> None:
        async with PlainBot(stage.telegram.bot.token, f"{stage.root}/bot") as other:
            ends = time.monotonic() + 2.5
            while time.monotonic() < ends:
                try:
                    await other.get_updates(timeout=1)
                except Conflict:
                    await asyncio.sleep(0.05)
                seen.add(pulse(stage).reason)

    asyncio.run(listen_once())
    assert "two_pollers" in seen
    stage.tell(chat, "/help")
    beats(stage, lambda sign: sign.well)


def test_of_two_processes_one_listens_and_the_other_takes_over(still):
    with still.db.writing() as session:
        assert take(session, POLLER, "another process", now=NOW, term=timedelta(seconds=60))
    still.start()
    time.sleep(1.0)
    assert still.telegram.calls("getUpdates") == []
    still.clock.now += timedelta(seconds=61)
    still.held(lambda: holder(still) not in (None, "another process"), 8.0)
    still.stop()
    assert holder(still) is None, "the next one need not wait"


def holder(stage):
    with stage.db.reading() as session:
        return holder_of(session, POLLER, now=stage.clock.now)


def test_a_lost_line_is_reported_and_found_again(stage):
    chat = stage.link("olga")
    stage.telegram.fail("getUpdates", "server_error", times=None)
    beats(stage, lambda sign: not sign.well and sign.reason == "no_connection" and sign.detail)
    stage.telegram.mend()
    stage.tell(chat, "/help")
    beats(stage, lambda sign: sign.well)


def test_a_revoked_token_is_reported_and_a_new_start_waits_for_no_network(still):
    still.telegram.fail("*", "unauthorized", times=None)
    started = time.monotonic()
    still.start()
    assert time.monotonic() - started < 2
    beats(still, lambda sign: not sign.well and sign.reason == "bad_token")
    still.telegram.mend()
    beats(still, lambda sign: sign.well)


def test_the_bot_stops_in_good_time_in_the_middle_of_a_long_poll(still, monkeypatch):
    monkeypatch.setattr(run, "POLL", 30)
    still.start()
    still.held(lambda: still.telegram.bot.wake is not None)
    started = time.monotonic()
    still.stop()
    assert time.monotonic() - started < 3


def test_a_handler_that_fails_asks_to_send_it_again_and_the_bot_lives_on(stage, monkeypatch, caplog):
    chat = stage.link("olga")
    from bot import handlers

    monkeypatch.setattr(handlers, "take", lambda *_args, **_named: 1 / 0)
    with caplog.at_level(logging.CRITICAL, "bot"):
        stage.tell(chat, "Пришлю в среду")
    assert stage.last(chat).text == "Записать не получилось. Пришлите, пожалуйста, ещё раз."
    monkeypatch.undo()
    stage.tell(chat, "Пришлю в среду")
    assert stage.cards()[0].note == "Пришлю в среду"


def test_the_webhook_brings_the_same_updates(still, serve):
    secret = "a-webhook-secret-of-the-test"

    @post("/telegram/webhook", status_code=200)
    async def webhook(request: Request) -> None:
        assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == secret
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(still.bot.take(await request.json()), still.loop))

    address = serve(Litestar([webhook], openapi_config=None, logging_config=None))
    token = still.telegram.bot.token
    given = {
        "AUFTAKT_DATA_DIR": str(still.settings.data_dir),
        "AUFTAKT_PUBLIC_URL": "https://auftakt.example",
        "AUFTAKT_TELEGRAM_TOKEN": token,
        "AUFTAKT_TELEGRAM_API_URL": still.root,
        "AUFTAKT_TELEGRAM_MODE": "webhook",
        "AUFTAKT_TELEGRAM_WEBHOOK_SECRET": secret,
    }
    # The emulator delivers to a loopback address without https; only the settings insist on it.
    still.settings = load_settings(given).model_copy(update={"public_url": address})
    still.start()
    still.held(lambda: still.telegram.calls("setWebhook"))
    chat = still.link("olga")
    task_id = still.ask("Прислать поля формы")
    still.tell(chat, "/today")
    still.press(chat, "В работе")
    assert still.task(task_id).status == "in_progress"
    assert still.telegram.calls("getUpdates") == []
    beats(still, lambda sign: sign.well)


def test_without_a_token_and_without_an_emulator_there_is_no_bot(lite, tmp_path):
    settings = load_settings({"AUFTAKT_DATA_DIR": str(tmp_path)})
    off = load_settings(
        {"AUFTAKT_DATA_DIR": str(tmp_path), "AUFTAKT_TELEGRAM_MODE": "off", "AUFTAKT_TELEGRAM_TOKEN": "123456:abcdef"}
    )
    assert line_of(settings) is None
    assert line_of(off, ("http://127.0.0.1:1", "123456:abcdef")) is None

    async def enter() -> None:
        async with running(lite, settings) as bot:
            assert bot is None

    asyncio.run(enter())
