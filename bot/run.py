"""The bot's life beside the other loops: connecting, hearing, and leaving in good time.

Updates are polled by a loop of our own and confirmed only after they were taken in: a process killed in between gets
them again, and what was done already is recognised.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from telegram import BotCommand, BotCommandScopeAllPrivateChats, Update
from telegram.error import Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot import texts
from bot.handlers import App, add_handlers
from bot.placing import sweep
from bot.replies import LinkBase
from bot.wire.channel import TelegramChannel, wall_clock
from bot.wire.connection import CONNECT, READ, Connection, line_of
from bot.wire.pacing import Pace
from bot.wire.redaction import keep_token_out_of_logs
from bot.wire.sending import Patience, seconds_of
from bot.wire.threads import CHANNEL, BotThreads
from tracker.db import Database
from tracker.domain.self_watch import Reason
from tracker.services.channels.telegram import forget_updates, is_taken, take_update
from tracker.services.house.installation import keep_bot_username
from tracker.services.house.leases import POLLER, release
from tracker.services.house.leases import take as take_lease
from tracker.settings import Settings
from tracker.wording.languages import SOURCE, languages
from tracker.wording.marking import N_
from tracker.wording.say import say

log = logging.getLogger("bot")

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
"""Said at each start: the server remembers the last list when it is left out."""
POLL = 10
"""Seconds of one long poll: three of them fit into a lease."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
AT_ONCE = 8
"""Chats served at the same time; within one chat everything goes in order."""
TIDY = timedelta(minutes=5)
BEAT = timedelta(seconds=10)
KEPT = timedelta(days=2)
"""Update ids start anew after a silent week, so they are not remembered for one."""
LOGGED = {
    Reason.TWO_POLLERS: "another program polls this bot, or a webhook is set for it: only one may listen",
    Reason.BAD_TOKEN: "Telegram does not accept the token",
    Reason.NO_CONNECTION: "no connection",
}

DESCRIPTION = N_(
    "Auftakt asks about your own tasks in a joint project, kindly and once a day at most. One tap is an answer."
)
SHORT = N_("Whose move it is in joint projects")


