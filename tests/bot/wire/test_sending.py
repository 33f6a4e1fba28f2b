"""Replies, and Telegram's wish that they wait."""

import time


def test_a_reply_that_was_asked_to_wait_waits_and_arrives(stage):
    chat = stage.link("olga")
    stage.telegram.fail("sendMessage", "flood", times=1, chat_id=chat, retry_after=1)
    started = time.monotonic()
    stage.tell(chat, "/help")
    assert time.monotonic() - started >= 1
    assert stage.last(chat).text.startswith("Быстрее всего ответить кнопкой")
