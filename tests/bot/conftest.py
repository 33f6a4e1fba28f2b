"""The stage: once for every test on SQLite, and on both databases for the main story."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from litestar.types import ASGIApp

from bot import handlers
from bot.emulator import World, emulator_app
from tests.worlds.soundness import unsound
from tests.worlds.stage import Stage
from tracker.db import Database
from tracker.services.ground.opening import open_database
from tracker.settings import load_settings


@pytest.fixture(autouse=True)
def retry_after_is_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # the library warns of its old form, and warnings are errors


@pytest.fixture(autouse=True)
def toasts_wait_for_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "HOLD_TOAST", 20.0)  # a busy machine would turn them into «Минутку.»


@pytest.fixture
def serve() -> Iterator[Callable[[ASGIApp], str]]:
    """Serve an ASGI application until the test ends; gives its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def started(app: ASGIApp) -> str:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, ws="none", lifespan="on", log_config=None)
        config.timeout_graceful_shutdown = 2
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield started
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def root(world: World, serve: Callable[[ASGIApp], str]) -> Iterator[str]:
    yield serve(emulator_app(world))
    world.close()


@pytest.fixture
def lite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """SQLite alone: most of the bot is the same on both, and the services are tried on both elsewhere."""
    file = tmp_path / "auftakt.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    yield database
    database.close()


def staged(database: Database, world: World, root: str, folder: Path) -> Iterator[Stage]:
    settings = load_settings({"AUFTAKT_DATA_DIR": str(folder), "AUFTAKT_PUBLIC_URL": "https://auftakt.example"})
    stage = Stage(database, world, root, settings)
    stage.settle_in()
    yield stage
    stage.stop()
    assert unsound(database) == [], "whatever comes by Telegram, the journal tells of it"


@pytest.fixture
def still(lite: Database, world: World, root: str, tmp_path: Path) -> Iterator[Stage]:
    """The stage with the bot not started yet."""
    yield from staged(lite, world, root, tmp_path / "var")


@pytest.fixture
def stage(still: Stage) -> Stage:
    """The stage with the bot listening."""
    still.start()
    return still


@pytest.fixture
def both(db: Database, world: World, root: str, tmp_path: Path) -> Iterator[Stage]:
    """The same, once on SQLite and once on PostgreSQL."""
    for stage in staged(db, world, root, tmp_path / "var"):
        stage.start()
        yield stage
