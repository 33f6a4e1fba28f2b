"""Takes the README's pictures from a fresh demo, docs/register.png and docs/my-steps.png: python -m scripts.pictures"""

import json
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import sign_in
from tests.browser.server import Site, auftakt, environment_of, serving

DOCS = Path(__file__).resolve().parent.parent / "docs"
LIMIT = 300_000
WHO = "akhmetov@pyat-shagov.example"
"""Whose steps are shown: somebody with a step that stands still and a meeting tomorrow."""


def register(browser: Browser, site: Site) -> bytes:
    """The register while an owner is being named."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": 1280, "height": 760}, locale="ru-RU", timezone_id="Europe/Moscow"
    )
    page = context.new_page()
    sign_in(page)
    page.goto("/projects/LEN/register?status=unfinished")
    page.wait_for_load_state("networkidle")
    page.locator("td.from a.cell").nth(3).click()
    page.locator("input[role=combobox]").fill("ан")
    page.locator(".completes [role=option]").first.wait_for()
    return page.screenshot()


def my_steps(browser: Browser, site: Site) -> bytes:
    """A contractor's page on the phone."""
    address = json.loads(site.auftakt("person", "invite", WHO, "--project", "LEN", "--json"))["my_url"]
    context = browser.new_context(
        viewport={"width": 390, "height": 760}, device_scale_factor=2, locale="ru-RU", timezone_id="Europe/Moscow"
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="auftakt-pictures-") as folder, sync_playwright() as started:
        environment = environment_of(Path(folder), f"sqlite:///{folder}/auftakt.db", demo=True)
        auftakt(environment, "migrate")
        auftakt(environment, "demo")
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with serving(environment) as site:
            for name, take in (("register", register), ("my-steps", my_steps)):
                picture = take(browser, site)
                assert len(picture) <= LIMIT, f"{name}: {len(picture)} bytes"
                (DOCS / f"{name}.png").write_bytes(picture)
                print(f"docs/{name}.png: {len(picture) / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
