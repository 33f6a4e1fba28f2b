"""The bot's token stands in no log."""

import logging

import httpx

from bot.wire.connection import line_of
from bot.wire.redaction import Redacting, keep_token_out_of_logs, scrubbed
from tests.worlds.stage import Stage


def test_the_token_stands_in_no_log(stage: Stage, caplog):
    token = stage.telegram.bot.token
    assert scrubbed(f"https://api.telegram.org/bot{token}/getMe") == "https://api.telegram.org/bot<token>/getMe"
    keep_token_out_of_logs()
    caplog.handler.addFilter(Redacting())
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx").setLevel(logging.WARNING)
        log = logging.getLogger("somebody.else")
        log.warning("asked %s", f"/bot{token}/sendMessage")
        try:
            raise httpx.ConnectError(f"no way to /bot{token}/")
        except httpx.ConnectError:
            log.exception("no answer")
        chat = stage.link("olga")
        stage.tell(chat, "/help")
    assert token not in caplog.text
    assert "bot<token>" in caplog.text
    assert repr(line_of(stage.settings, (stage.root, token))).count(token) == 0
