"""The emulator over HTTP: whose token it takes, what it keeps out of its log, its own faults."""

import logging

import httpx
import pytest


def test_a_foreign_token_is_unauthorised(world, root, chat):
    stored = world.store("documents", "a.txt", "text/plain", b"abc")
    assert httpx.get(f"{root}/bot1:wrong/getMe").status_code == 401
    assert httpx.get(f"{root}/file/bot1:wrong/{stored.path}").status_code == 404
    assert httpx.get(f"{root}/file/bot{world.bot.token}/{stored.path}").content == b"abc"
    assert httpx.get(f"{root}/file/bot{world.bot.token}/documents/none").status_code == 404


@pytest.mark.parametrize("address", ["root", "mounted"])
def test_no_log_line_holds_the_token(world, chat, address, request, caplog: pytest.LogCaptureFixture):
    root = request.getfixturevalue(address)
    # Finer than DEBUG uvicorn prints each request before the application sees it; httpx is the client, not us.
    with caplog.at_level(logging.DEBUG):
        for path in (f"bot{world.bot.token}/getMe", f"bot{world.bot.token}/nonsense", f"file/bot{world.bot.token}/x"):
            httpx.get(f"{root}/{path}")
        world.fail("sendMessage", "drop")
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{root}/bot{world.bot.token}/sendMessage?chat_id={chat}")
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert [line for line in lines if "bot%3Ctoken%3E/getMe" in line], lines
    assert not [line for line in lines if world.bot.token.partition(":")[2] in line]


def test_a_fault_of_its_own_is_logged_and_answered(world, call, chat, caplog: pytest.LogCaptureFixture):
    world.clock = lambda: 1 // 0
    assert call("sendMessage", chat_id=chat, text="Раз").status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert world.bot.token not in "".join(
        record.getMessage() for record in caplog.records if record.name == "bot.emulator.app"
    )
