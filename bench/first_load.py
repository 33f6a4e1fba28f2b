"""What a browser's first look at a page costs on the wire, as Chromium itself counts it: requests and bytes."""

import os
import shutil
import sys
from typing import Any, NamedTuple

from playwright.sync_api import BrowserContext


def chromium_program() -> str:
    """The one that the browser tests drive."""
    found = os.environ.get("AUFTAKT_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("bench: no Chromium; run `scripts/chromium.sh` first")
    return found


class FirstLoad(NamedTuple):
    requests: int
    bytes: int
    """Headers and compressed bodies, as they came over the wire."""


def first_load(signed_in: BrowserContext, address: str) -> FirstLoad:
    """Open the page in a new tab of a context that is signed in, with nothing cached, and wait until it is quiet."""
    page = signed_in.new_page()
    network = signed_in.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")
    asked: list[str] = []
    sizes: dict[str, int] = {}

    def ask(event: Any) -> None:
        asked.append(event["request"]["url"])

    def finish(event: Any) -> None:
        sizes[event["requestId"]] = int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", ask)
    network.on("Network.loadingFinished", finish)
    try:
        page.goto(address, wait_until="networkidle")
    finally:
        page.close()
    return FirstLoad(len(asked), sum(sizes.values()))
