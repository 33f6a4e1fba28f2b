"""getUpdates: the queue, its offset, and the long wait."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.emulator.records import Json, TelegramBot
from bot.emulator.rules import Refusal
from bot.emulator.server import Server

Gone = Callable[[], Awaitable[object]]


async def get_updates(server: Server, params: Json, gone: Gone, longest: float) -> list[Json]:
    """Waits up to `timeout` seconds, and no longer than the client stays (`gone` returns when it hangs up)."""
    loop, news, bot = asyncio.get_running_loop(), asyncio.Event(), server.bot

    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(news.set)

    limit = min(max(params.get("limit", 100), 1), 100)
    with server.changed:
        if server.closed:
            raise Refusal(502, "Bad Gateway")  # not an empty list: a poller would ask again at once, and again
        if bot.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first",
            )
        older, bot.wake = bot.wake, wake
        if older:
            older()  # it finds itself replaced, and is the one that is refused, as on the real server
        bot.allowed = params.get("allowed_updates", bot.allowed)
        _confirm(bot, params.get("offset", 0))
    ends = loop.time() + min(max(params.get("timeout", 0), 0), longest)
    hung_up = asyncio.ensure_future(gone())
    try:
        while True:
            news.clear()
            with server.changed:
                if bot.wake is not wake:
                    raise Refusal(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
                found = _take(bot, limit)
            remaining = ends - loop.time()
            if found or remaining <= 0 or server.closed or hung_up.done():
                return found
            waiting = asyncio.ensure_future(news.wait())
            await asyncio.wait({waiting, hung_up}, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
    finally:
        hung_up.cancel()
        with server.changed:
            if bot.wake is wake:
                bot.wake = None


def _confirm(bot: TelegramBot, offset: int) -> None:
    """Updates before the offset are done with; a negative offset keeps that many of the last."""
    if offset > 0:
        kept = [pending for pending in bot.updates if pending.again or pending.update["update_id"] >= offset]
    else:
        kept = list(bot.updates)[offset:]
    bot.updates.clear()
    bot.updates.extend(kept)


def _take(bot: TelegramBot, limit: int) -> list[Json]:
    taken = list(bot.updates)[:limit]
    for pending in taken:
        if pending.again:
            bot.updates.remove(pending)
    return [pending.update for pending in taken]
