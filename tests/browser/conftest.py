"""One real Chromium for the whole run; each test has a context of its own (cookies, storage, language)."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.browser.server import Site, auftakt, environment_of, serving

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
GRAVE = ("serious", "critical")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running, beside which `asyncio.run` refuses to start."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium (`AUFTAKT_TEST_CHROMIUM` names another): without one the tests fail and say so."""
    program = os.environ.get("AUFTAKT_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("No Chromium: run `make test`, which installs it, or name one in AUFTAKT_TEST_CHROMIUM")
    browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, "--no-first-run"])
    yield browser
    browser.close()


Visit = Callable[..., Page]
EXPECTED = ("status of 401", "status of 409", "status of 422")
"""A form that is refused comes back with its answer; Chromium notes that as an error of loading."""


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens a fresh browser of somebody's own at a site. Errors in its console, CSP's among them, fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not any(part in said.text for part in EXPECTED):
            errors.append(f"{said.location.get('url', '')}: {said.text}")

    def enter(
        site: Site, *, language: str = "ru", width: int = 1280, theme: str = "light", javascript: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 844},
            locale=language,
            timezone_id="Europe/Moscow",
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=javascript,
        )
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "auftakt_language", "value": language, "url": site.url}])
        context.on("console", hear)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        opened.append(context)
        return context.new_page()

    yield enter
    for context in opened:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def loaded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo in its database, to be copied: loading it takes seconds."""
    folder = tmp_path_factory.mktemp("demo")
    file = folder / "auftakt.db"
    shutil.copyfile(sqlite_template, file)
    auftakt(environment_of(folder, f"sqlite:///{file}", demo=True), "demo")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


Opening = Callable[..., AbstractContextManager[Site]]


@pytest.fixture
def demo(loaded: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Opening:
    """Serves a demo of this test's own: `with demo() as site`; on PostgreSQL with `demo("postgresql")`; made and opened
    at a moment of choice with `demo(at=moment)`."""

    @contextmanager
    def start(database: str = "sqlite", at: datetime | None = None) -> Iterator[Site]:
        folder = shutil.copytree(loaded, tmp_path / "data")
        if at is not None:
            shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "auftakt.db")
            environment = environment_of(folder, f"sqlite:///{folder / 'auftakt.db'}", demo=True)
            offset = int((at - datetime.now(UTC)).total_seconds())
            environment["AUFTAKT_CLOCK_OFFSET"] = f"PT{offset}S"
            auftakt(environment, "demo")
            with serving(environment) as site:
                yield site
        elif database == "sqlite":
            with serving(environment_of(folder, f"sqlite:///{folder / 'auftakt.db'}", demo=True)) as site:
                yield site
        else:
            with request.getfixturevalue("postgresql_copies")() as url:
                environment = environment_of(folder, url, demo=True)
                auftakt(environment, "demo")
                with serving(environment) as site:
                    yield site

    return start


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """An installation where nobody is yet."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "auftakt.db")
    with serving(environment_of(folder, f"sqlite:///{folder / 'auftakt.db'}", demo=False)) as site:
        yield site


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails with axe's findings when the page has a serious or critical defect of accessibility."""

    def check(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        grave = [f"{page.url}: {v['id']}: {v['help']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in GRAVE]
        assert grave == []

    return check
