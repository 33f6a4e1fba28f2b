"""The emulator alone, without our bot: called as any client calls it."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from litestar import Litestar
from litestar.types import ASGIApp

from bot.emulator import World, emulator_mount


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


@pytest.fixture
def chat(world: World) -> int:
    chat = world.add_user("Ольга", "Ветрова", "vetrova")
    world.start(chat)
    return chat
