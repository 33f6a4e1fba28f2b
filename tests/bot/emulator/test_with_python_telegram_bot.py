"""The library that the bot is built with, unmodified, against the emulator over loopback."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ChatAction
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.emulator import CallbackAnswer, World

Context = ContextTypes.DEFAULT_TYPE
KEYBOARD = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Готово", callback_data="v1:done:17:3"),
            InlineKeyboardButton("Позже", callback_data="v1:l"),
        ]
    ]
)


def built(world: World, address: str) -> "Application[Any, Any, Any, Any, Any, Any]":
    builder = Application.builder().token(world.bot.token).base_url(f"{address}/bot")
    return builder.base_file_url(f"{address}/file/bot").build()


async def held(world: World, check: Callable[[], object]) -> None:
    assert await asyncio.to_thread(world.wait_until, check, 30.0), "the bot did not come to it"


async def story(world: World, address: str) -> None:
    seen: dict[str, Any] = {"updates": []}

    async def start(update: Update, context: Context) -> None:
        assert update.message
        seen["payload"] = context.args
        await update.message.reply_html("Задача <b>КР-7/2</b> &amp; «форма»", reply_markup=KEYBOARD)

    async def tapped(update: Update, _context: Context) -> None:
        assert update.callback_query
        seen["updates"].append(update.update_id)
        seen["data"] = update.callback_query.data
        await update.callback_query.answer("Записано")
        await update.callback_query.edit_message_text("Готово. Спасибо.")

    async def sent_file(update: Update, _context: Context) -> None:
        assert update.message
        attached = update.message.document or update.message.voice or update.message.photo[-1]
        content = await (await attached.get_file()).download_as_bytearray()
        await update.message.reply_text(f"{len(content)} байт")

    async def member(update: Update, _context: Context) -> None:
        assert update.my_chat_member
        seen["status"] = update.my_chat_member.new_chat_member.status

    chat = world.add_user("Ольга", "Ветрова")
    app = built(world, address)
    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(tapped))
    app.add_handler(MessageHandler(filters.Document.ALL | filters.VOICE | filters.PHOTO, sent_file))
    app.add_handler(ChatMemberHandler(member, ChatMemberHandler.MY_CHAT_MEMBER))
    async with app:
        assert app.bot.username == "auftakt_bot"
        await app.start()
        assert app.updater
        await app.updater.start_polling(timeout=10, allowed_updates=["message", "callback_query", "my_chat_member"])

        world.start(chat, "L_abc-1")
        await held(world, lambda: len(world.transcript(chat)) == 2)
        asked = world.transcript(chat)[1]
        assert seen["payload"] == ["L_abc-1"]
        assert (asked.text, asked.html) == ("Задача КР-7/2 & «форма»", "Задача <b>КР-7/2</b> &amp; «форма»")
        assert [[button.text for button in row] for row in asked.buttons] == [["Готово", "Позже"]]

        query = world.tap(chat, asked.message_id, 0, 0)
        await held(world, lambda: world.transcript(chat)[1].edited)
        assert seen["data"] == "v1:done:17:3"
        assert world.answer(query) == CallbackAnswer("Записано", alert=False)
        assert (world.transcript(chat)[1].text, world.transcript(chat)[1].buttons) == ("Готово. Спасибо.", ())

        world.repeat_update()
        await held(world, lambda: len(world.calls("answerCallbackQuery")) == 2)
        assert seen["updates"][0] == seen["updates"][1]

        world.send_document(chat, "акт.pdf", b"%PDF-" + b"x" * 995, caption="Акт")
        world.send_voice(chat, b"o" * 10)
        world.send_photo(chat, b"p" * 20)
        await held(world, lambda: len(world.transcript(chat)) == 8)
        answers = {line.text for line in world.transcript(chat) if line.from_bot}
        assert {"1000 байт", "10 байт", "20 байт"} <= answers

        world.block(chat)
        await held(world, lambda: seen.get("status") == "kicked")
        with pytest.raises(Forbidden, match="blocked by the user"):
            await app.bot.send_message(chat, "Добрый день!")
        await app.updater.stop()
        await app.stop()


def test_a_whole_conversation_runs_over_polling(world, root):
    asyncio.run(story(world, root))


def test_the_same_conversation_runs_under_a_prefix_of_another_application(world, mounted):
    asyncio.run(story(world, mounted))


async def with_bot(world: World, address: str, act: Callable[[Any], Awaitable[None]]) -> None:
    app = built(world, address)
    async with app:
        await act(app.bot)


def test_every_other_method_is_understood_by_the_library(world, root):
    async def act(bot: Any) -> None:
        chat = world.add_user("Анна")
        world.start(chat)
        message = await bot.send_message(chat, "Раз", reply_markup=KEYBOARD)
        edited = await bot.edit_message_reply_markup(chat, message.message_id, reply_markup=None)
        assert edited.reply_markup is None and edited.edit_date is not None
        document = await bot.send_document(
            chat, b"a,b\n", filename="реестр.csv", caption="<i>Реестр</i>", parse_mode="HTML"
        )
        assert (document.document.file_name, document.caption) == ("реестр.csv", "Реестр")
        again = await bot.send_document(chat, document.document.file_id)
        assert again.document.file_unique_id == document.document.file_unique_id
        photo = await bot.send_photo(chat, b"not opened", reply_to_message_id=message.message_id)
        assert photo.reply_to_message.text == "Раз"
        assert await bot.send_chat_action(chat, ChatAction.TYPING)
        assert await bot.delete_message(chat, photo.message_id)
        assert world.transcript(chat)[-1].deleted
        await bot.set_my_commands([BotCommand("today", "Что сегодня")], language_code="ru")
        assert (await bot.get_my_commands(language_code="ru"))[0].command == "today"
        assert await bot.get_my_commands() == ()
        assert await bot.set_my_description("Помогает договориться") and await bot.set_my_short_description("Ход")
        assert (await bot.get_chat(chat)).first_name == "Анна"
        assert (await bot.get_chat_member(chat, chat)).status == "member"
        group = world.add_group("Интеграция", [chat])
        assert (await bot.get_chat_member(group, chat)).status == "creator"
        world.chat(group).statuses[chat] = "administrator"
        assert (await bot.get_chat_member(group, chat)).can_delete_messages
        assert (await bot.get_chat_member(group, bot.id)).status == "member"
        assert await bot.leave_chat(group)
        with pytest.raises(Forbidden, match="not a member"):
            await bot.send_message(group, "?")
        assert await bot.set_webhook("https://example.org/telegram/webhook", secret_token="s_1")
        assert (await bot.get_webhook_info()).url == "https://example.org/telegram/webhook"
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        assert await bot.delete_webhook(drop_pending_updates=True)
        assert (await bot.get_webhook_info()).pending_update_count == 0

    asyncio.run(with_bot(world, root, act))


def test_scripted_trouble_arrives_as_the_errors_of_the_library(world, root):
    async def act(bot: Any) -> None:
        chat = world.add_user("Анна")
        world.start(chat)
        for kind, error, code in [
            ("flood", RetryAfter, 0),
            ("blocked", Forbidden, 0),
            ("deactivated", Forbidden, 0),
            ("unauthorized", InvalidToken, 0),
            ("server_error", NetworkError, 502),
            ("server_error", NetworkError, 500),
            ("drop", NetworkError, 0),
        ]:
            world.fail("sendMessage", kind, chat_id=chat, retry_after=3, code=code)
            with pytest.raises(error):
                await bot.send_message(chat, "Раз")
        world.fail("sendMessage", "hang", seconds=20)
        began = time.monotonic()
        with pytest.raises(TimedOut):
            await bot.send_message(chat, "Раз", read_timeout=0.2)
        assert time.monotonic() - began < 5
        world.fail("sendMessage", "hang", seconds=0.1)
        with pytest.raises(NetworkError) as closed:
            await bot.send_message(chat, "Раз")
        assert not isinstance(closed.value, TimedOut)
        assert len(world.transcript(chat)) == 1
        world.fail("sendMessage", "drop", delivered=True)
        with pytest.raises(NetworkError):
            await bot.send_message(chat, "Дошло")
        assert world.transcript(chat)[-1].text == "Дошло"
        assert [call.status for call in world.calls("sendMessage", chat)] == [429, 403, 403, 401, 502, 500, 0, 0, 0, 0]

    asyncio.run(with_bot(world, root, act))


def test_a_migrated_group_tells_its_new_id(world, root):
    async def act(bot: Any) -> None:
        group = world.add_group("Интеграция", [world.add_user("Анна")])
        new = world.migrate(group)
        with pytest.raises(ChatMigrated) as moved:
            await bot.send_message(group, "Раз")
        assert moved.value.new_chat_id == new
        assert (await bot.send_message(new, "Раз")).chat.type == "supergroup"
        services = [update.message for update in await bot.get_updates() if update.message]
        assert (services[0].migrate_to_chat_id, services[1].migrate_from_chat_id) == (new, group)

    asyncio.run(with_bot(world, root, act))


def test_a_second_poller_ends_the_first(world, root):
    async def act(bot: Any) -> None:
        first = asyncio.ensure_future(bot.get_updates(timeout=20))
        await asyncio.sleep(0.2)
        async with built(world, root) as other:
            second = asyncio.ensure_future(other.bot.get_updates(timeout=20))
            with pytest.raises(Conflict, match="terminated by other getUpdates"):
                await first
            world.start(world.add_user("Анна"))
            assert (await second)[0].message

    asyncio.run(with_bot(world, root, act))


def test_a_long_poll_wakes_at_once_when_a_thread_brings_an_update(world, root):
    async def act(bot: Any) -> None:
        chat = world.add_user("Анна")
        offset, delays = 0, []
        for _ in range(5):
            poll = asyncio.ensure_future(bot.get_updates(offset=offset, timeout=20))
            await asyncio.sleep(0.2)
            sent = time.monotonic()
            await asyncio.to_thread(world.start, chat)
            updates = await poll
            delays.append(time.monotonic() - sent)
            offset = updates[-1].update_id + 1
        assert min(delays) < 0.05, delays

    asyncio.run(with_bot(world, root, act))


def test_refusals_have_the_words_that_the_library_knows(world, root):
    async def act(bot: Any) -> None:
        chat = world.add_user("Анна")
        cases: list[tuple[Awaitable[object], type[TelegramError], str]] = [
            (bot.send_message(chat, "Раз"), Forbidden, "can't initiate conversation"),
            (bot.send_message(1, "Раз"), BadRequest, "Chat not found"),
            (bot.get_file("nonsense"), BadRequest, "file_id"),
            (bot.answer_callback_query("nonsense"), BadRequest, "Query is too old"),
        ]
        for awaited, error, words in cases:
            with pytest.raises(error, match=words):
                await awaited
        world.start(chat)
        message = await bot.send_message(chat, "Раз", reply_markup=KEYBOARD)
        cases = [
            (message.edit_text("Раз", reply_markup=KEYBOARD), BadRequest, "Message is not modified"),
            (bot.edit_message_text("Два", chat, 1), BadRequest, "Message to edit not found"),
            (bot.send_message(chat, "<b>Раз", parse_mode="HTML"), BadRequest, "Can't parse entities"),
            (bot.send_message(chat, "ы" * 4097), BadRequest, "Message is too long"),
        ]
        for awaited, error, words in cases:
            with pytest.raises(error, match=words):
                await awaited

    asyncio.run(with_bot(world, root, act))
