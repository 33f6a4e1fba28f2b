"""The line to the Bot API: every proxy that the settings take can be built."""

import pytest

from bot.run import _request
from bot.wire.connection import client_of, line_of
from tracker.settings import PROXIES, load_settings


@pytest.mark.parametrize("scheme", PROXIES)
def test_every_kind_of_proxy_that_is_taken_builds_its_clients(tmp_path, scheme):
    settings = load_settings(
        {
            "AUFTAKT_DATA_DIR": str(tmp_path),
            "AUFTAKT_TELEGRAM_TOKEN": "123:abcdefgh",
            "AUFTAKT_TELEGRAM_PROXY": f"{scheme}://name:word@127.0.0.1:1080",
        }
    )
    line = line_of(settings)
    assert line is not None
    client_of(line).close()
    assert _request(line, 2)