class Bot:
    """A running bot. The roots use `send` (the channel), `take` (webhook updates) and `running` below."""

    def __init__(self, desk: BotThreads, line: Connection, app: App, send: TelegramChannel) -> None:
        self.desk = desk
        self.line = line
        self.app = app
        self.send = send
        self.holder = uuid4().hex
        self.stopping = asyncio.Event()
        self.is_connected = asyncio.Event()
        self.places = asyncio.Semaphore(AT_ONCE)
        self.chats: dict[int, asyncio.Lock] = {}
        self.tidied: datetime | None = None
        self.beaten: datetime | None = None
        self.missed = 0

    async def take(self, update: dict[str, Any]) -> None:
        """An update from the webhook. Returns when it is done with: the answer 200 confirms it."""
        await self.is_connected.wait()
        try:
            read = Update.de_json(update, self.app.bot)
        except (TypeError, KeyError, ValueError, AttributeError):
            # Refused, it would come again for a day; what the library can't read, nobody here can answer.
            log.exception("an update could not be read")
            return
        await self._take(read)

    async def live(self) -> None:
        """Until `stopping`: connect, then hear; whatever fails is tried again, ever more slowly."""
        pause = FIRST_PAUSE
        while not self.stopping.is_set():
            try:
                await self._connect()
                await (self._webhook() if self.line.mode == "webhook" else self._poll())
                return
            except (InvalidToken, Forbidden):
                await self._trouble(Reason.BAD_TOKEN)
                pause = LONGEST_PAUSE
            except TelegramError as error:
                await self._lost(error)
            except Exception:
                # A database that is away for a moment, for instance: the loop outlives it, and the log tells.
                log.exception("the bot stumbled")
            await self._rest(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _connect(self) -> None:
        if self.is_connected.is_set():
            return
        await self.app.initialize()
        bot = self.app.bot
        await self.desk.write(lambda session, now: keep_bot_username(session, bot.username, now=now))
        # English first: what Telegram has of no language it shows to those whose language we don't speak.
        for language in reversed(languages()):
            code = None if language == SOURCE else language[:2]
            commands = [BotCommand(name, say(language, text)) for name, text in texts.COMMANDS.items()]
            await bot.set_my_commands(commands, BotCommandScopeAllPrivateChats(), code)
            await bot.set_my_description(say(language, DESCRIPTION), code)
            await bot.set_my_short_description(say(language, SHORT), code)
        self.is_connected.set()

    async def _webhook(self) -> None:
        url = f"{self.line.public_url}/telegram/webhook"
        await self.app.bot.set_webhook(url, secret_token=self.line.secret, allowed_updates=ALLOWED)
        while not self.stopping.is_set():
            info = await self.app.bot.get_webhook_info()
            if info.url != url:
                await self.app.bot.set_webhook(url, secret_token=self.line.secret, allowed_updates=ALLOWED)
            late = info.pending_update_count > 0 and bool(info.last_error_message)
            await self.desk.beat(*((Reason.WEBHOOK, info.last_error_message or "") if late else ()))
            await self._tidy()
            await self._rest(60)

    async def _poll(self) -> None:
        """One poller at a time, by lease. Beats after each round that Telegram has answered."""
        await self.app.bot.delete_webhook()
        await self._well()
        offset, pause = 0, FIRST_PAUSE
        try:
            while not self.stopping.is_set():
                if not await self._holds_lease():
                    await self._rest(5)
                    continue
                try:
                    updates = await self._updates(offset)
                except Conflict:
                    await self._trouble(Reason.TWO_POLLERS)
                    pause = min(max(pause, 5.0) * 2, LONGEST_PAUSE)
                    await self._rest(pause)
                    continue
                except RetryAfter as error:
                    await self._rest(seconds_of(error))
                    continue
                except (InvalidToken, Forbidden):
                    raise
                except TelegramError as error:
                    await self._lost(error)
                    await self._rest(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                pause, self.missed = FIRST_PAUSE, 0
                await self._take_all(updates)
                offset = updates[-1].update_id + 1 if updates else offset
                await self._well()
                await self._tidy()
        finally:
            with suppress(Exception):
                await self.desk.write(lambda session, _now: release(session, POLLER, self.holder))

    async def _updates(self, offset: int) -> list[Update]:
        """A long poll that ends at once when we stop."""
        asked = asyncio.ensure_future(
            self.app.bot.get_updates(offset, timeout=POLL, allowed_updates=ALLOWED, read_timeout=READ)
        )
        stop = asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait({asked, stop}, return_when=asyncio.FIRST_COMPLETED)
            return list(asked.result()) if asked.done() else []
        finally:
            stop.cancel()
            if not asked.done():
                asked.cancel()
                with suppress(asyncio.CancelledError, TelegramError):
                    await asked

    async def _take_all(self, updates: Iterable[Update]) -> None:
        by_chat: dict[int, list[Update]] = {}
        for update in updates:
            by_chat.setdefault(_chat_id(update), []).append(update)
        await asyncio.gather(*(self._in_order(part) for part in by_chat.values()))

    async def _in_order(self, updates: list[Update]) -> None:
        for update in updates:
            await self._take(update)

    async def _take(self, update: Update) -> None:
        lock = self.chats.setdefault(_chat_id(update), asyncio.Lock())
        async with self.places, lock:
            if await self.desk.read(lambda session, _now: is_taken(session, update.update_id)):
                return
            await self.app.process_update(update)
            await self.desk.write(lambda session, now: take_update(session, update.update_id, now=self.desk.wall()))

    async def _holds_lease(self) -> bool:
        return await self.desk.write(
            lambda session, _now: take_lease(session, POLLER, self.holder, now=self.desk.wall())
        )

    async def _tidy(self) -> None:
        wall = self.desk.wall()
        if self.tidied is not None and wall - self.tidied < TIDY:
            return
        self.tidied = wall
        await self.desk.write(lambda session, now: sweep(session, now=now))
        await self.desk.write(lambda session, _now: forget_updates(session, wall - KEPT))
        if len(self.chats) > 10_000:
            self.chats = {chat: lock for chat, lock in self.chats.items() if lock.locked()}

    async def _well(self) -> None:
        """A sign of life now and then: a poll may end sooner than anybody needs to know."""
        wall = self.desk.wall()
        if self.beaten is None or wall - self.beaten >= BEAT:
            self.beaten = wall
            await self.desk.beat()

    async def _lost(self, error: TelegramError) -> None:
        """One miss is a blink (or our own server, which is not listening yet, or no more); two are worth a word."""
        self.missed += 1
        if self.missed > 1:
            await self._trouble(Reason.NO_CONNECTION, str(error))

    async def _trouble(self, reason: Reason, detail: str = "") -> None:
        log.warning("the bot: %s", ": ".join(part for part in (LOGGED[reason], detail) if part))
        self.beaten = None
        await self.desk.beat(reason, detail)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


def _chat_id(update: Update) -> int:
    return update.effective_chat.id if update.effective_chat else 0


@asynccontextmanager
async def running(
    database: Database,
    settings: Settings,
    *,
    emulator: tuple[str, str] | None = None,
    wall: Callable[[], datetime] = wall_clock,
) -> AsyncIterator[Bot | None]:
    """The bot for as long as the block lasts; None where Telegram is off. Entering never waits for the network.

    `emulator`: (root, token) of a running emulator, used where no token is set.
    """
    line = line_of(settings, emulator)
    if line is None:
        yield None
        return
    bot = make_bot(database, settings, line, wall)
    living = asyncio.create_task(bot.live())
    try:
        yield bot
    finally:
        bot.stopping.set()
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(living, 3)
        if bot.is_connected.is_set():
            with suppress(TelegramError):
                await bot.app.shutdown()
        bot.send.close()
        bot.desk.threads.shutdown(wait=False)


def make_bot(
    database: Database, settings: Settings, line: Connection, wall: Callable[[], datetime] = wall_clock
) -> Bot:
    keep_token_out_of_logs()
    os.environ.setdefault("PTB_TIMEDELTA", "1")  # the library warns of its older way to say a duration
    pace = Pace()
    threads = ThreadPoolExecutor(2 if database.is_sqlite else AT_ONCE, "bot")
    place = LinkBase(settings.key, settings.public_url, settings.uploads)
    desk = BotThreads(database, place, pace, wall, threads, demo=settings.demo)
    request, polling = (_request(line, size) for size in (AT_ONCE * 2, 2))
    app: App = (
        Application.builder()
        .token(line.token)
        .base_url(f"{line.root}/bot")
        .base_file_url(f"{line.root}/file/bot")
        .updater(None)
        .request(request)
        .get_updates_request(polling)
        .rate_limiter(Patience(pace))
        .build()
    )
    add_handlers(app, desk)
    return Bot(desk, line, app, _channel(line, pace, desk))


def _request(line: Connection, size: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=size,
        proxy=line.proxy or None,
        connect_timeout=CONNECT,
        read_timeout=READ,
        write_timeout=READ,
        pool_timeout=READ,
        httpx_kwargs={"trust_env": False},
    )


def _channel(line: Connection, pace: Pace, desk: BotThreads) -> TelegramChannel:
    return TelegramChannel(line, pace, tell=lambda trouble: desk.beat_now(CHANNEL, trouble), wall=desk.wall)


def channel_of(
    settings: Settings, *, emulator: tuple[str, str] | None = None, wall: Callable[[], datetime] = wall_clock
) -> TelegramChannel | None:
    """The channel without a bot, for `auftakt deliver`, to be closed; None where Telegram is off."""
    line = line_of(settings, emulator)
    if line is None:
        return None
    keep_token_out_of_logs()
    return TelegramChannel(line, Pace(), wall=wall)
