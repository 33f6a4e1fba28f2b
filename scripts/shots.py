"""Pictures of the pages, to be looked at: scripts/shots.py FOLDER URL EMAIL PASSWORD PATH... [--all]

By default each page on the desk and on the phone, in Russian, light; with --all also in English and dark.
"""

import itertools
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZES = {"desk": (1280, 900), "phone": (390, 844)}


def main(folder: str, url: str, email: str, password: str, *paths: str) -> None:
    everything = "--all" in paths
    paths = tuple(path for path in paths if path != "--all")
    looks = itertools.product(
        SIZES, ("ru", "en") if everything else ("ru",), ("light", "dark") if everything else ("light",)
    )
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for size, language, theme in looks:
            width, height = SIZES[size]
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if theme == "dark" else "light",
                locale=language,
                timezone_id="Europe/Moscow",
            )
            context.add_cookies([{"name": "auftakt_language", "value": language, "url": url}])
            page = context.new_page()
            page.on("console", lambda said: print("console:", said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: print("error:", error))
            page.goto(f"{url}/sign-in")
            page.fill("#email", email)
            page.fill("#password", password)
            with page.expect_navigation():
                page.press("#password", "Enter")
            for path in paths:
                page.goto(url + path)
                page.wait_for_load_state("networkidle")
                name = path.strip("/").replace("/", "-").replace("?", "_") or "start"
                page.screenshot(path=out / f"{name}.{size}.{language}.{theme}.png", full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wide > 0:
                    print(f"{path} on the {size}: {wide} px too wide")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
