"""One real Chromium for the whole run; each test has a context of its own (cookies, storage, language)."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

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


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh person at the browser, who reads Russian and sits in Moscow."""
    fresh = chromium.new_context(locale="ru-RU", timezone_id="Europe/Moscow")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails with axe's findings when the page has a serious or critical defect of accessibility."""

    def check(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        grave = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in GRAVE]
        assert grave == []

    return check
