"""A world with one person in it, served over loopback by a real server."""

import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn
from litestar import Litestar, asgi
from litestar.types import ASGIApp

from bot.emulator import World, emulator_app


@pytest.fixture(autouse=True)
def retry_after_is_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # the library warns of its old form, and warnings are errors


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def serve() -> Iterator[Callable[[ASGIApp], str]]:
    """Serve an ASGI application until the test ends; gives its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def started(app: ASGIApp) -> str:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, ws="none", lifespan="on", log_config=None)  # type: ignore[arg-type]
        config.timeout_graceful_shutdown = 2
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield started
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def root(world: World, serve: Callable[[ASGIApp], str]) -> Iterator[str]:
    yield serve(emulator_app(world))
    world.close()


@pytest.fixture
def mounted(world: World, serve: Callable[[ASGIApp], str]) -> Iterator[str]:
    """The emulator under a prefix of another application."""
    inner = asgi("/demo/bot-api", is_mount=True, copy_scope=False)(emulator_app(world))
    yield serve(Litestar([inner], openapi_config=None, logging_config=None)) + "/demo/bot-api"
    world.close()


@pytest.fixture
def call(world: World, root: str) -> Iterator[Callable[..., httpx.Response]]:
    """Call a method of the Bot API with a JSON body."""
    with httpx.Client(timeout=20, trust_env=False) as client:
        yield lambda method, **params: client.post(f"{root}/bot{world.bot.token}/{method}", json=params)
