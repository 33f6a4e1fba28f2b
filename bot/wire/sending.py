"""Telegram's side of a reply: sending, editing, toasts, and patience with its limits."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from telegram import Bot, CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.replies import Reply
from bot.wire.connection import markup
from bot.wire.pacing import Pace
from bot.wire.threads import BotThreads
from tracker.services.channels.chats import show_card

log = logging.getLogger("bot")

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""Test addresses in tasks would otherwise be fetched by Telegram's servers, and shown."""
TOAST = 200
LONGEST_WAIT = 60.0
UNCHANGED = "not modified"
TOO_LATE = ("query is too old", "query id is invalid")


class Patience(BaseRateLimiter[None]):
    """Replies to a person's own act go at once (short bursts are allowed); a chat that was told to wait, waits."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    async def process_request(
        self,
        callback: Callable[..., Awaitable[Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:
        chat_id = data.get("chat_id")
        if not isinstance(chat_id, int):
            return await callback(*args, **kwargs)
        barred = self.pace.barred_until(chat_id) - time.monotonic()
        if barred > 0:
            await asyncio.sleep(min(barred, LONGEST_WAIT))
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            wait = seconds_of(error)
            self.pace.bar(chat_id, time.monotonic() + wait)
            if wait > LONGEST_WAIT:
                raise
            await asyncio.sleep(wait)
            return await callback(*args, **kwargs)


def seconds_of(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _markup(reply: Reply) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.de_json(markup(reply.keyboard), None) if reply.keyboard else None


async def send(bot: Bot, desk: BotThreads, chat_id: int, reply: Reply, person_id: int | None = None) -> None:
    """A new message; if it shows a task, the chat remembers which."""
    sent = await bot.send_message(
        chat_id, reply.text, parse_mode="HTML", link_preview_options=NO_PREVIEW, reply_markup=_markup(reply)
    )
    if reply.task_id is not None and person_id is not None:
        task_id = reply.task_id
        await desk.write(lambda session, now: show_card(session, chat_id, sent.message_id, person_id, task_id, now=now))


async def edit(
    bot: Bot, desk: BotThreads, chat_id: int, message_id: int, reply: Reply, person_id: int | None = None
) -> None:
    """The same message in its new form; a new one only where the old one can't be edited any more."""
    try:
        await bot.edit_message_text(
            reply.text,
            chat_id,
            message_id,
            parse_mode="HTML",
            link_preview_options=NO_PREVIEW,
            reply_markup=_markup(reply),
        )
    except BadRequest as error:
        if UNCHANGED in str(error).lower():
            return
        log.info("a message could not be edited: %s", error)
        await send(bot, desk, chat_id, reply, person_id)


async def toast(query: CallbackQuery, text: str) -> None:
    """Every press is answered, or the button spins on. Too late is no fault: the work is done all the same."""
    try:
        await query.answer(text[:TOAST] or None)
    except BadRequest as error:
        if not any(words in str(error).lower() for words in TOO_LATE):
            raise
    except TelegramError as error:
        log.info("a press could not be answered: %s", error)
