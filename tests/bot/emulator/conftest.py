"""A world with one person in it, served over loopback by a real server."""

import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from bot.emulator import World, emulator_app, emulator_mount


@pytest.fixture(autouse=True)
def retry_after_is_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # the library warns of its old form, and warnings are errors


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, list[ASGIApp]]]:
    """One server for all tests: its address, and the list whose last application it serves."""
    served: list[ASGIApp] = []

    async def latest(scope: Scope, receive: Receive, send: Send) -> None:
        await served[-1](scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(latest, port=0, ws="none", lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", served
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def serve(server: tuple[str, list[ASGIApp]]) -> Callable[[ASGIApp], str]:
    """Serve an ASGI application until the next one comes; gives its address."""
    address, served = server

    def started(app: ASGIApp) -> str:
        served.append(app)
        return address

    return started


@pytest.fixture
def root(world: World, serve: Callable[[ASGIApp], str]) -> Iterator[str]:
    yield serve(emulator_app(world))
    world.close()


@pytest.fixture
def mounted(world: World, serve: Callable[[ASGIApp], str]) -> Iterator[str]:
    """The emulator under a prefix of another application."""
    outer = Litestar([emulator_mount(world, "/demo/bot-api")], openapi_config=None, logging_config=None)
    yield serve(outer) + "/demo/bot-api"
    world.close()


@pytest.fixture
def call(world: World, root: str) -> Iterator[Callable[..., httpx.Response]]:
    """Call a method of the Bot API with a JSON body."""
    with httpx.Client(timeout=20, trust_env=False) as client:
        yield lambda method, **params: client.post(f"{root}/bot{world.bot.token}/{method}", json=params)
