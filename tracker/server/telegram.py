"""Telegram beside the pages: the bot, its webhook's address, and in a demo the emulator that stands for Telegram."""

import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import litestar
from litestar import Request, Response
from litestar.exceptions import SerializationException
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler

from bot.emulator import TelegramUser, World, emulator_mount
from bot.run import Bot, running
from tracker.db import Database
from tracker.server.emulator_address import PREFIX, emulator_of
from tracker.services.channels.telegram import known_chats
from tracker.settings import Settings
from tracker.web.http.guards import Guard
from tracker.web.http.running import Running

Heard = Request[Any, Any, Any]

POLL = 2.0
"""Seconds: the server waits for a poll that is under way when it ends."""


def emulated_world(settings: Settings, clock: Callable[[], float] = time.time) -> World | None:
    """The world of a demo without a token; the pages of `/demo/telegram` play in it. `clock`: in seconds."""
    found = emulator_of(settings)
    return None if found is None else World(found[1], clock=clock)


def telegram_routes(world: World | None) -> list[ASGIRouteHandler | HTTPRouteHandler]:
    """The webhook, and the emulator's Bot API. Its control over HTTP stays shut: the demo's page is the one way in."""
    return [webhook] if world is None else [webhook, emulator_mount(world, PREFIX, control=False, longest_poll=POLL)]


@litestar.post("/telegram/webhook", opt={"guard": Guard.OPEN}, include_in_schema=False, status_code=200)
async def webhook(request: Heard) -> Response[None]:
    """An update. Answered when it is done with, so that what was not is brought again; without the secret, 401."""
    bot: Bot | None = request.app.state.get("bot")
    running_: Running = request.app.state.running
    if bot is None or running_.settings.telegram_mode != "webhook":
        return Response(None, status_code=404)
    secret = running_.settings.telegram_webhook_secret.get_secret_value()
    given = request.headers.get("x-telegram-bot-api-secret-token", "")
    if not hmac.compare_digest(given.encode(), secret.encode()):
        return Response(None, status_code=401)
    try:
        update = await request.json()
        known = isinstance(update, dict) and isinstance(update.get("update_id"), int)
    except SerializationException:
        known = False
    if not known:
        return Response(None, status_code=400)
    await bot.take(update)
    return Response(None, status_code=200)


def introduce(world: World, database: Database) -> None:
    """Who had a chat with the bot has it again: the world forgets with its process, the database does not."""
    with database.reading() as session:
        chats = known_chats(session)
    for chat_id, name in chats:
        first, _, last = name.partition(" ")
        world.register_chat(chat_id, TelegramUser(chat_id, first, last))


@asynccontextmanager
async def telegram(settings: Settings, database: Database, world: World | None = None) -> AsyncIterator[Bot | None]:
    """The bot as long as the block lasts; None where Telegram is off."""
    try:
        async with running(database, settings, emulator=emulator_of(settings)) as bot:
            yield bot
    finally:
        if world is not None:
            world.close()  # its long polls would hold the server's end
