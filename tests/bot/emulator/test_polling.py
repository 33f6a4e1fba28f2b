"""getUpdates: the queue, its offset, the long wait and its ends."""

import threading
import time
from collections.abc import Callable

import httpx
import pytest


def test_an_offset_confirms_and_a_repeat_comes_once_with_its_old_id(world, call, chat):
    world.send_text(chat, "Два")
    first, second = call("getUpdates").json()["result"]
    assert call("getUpdates", limit=1).json()["result"] == [first]
    assert call("getUpdates", offset=second["update_id"]).json()["result"] == [second]
    beyond = second["update_id"] + 1
    assert call("getUpdates", offset=beyond).json()["result"] == []
    world.repeat_update()
    assert call("getUpdates", offset=beyond).json()["result"] == [second]
    assert call("getUpdates", offset=beyond).json()["result"] == []


def test_only_allowed_updates_are_queued_and_the_choice_is_remembered(world, call, chat):
    call("getUpdates", offset=-1, allowed_updates=["callback_query"])
    world.send_text(chat, "Мимо")
    assert [update["message"]["text"] for update in call("getUpdates").json()["result"]] == ["/start"]
    world.forge(chat, 1, "v1")
    assert "callback_query" in call("getUpdates").json()["result"][-1]


def test_a_poll_ends_when_the_world_closes(world, call):
    threading.Timer(0.2, world.close).start()
    began = time.monotonic()
    assert call("getUpdates", timeout=20).json()["result"] == []
    assert time.monotonic() - began < 5
    assert call("getUpdates").status_code == 502


def test_a_poller_that_hangs_up_leaves_its_updates_to_the_next(world, root, call, chat):
    call("getUpdates", offset=-1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{root}/bot{world.bot.token}/getUpdates?timeout=20&offset=99999999999", timeout=0.3)
    assert world.wait_until(lambda: world.bot.wake is None, 2)
    world.send_text(chat, "Не пропало")
    assert call("getUpdates").json()["result"][0]["message"]["text"] == "Не пропало"


def test_an_answer_comes_before_the_wait_of_a_poll_is_over(world, call, chat):
    """Other methods are served while a poll waits."""
    poll: list[httpx.Response] = []
    call("getUpdates", offset=-1)
    waiting: Callable[[], None] = lambda: poll.append(call("getUpdates", offset=1 << 40, timeout=1))  # noqa: E731
    thread = threading.Thread(target=waiting)
    thread.start()
    began = time.monotonic()
    assert call("getMe").status_code == 200
    assert time.monotonic() - began < 0.9
    thread.join(5)
    assert poll[0].json()["result"] == []
