"""A small world over the wire: the API over a database, and a client for each of its people."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.datastructures import State
from litestar.testing import TestClient
from sqlalchemy import event

from tests.worlds.integrations import World, lay
from tracker.api.mounting import routes
from tracker.db import Database
from tracker.domain.terms import Scope, Way
from tracker.services.access.tokens import issue
from tracker.services.ground.journal import Actor
from tracker.settings import Settings

KEY = b"k" * 32
HOUSE = Actor(None, Way.CLI)


@pytest.fixture
def world(db: Database) -> World:
    with db.writing() as session:
        return lay(session)


class Callers:
    """`callers.anna.get("/tasks")`: everybody of the world, with an API token of their own."""

    def __init__(self, db: Database, world: World, client: TestClient[Litestar]) -> None:
        self.db, self.world, self.client = db, world, client
        self.tokens: dict[str, str] = {}

    def token(self, name: str) -> str:
        if name not in self.tokens:
            with self.db.writing() as session:
                person = getattr(self.world, name)
                now = datetime.now(UTC)
                self.tokens[name] = issue(session, HOUSE, person, Scope.API, key=KEY, now=now).secret
        return self.tokens[name]

    def __getattr__(self, name: str) -> "Caller":
        return Caller(self.client, self.token(name))

    @property
    def nobody(self) -> "Caller":
        return Caller(self.client, "")


class Caller:
    def __init__(self, client: TestClient[Litestar], token: str) -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = self.headers | more.pop("headers", {})
        if body is not None:
            more["json"] = body
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)


@pytest.fixture(scope="session")
def running() -> Iterator[SimpleNamespace]:
    """What the root puts into the application's state; each test puts its database in."""
    settings = Settings(_env_file=None, language="en", database_url="sqlite:////unused.db")
    with ThreadPoolExecutor(2) as writes:
        yield SimpleNamespace(settings=settings, database=None, wall=lambda: datetime.now(UTC), writes=writes)


@pytest.fixture(scope="session")
def app(running: SimpleNamespace) -> Litestar:
    """Made once: building a hundred routes takes longer than most of these tests."""
    return Litestar([routes()], state=State({"running": running}), openapi_config=None, logging_config=None)


@pytest.fixture
def callers(db: Database, world: World, app: Litestar, running: SimpleNamespace) -> Iterator[Callers]:
    running.database = db
    set_asyncio_executor(running.writes)  # it is one for the process: another test's application may have set its own
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Callers(db, world, client)


class Statements:
    """How many statements the database was asked."""

    def __init__(self, db: Database) -> None:
        self.count = 0
        self.engine = db.engine

    def __enter__(self) -> "Statements":
        event.listen(self.engine, "before_cursor_execute", self.note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self.note)

    def note(self, *_: object) -> None:
        self.count += 1


@pytest.fixture
def statements(db: Database) -> Statements:
    return Statements(db)
