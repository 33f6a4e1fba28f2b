"""The composition root of the server: the pages and the API, and beside them clock, delivery and bot."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from socket import socket
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from uvicorn.config import STARTUP_FAILURE

from bot.run import Bot
from tracker.api.mounting import routes as api_routes
from tracker.db import Database, refresh_statistics
from tracker.demo.sign_in import demo_sign_in
from tracker.domain.nudging.sending import Send
from tracker.migrations import is_current
from tracker.owner_only import tighten_house
from tracker.server.loops import (
    CLOCK_EVERY,
    DELIVERY_EVERY,
    RENEW_EVERY,
    anchor_rest,
    anchor_rounds,
    clock_round,
    delivery_rounds,
    leave_the_house,
    now_of,
    repeat,
    round_now,
    settle_signs,
    take_the_house,
)
from tracker.server.telegram import emulated_world, introduce, telegram, telegram_routes
from tracker.services.ground.journal_keys import keys_of
from tracker.services.ground.opening import open_database
from tracker.services.house.installation import is_empty, new_setup_code
from tracker.services.house.keying import ANOTHER_KEY, is_sealed_here
from tracker.settings import Settings, load_settings
from tracker.web.handlers import HANDLERS
from tracker.web.http.guards import require_guards
from tracker.web.http.headers import Guarding, complete
from tracker.web.http.refusals import unexpected
from tracker.web.http.running import Running, start_running, utc_now
from tracker.wording.say import say
from tracker.wording.words import N_

LOG = logging.getLogger(__name__)
MEGABYTE = 1_000_000
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LAST_WORDS = 3
"""Seconds that open requests get when the server ends; streams would hold it for ever."""

Beside = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(
    settings: Settings, database: Database, *, beside: Beside | None = None, wall: Callable[[], datetime] = utc_now
) -> Litestar:
    """The application over an open, migrated database. Raises UnguardedRoute for a route that declares no guard.

    `beside`: what runs with it, from its start to its end (`running_beside`). `wall`: the wall's clock.
    """
    running = start_running(settings, database, wall, demo=demo_sign_in if settings.demo else None)
    # In the factory, since Litestar refuses to change it once a loop runs.
    set_asyncio_executor(running.writes)
    require_guards(HANDLERS)
    world = emulated_world(settings, lambda: now_of(database).timestamp())
    return Litestar(
        [*HANDLERS, api_routes(), *telegram_routes(world)],
        state=State({"running": running, "world": world, "bot": None, "round": None}),
        middleware=[Guarding(settings.public_url)],
        before_send=[complete],
        exception_handlers={HTTPException: unexpected, Exception: unexpected},
        # The lightest degree: measured, the heavier ones cost more of the event loop than they save on the line.
        compression_config=CompressionConfig(
            backend="brotli",
            brotli_quality=1,
            brotli_gzip_fallback=True,
            gzip_compress_level=1,
            minimum_size=1000,
            exclude="^/static/",  # packed already
        ),
        request_max_body_size=MEGABYTE,
        openapi_config=None,
        lifespan=[beside] if beside else [],
        on_shutdown=[_stop],
        logging_config=None,
    )


def _stop(app: Litestar) -> None:
    app.state.running.stop()


def _settle() -> None:
    """What the start has made lives as long as the process: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()


def running_beside(settings: Settings, database: Database, *, with_bot: bool) -> Beside:
    """Clock, delivery and bot, as long as the application lives. Without the bot only the house's lease is kept."""

    @asynccontextmanager
    async def beside(app: Litestar) -> AsyncIterator[None]:
        running: Running = app.state.running
        _settle()
        async with AsyncExitStack() as opened:
            channels: Mapping[str, Send] = {}
            if app.state.world is not None:
                introduce(app.state.world, database)  # without the bot too: `auftakt deliver` comes by here
            if with_bot:
                app.state.bot = await opened.enter_async_context(telegram(settings, database, app.state.world))
                channels = _channels(app.state.bot)
                app.state.round = partial(round_now, database, channels)
                settle_signs(database, channels)
            rounds: dict[str, tuple[float, Callable[[], Any]]] = {}
            if database.is_sqlite:
                rounds["house"] = (RENEW_EVERY, partial(take_the_house, database))
            if with_bot:
                rounds["clock"] = (CLOCK_EVERY, partial(clock_round, database, channels))
                rounds["anchor"] = (CLOCK_EVERY, anchor_rounds(database, settings.anchors))
                rounds["delivery"] = (DELIVERY_EVERY, delivery_rounds(database, channels))
            tasks = _loops(rounds, running.slow)
            try:
                yield
            finally:
                await _end(tasks)
                with suppress(Exception):
                    # Another process takes the clock at once, and not when the lease has run out.
                    await asyncio.get_running_loop().run_in_executor(running.slow, leave_the_house, database)

    return beside


def _channels(bot: Bot | None) -> Mapping[str, Send]:
    """By what messages can leave this process."""
    return {} if bot is None else {"telegram": bot.send}


def _loops(rounds: Mapping[str, tuple[float, Callable[[], Any]]], threads: Executor) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(repeat(name, every, threads, work)) for name, (every, work) in rounds.items()]


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


