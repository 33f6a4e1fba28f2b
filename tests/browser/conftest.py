"""One real Chromium for the whole run; each test has a context of its own (cookies, storage, language)."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


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
