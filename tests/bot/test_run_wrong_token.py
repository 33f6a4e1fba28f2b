"""A token in the settings that Telegram does not know: the site serves on, and says where to look."""

import re
import shutil
import time
from pathlib import Path

import httpx

from tests.browser.server import environment_of, serving


def test_a_wrong_token_is_told_and_the_pages_go_on(tmp_path: Path, sqlite_template: Path, root: str) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "auftakt.db")
    token = "700000001:AAwrongwrongwrongwrongwrongwrongwro"
    environment = environment_of(tmp_path, f"sqlite:///{tmp_path}/auftakt.db", demo=False)
    asked = {**environment, "AUFTAKT_TELEGRAM_MODE": "polling"}
    asked |= {"AUFTAKT_TELEGRAM_TOKEN": token, "AUFTAKT_TELEGRAM_API_URL": root}
    with serving(asked) as site, httpx.Client(base_url=site.url, timeout=10, trust_env=False) as client:
        until = time.monotonic() + 30
        while (told := client.get("/readyz").json()).get("bot") is None and time.monotonic() < until:
            time.sleep(0.1)
        assert told["ok"] is True
        assert (told["bot"]["well"], told["bot"]["reason"]) == (False, "bad_token")
        assert client.get("/sign-in", follow_redirects=True).status_code == 200
        assert client.get("/healthz").status_code == 200
    log = (tmp_path / "serve.log").read_text()
    assert "Telegram does not accept the token" in log
    assert "Traceback" not in log
    assert not re.search("wrongwrong", log)