def serve(settings: Settings, *, with_bot: bool = True, workers: int = 1) -> int:
    """Serve until told to end; returns the exit status. One process unless `workers` says otherwise (PostgreSQL)."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    # At each look at the schema it would say which database it looks at.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    database = opened_with_keys(settings)
    try:
        if not is_current(database.engine):
            return _refuse(settings, "The database has another schema than this version: run `auftakt migrate` first.")
        if (refused := _key_refused(settings, database)) is not None:
            return refused
        if database.is_sqlite and (other := take_the_house(database)):
            return _refuse(
                settings, "Another server ({other}) uses this SQLite file. End it first, or move to PostgreSQL.",
                other=other,
            )  # fmt: skip
        refresh_statistics(database)
        if workers > 1:
            _welcome(settings, database)
            from uvicorn.supervisors import Multiprocess  # where one process serves, it has no use for them

            config = WorkersConfig(_worker(with_bot), factory=True, workers=workers, **_options(settings))
            several = Multiprocess(config, sockets=[config.bind_socket()])
            several.run()
            return 1 if any(one.exitcode == STARTUP_FAILURE for one in several.processes) else 0
        app = create_app(settings, database, beside=running_beside(settings, database, with_bot=with_bot))
        # The server raises the signal anew once it has ended; by then that means nothing more.
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: None)
        Welcoming(app, settings, database).run()
        return 0
    finally:
        with suppress(Exception):
            leave_the_house(database)
            anchor_rest(database, settings.anchors)
        database.close()


class Welcoming(uvicorn.Server):
    """Says where to go once it serves: said before, the lines of the start would push it out of sight."""

    def __init__(self, app: Litestar, settings: Settings, database: Database) -> None:
        super().__init__(uvicorn.Config(app, **_options(settings)))
        self._threads: Executor = app.state.running.slow
        self._welcome = partial(_welcome, settings, database)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._welcome)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host, "port": settings.port, "loop": "uvloop", "http": "httptools", "lifespan": "on",
        "timeout_graceful_shutdown": LAST_WORDS, "access_log": False, "log_config": None, "server_header": False,
    }  # fmt: skip


class WorkersConfig(uvicorn.Config):
    """Of several serving processes; each makes its application before its loop runs, as `create_app` asks."""

    def configure_logging(self) -> None:
        logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)

    def get_loop_factory(self) -> Any:
        try:
            self.load()
        except Exception:
            LOG.exception("this process can't start")
            sys.exit(STARTUP_FAILURE)  # which ends the others: started anew, it would fail for ever
        return super().get_loop_factory()


def _worker(with_bot: bool) -> str:
    return "tracker.server.app:worker" if with_bot else "tracker.server.app:worker_without_bot"


def worker() -> Litestar:
    """One of several processes, over the environment's settings; the loops agree by leases on who does what."""
    settings = load_settings()
    database = opened_with_keys(settings)
    return create_app(settings, database, beside=running_beside(settings, database, with_bot=True))


def worker_without_bot() -> Litestar:
    settings = load_settings()
    database = opened_with_keys(settings)
    return create_app(settings, database, beside=running_beside(settings, database, with_bot=False))


def run_bot(settings: Settings) -> int:
    """Clock, delivery and bot without the pages, until told to end; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    database = opened_with_keys(settings)
    try:
        if not is_current(database.engine):
            return _refuse(settings, "The database has another schema than this version: run `auftakt migrate` first.")
        if (refused := _key_refused(settings, database)) is not None:
            return refused
        with ThreadPoolExecutor(2, "bot") as threads:
            asyncio.run(_run_bot(settings, database, threads))
        return 0
    finally:
        with suppress(Exception):
            anchor_rest(database, settings.anchors)
        database.close()


async def _run_bot(settings: Settings, database: Database, threads: ThreadPoolExecutor) -> None:
    told = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    async with telegram(settings, database) as bot:
        channels = _channels(bot)
        settle_signs(database, channels)
        tasks = _loops({
            "clock": (CLOCK_EVERY, partial(clock_round, database, channels)),
            "anchor": (CLOCK_EVERY, anchor_rounds(database, settings.anchors)),
            "delivery": (DELIVERY_EVERY, delivery_rounds(database, channels)),
        }, threads)  # fmt: skip
        await told.wait()
        await _end(tasks)


def opened_with_keys(settings: Settings) -> Database:
    return open_database(settings.database_url, keys=keys_of(settings.journal_words))


def _key_refused(settings: Settings, database: Database) -> int | None:
    """The exit status where this server would go on sealing with another key than the one that is in use."""
    tighten_house(settings.data_dir)
    if not is_sealed_here(database, now=utc_now()):
        return _refuse(settings, ANOTHER_KEY)
    if not database.is_sqlite and settings.is_journal_key_made:
        told = N_("The journal's key is in {file}: further servers need it as AUFTAKT_JOURNAL_KEY.")
        print(say(settings.language, told, file=settings.data_dir / "journal.key"), file=sys.stderr)
    return None


def _refuse(settings: Settings, text: str, **facts: object) -> int:
    print(say(settings.language, text, **facts), file=sys.stderr)
    return 1


def _welcome(settings: Settings, database: Database) -> None:
    """Where to go, and how to get in: into the demo, or on an empty installation by the code that opens `/set-up`."""
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    print(say(settings.language, "Auftakt is at {address}", address=address), flush=True)
    with database.reading() as session:
        empty, known = is_empty(session), demo_sign_in(session) if settings.demo else None
    if known is not None:
        told = say(settings.language, "Sign in: {email}, password {password}", **known._asdict())
        print(told, flush=True)
    if not empty:
        return
    with database.writing() as session:
        code = new_setup_code(session, now=utc_now())
    print(
        say(
            settings.language, "Nobody is here yet: open {address}/set-up (from elsewhere with the code {code})",
            address=address, code=code,
        ),
        flush=True,
    )  # fmt: skip
