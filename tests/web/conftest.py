"""A browser at the door of the small world, on both databases."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.testing import TestClient

from tests.worlds.copying import Rows, put_rows, rows_of
from tests.worlds.shop import NOW, World, lay
from tracker.db import Database
from tracker.domain.terms import Way
from tracker.server.app import create_app
from tracker.services.access.sessions import open_session
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.settings import Settings, load_settings
from tracker.web.http.running import start_running

EMAILS = {
    "conductor": "vera@conductor.example",
    "ann": "anna@shop.example",
    "pete": "petr@crm.example",
    "mary": "marina@studio.example",
    "lev": "lev@look.example",
    "stranger": "oleg@other.example",
}
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


@pytest.fixture(scope="session")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Rows]:
    """The world, told once through the verbs, and all rows that this made."""
    file = tmp_path_factory.mktemp("told") / "told.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    try:
        return lay(database), rows_of(database)
    finally:
        database.close()


@pytest.fixture
def world(db: Database, told: tuple[World, Rows]) -> World:
    """The same rows in this test's database: telling it anew takes a second, copying it 20 ms."""
    put_rows(db, told[1])
    return told[0]


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """Made once: it takes a third of a second. What it stands on is each test's own."""
    folder = tmp_path_factory.mktemp("application")
    settings = load_settings({"AUFTAKT_DATA_DIR": str(folder), "AUFTAKT_SECRET_KEY": "k" * 40})
    return create_app(settings, open_database(settings.database_url))


@pytest.fixture
def client(application: Litestar, db: Database, settings: Settings) -> Iterator[TestClient[Any]]:
    application.state.running = running = start_running(settings, db, wall=lambda: NOW)
    # One for the whole process: the application of another test may have set its own, and ended it.
    set_asyncio_executor(running.writes)
    with TestClient(application, base_url="http://auftakt.example") as started:
        yield started


@pytest.fixture
def anybody(client: TestClient[Any], world: World) -> Browser:
    """A browser without a session."""
    return Browser(client)


@pytest.fixture
def sign_in(client: TestClient[Any], db: Database, world: World) -> SignIn:
    """Without the password, whose check takes its time by design; `people/test_signing` uses it."""

    def enter(who: str) -> Browser:
        person = world.stranger if who == "stranger" else getattr(world, who)
        with db.writing() as session:
            opened = open_session(session, Actor(person, Way.WEB), person, agent="a test", now=NOW)
        browser = Browser(client)
        browser.cookies["auftakt"] = opened.token
        return browser

    return enter


@pytest.fixture
def vera(sign_in: SignIn) -> Browser:
    """The conductor."""
    return sign_in("conductor")
