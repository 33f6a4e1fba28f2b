"""A browser at the door of the small world, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from tests.web.world import NOW, PASSWORD, World, lay
from tracker.app import create_app
from tracker.db import Database
from tracker.settings import Settings, load_settings

EMAILS = {
    "conductor": "vera@conductor.example", "ann": "anna@shop.example", "pete": "petr@crm.example",
    "mary": "marina@studio.example", "lev": "lev@look.example", "stranger": "oleg@other.example",
}  # fmt: skip
SignIn = Callable[[str], "Browser"]


class Browser:
    """Somebody's browser: keeps cookies, follows nothing by itself, says that it wants pages."""

    def __init__(self, client: TestClient[Any]) -> None:
        self.client = client
        self.cookies = {"auftakt_language": "en"}

    def send(self, method: str, path: str, *, htmx: bool = False, headers: Any = None, **given: Any) -> httpx.Response:
        told = {"accept": "text/html", "accept-language": "en", **({"hx-request": "true"} if htmx else {})}
        self.client.cookies.clear()
        answer = self.client.request(
            method, path, headers={**told, **(headers or {}), "cookie": self._cookie()}, follow_redirects=False, **given
        )
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        return answer

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.send("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.send("POST", path, **given)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"AUFTAKT_DATA_DIR": str(tmp_path / "data"), "AUFTAKT_SECRET_KEY": "k" * 40})


@pytest.fixture
def world(db: Database) -> World:
    return lay(db)


@pytest.fixture
def client(db: Database, settings: Settings) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(settings, db, wall=lambda: NOW), base_url="http://auftakt.example") as started:
        yield started


@pytest.fixture
def anybody(client: TestClient[Any], world: World) -> Browser:
    """A browser without a session."""
    return Browser(client)


@pytest.fixture
def sign_in(client: TestClient[Any], world: World) -> SignIn:
    def enter(who: str) -> Browser:
        browser = Browser(client)
        answer = browser.post("/sign-in", data={"email": EMAILS[who], "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    return enter


@pytest.fixture
def vera(sign_in: SignIn) -> Browser:
    """The conductor."""
    return sign_in("conductor")
