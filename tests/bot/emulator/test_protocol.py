"""The emulator as its clients see it over HTTP: what it accepts, refuses, repeats and keeps quiet about."""

import base64
import json
import logging
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import httpx
import pytest

from bot.emulator import Person, World, emulator_app
from bot.emulator.rules import problems

BUTTON = {"text": "Готово", "callback_data": "v1:done"}


def description(answer: httpx.Response) -> str:
    body = answer.json()
    assert body["ok"] is False and body["error_code"] == answer.status_code
    return str(body["description"])


@pytest.fixture
def chat(world: World) -> int:
    chat = world.add_user("Ольга", "Ветрова", "vetrova")
    world.start(chat)
    return chat


@pytest.mark.parametrize("form", ["json", "urlencoded", "multipart", "query"])
def test_parameters_come_in_every_way_of_the_protocol(world, root, chat, form):
    params = {
        "chat_id": chat,
        "text": "Раз",
        "disable_notification": True,
        "reply_markup": {"inline_keyboard": [[BUTTON]]},
    }
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    url = f"{root}/bot{world.bot.token}/sendMessage"
    answer = {
        "json": lambda: httpx.post(url, json=params),
        "urlencoded": lambda: httpx.post(url, data=texts),
        "multipart": lambda: httpx.post(url, files={name: (None, value) for name, value in texts.items()}),
        "query": lambda: httpx.get(url, params=texts),
    }[form]()
    assert answer.status_code == 200, answer.text
    assert problems(answer.json()["result"], "Message") == []
    assert world.transcript(chat)[-1].buttons[0][0].data == "v1:done"


@pytest.mark.parametrize(
    ("method", "params", "code", "words"),
    [
        ("sendTelepathy", {}, 404, "Not Found"),
        ("sendMessage", {"text": "Раз"}, 400, "chat_id is empty"),
        ("sendMessage", {"chat_id": 7, "text": "Раз"}, 400, "chat not found"),
        ("sendMessage", {"chat_id": "@somebody", "text": "Раз"}, 400, "chat not found"),
        ("sendMessage", {"chat_id": 0}, 400, "message text is empty"),
        ("sendMessage", {"chat_id": 0, "text": "  "}, 400, "message text is empty"),
        ("sendMessage", {"chat_id": 0, "text": "<b> </b>", "parse_mode": "HTML"}, 400, "message text is empty"),
        ("sendMessage", {"chat_id": 0, "text": "я" * 4097}, 400, "message is too long"),
        ("sendMessage", {"chat_id": 0, "text": "🙂" * 2049}, 400, "message is too long"),
        ("sendMessage", {"chat_id": 0, "text": "<b>я", "parse_mode": "HTML"}, 400, "can't parse entities"),
        ("sendMessage", {"chat_id": 0, "text": "*я*", "parse_mode": "MarkdownV2"}, 400, "only HTML"),
        ("sendMessage", {"chat_id": 0, "text": "я", "parse_mod": "HTML"}, 400, 'unknown parameter "parse_mod"'),
        ("sendMessage", {"chat_id": 0, "text": "я", "disable_notification": "often"}, 400, "disable_notification"),
        ("sendMessage", {"chat_id": 0, "text": "я", "reply_markup": "{"}, 400, "can't parse reply_markup"),
        ("sendMessage", {"chat_id": 0, "text": "я", "reply_markup": {"inline_keyboard": [BUTTON]}}, 400, "not a list"),
        ("sendMessage", {"chat_id": 0, "text": "я", "message_thread_id": 5}, 400, "message thread not found"),
        ("sendMessage", {"chat_id": 0, "text": "я", "reply_parameters": {"message_id": 5}}, 400, "replied not found"),
        ("editMessageText", {"chat_id": 0, "text": "я"}, 400, "message identifier is not specified"),
        ("editMessageText", {"chat_id": 0, "message_id": 5, "text": "я"}, 400, "message to edit not found"),
        ("deleteMessage", {"chat_id": 0, "message_id": 5}, 400, "message to delete not found"),
        ("answerCallbackQuery", {"callback_query_id": "5"}, 400, "query is too old"),
        ("getFile", {"file_id": "5"}, 400, "wrong file_id"),
        ("sendDocument", {"chat_id": 0, "document": "https://example.org/a.pdf"}, 400, "wrong file identifier"),
        ("sendDocument", {"chat_id": 0}, 400, "there is no document"),
        ("sendChatAction", {"chat_id": 0, "action": "think"}, 400, "wrong parameter action"),
        ("setMyCommands", {"commands": [{"command": "Сегодня", "description": "я"}]}, 400, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "today"}]}, 400, "description: missing"),
        ("setWebhook", {"url": "ftp://example.org"}, 400, "bad webhook"),
        ("setWebhook", {"url": "https://example.org", "secret_token": "с пробелом"}, 400, "unallowed characters"),
        ("setMyShortDescription", {"short_description": "я" * 121}, 400, "too long"),
    ],
)
def test_what_the_real_server_refuses_is_refused(call, chat, method, params, code, words):
    if params.get("chat_id") == 0:
        params = {**params, "chat_id": chat}
    answer = call(method, **params)
    assert answer.status_code == code
    assert words in description(answer)


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"text": "Да", "callback_data": "я" * 32}, None),
        ({"text": "Да", "callback_data": "я" * 32 + "1"}, "BUTTON_DATA_INVALID"),
        ({"text": "Да", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": " ", "callback_data": "1"}, "Text must be non-empty"),
        ({"text": "Да"}, "exactly one action"),
        ({"text": "Да", "callback_data": "1", "url": "https://example.org"}, "exactly one action"),
        ({"text": "Да", "url": "http://127.0.0.1:8000/my/1"}, None),
        ({"text": "Да", "url": "http://localhost:8000/my/1"}, "Wrong HTTP URL"),
        ({"text": "Да", "url": "javascript:alert(1)"}, "Wrong HTTP URL"),
        ({"text": "Да", "callback": "1"}, "unknown in InlineKeyboardButton"),
    ],
)
def test_a_button_is_checked_in_bytes_and_addresses(call, chat, button, words):
    answer = call("sendMessage", chat_id=chat, text="Раз", reply_markup={"inline_keyboard": [[button]]})
    assert answer.status_code == 200 if words is None else words in description(answer)


def test_text_is_measured_after_its_markup(call, chat):
    at_the_limit = "<b>" + "&amp;" * 4096 + "</b>"
    assert call("sendMessage", chat_id=chat, text=at_the_limit, parse_mode="HTML").status_code == 200
    assert call("sendMessage", chat_id=chat, text="а" + at_the_limit, parse_mode="HTML").status_code == 400


def test_an_answer_to_a_tap_has_two_hundred_characters(world, call, chat):
    message = call("sendMessage", chat_id=chat, text="Раз", reply_markup={"inline_keyboard": [[BUTTON]]}).json()[
        "result"
    ]
    query = world.tap(chat, message["message_id"])
    assert (
        description(call("answerCallbackQuery", callback_query_id=query, text="я" * 201))
        == "Bad Request: MESSAGE_TOO_LONG"
    )
    assert call("answerCallbackQuery", callback_query_id=query, text="я" * 200).status_code == 200


def test_nobody_is_written_to_before_start_or_after_a_block(world, call):
    chat = world.add_user("Анна")
    assert "can't initiate conversation" in description(call("sendMessage", chat_id=chat, text="Раз"))
    world.start(chat)
    assert call("sendMessage", chat_id=chat, text="Раз").status_code == 200
    world.block(chat)
    answer = call("sendMessage", chat_id=chat, text="Раз")
    assert (answer.status_code, description(answer)) == (403, "Forbidden: bot was blocked by the user")
    world.start(chat)
    assert call("sendMessage", chat_id=chat, text="Раз").status_code == 200


def test_an_edit_has_to_change_something(call, chat):
    markup = {"inline_keyboard": [[BUTTON]]}
    sent = call("sendMessage", chat_id=chat, text="Раз", reply_markup=markup).json()["result"]
    same = {"chat_id": chat, "message_id": sent["message_id"]}
    assert "message is not modified" in description(call("editMessageText", **same, text="Раз", reply_markup=markup))
    edited = call("editMessageText", **same, text="Раз").json()["result"]
    assert "reply_markup" not in edited
    assert "message is not modified" in description(call("editMessageReplyMarkup", **same))


def test_a_message_of_a_person_cannot_be_edited_by_the_bot(world, call, chat):
    own = world.send_text(chat, "Завтра пришлю")
    assert "can't be edited" in description(call("editMessageText", chat_id=chat, message_id=own, text="Нет"))


def test_a_foreign_token_is_unauthorised(world, root, chat):
    stored = world.store("documents", "a.txt", "text/plain", b"abc")
    assert httpx.get(f"{root}/bot1:wrong/getMe").status_code == 401
    assert httpx.get(f"{root}/file/bot1:wrong/{stored.path}").status_code == 404
    assert httpx.get(f"{root}/file/bot{world.bot.token}/{stored.path}").content == b"abc"
    assert httpx.get(f"{root}/file/bot{world.bot.token}/documents/none").status_code == 404


def test_a_large_file_is_not_for_download(world, call, chat):
    world.send_document(chat, "видео.mp4", b"0" * ((20 << 20) + 1))
    line = world.transcript(chat)[-1]
    assert "file is too big" in description(call("getFile", file_id=line.file_id))


def test_every_update_has_the_published_form(world, call, chat):
    sent = call("sendMessage", chat_id=chat, text="Раз", reply_markup={"inline_keyboard": [[BUTTON]]}).json()["result"]
    text = world.send_text(chat, "см. https://example.org/1", reply_to=sent["message_id"])
    world.edit_text(chat, text, "см. ниже")
    world.send_photo(chat, b"1", "Снимок", album="a1")
    world.send_voice(chat, b"2")
    world.tap(chat, sent["message_id"])
    world.forge(chat, 1, "v1:foreign")
    world.block(chat)
    world.unblock(chat)
    group = world.add_group("Интеграция", [chat])
    forum = world.add_group("Форум", [chat], threads=[3])
    world.send_text(forum, "В теме", thread_id=3)
    world.migrate(group)
    updates = call("getUpdates").json()["result"]
    assert problems(updates, "Array of Update") == []
    kinds = [next(kind for kind in update if kind != "update_id") for update in updates]
    assert (
        kinds
        == ["message", "message", "edited_message", "message", "message", "callback_query", "callback_query"]
        + ["my_chat_member"] * 4
        + ["message"] * 3
    )
    assert updates[1]["message"]["entities"] == [{"type": "url", "offset": 4, "length": 21}]
    for method, params, kind in [
        ("getMe", {}, "User"),
        ("getChat", {"chat_id": chat}, "ChatFullInfo"),
        ("getChatMember", {"chat_id": forum, "user_id": chat}, "ChatMember"),
        ("getWebhookInfo", {}, "WebhookInfo"),
    ]:
        assert problems(call(method, **params).json()["result"], kind) == [], method


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


class Hook(BaseHTTPRequestHandler):
    """Refuses as `statuses` say, then accepts; each test uses it up."""

    statuses: ClassVar[list[int]] = []
    seen: ClassVar[list[tuple[str | None, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))
        self.send_response(self.statuses.pop(0) if self.statuses else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_a_webhook_gets_updates_in_order_with_its_secret_and_again_when_it_refuses(world, call, chat):
    Hook.statuses[:], Hook.seen[:] = [500, 200, 404], []
    with HTTPServer(("127.0.0.1", 0), Hook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        call("getUpdates", offset=-1)
        assert call("setWebhook", url=f"http://127.0.0.1:{hook.server_port}/hook", secret_token="s-1").json()["result"]
        world.send_text(chat, "Раз")
        world.send_text(chat, "Два")
        assert world.wait_until(lambda: len(Hook.seen) >= 5 and not world.bot.updates, 8)
        texts = [body["message"]["text"] for _secret, body in Hook.seen]
        assert texts == ["/start", "/start", "Раз", "Раз", "Два"]
        assert {secret for secret, _body in Hook.seen} == {"s-1"}
        info = call("getWebhookInfo").json()["result"]
        assert info["pending_update_count"] == 0 and "404" in info["last_error_message"]
        call("deleteWebhook")
        world.send_text(chat, "Три")
        assert call("getUpdates").json()["result"][-1]["message"]["text"] == "Три"
        assert len(Hook.seen) == 5
        hook.shutdown()


def test_ids_go_on_after_a_restart(world, call, chat):
    sent = call("sendMessage", chat_id=chat, text="Раз").json()["result"]["message_id"]
    later = World(clock=lambda: world.clock() + 60)
    later.register_chat(chat, Person(chat, "Ольга"))
    assert later.chats()[0].started
    assert later.send_text(chat, "Снова") > sent
    assert later.add_user("Новая") != chat


def test_the_whole_play_runs_over_http(world, root, call):
    def play(verb: str, expected: int = 200, **given: object) -> object:
        answer = httpx.post(f"{root}/control/{verb}", json=given)
        assert answer.status_code == expected, answer.text
        return answer.json().get("result")

    chat = play("add_user", first_name="Ольга")
    play("start", chat_id=chat, payload="L_1")
    sent = call("sendMessage", chat_id=chat, text="Раз", reply_markup={"inline_keyboard": [[BUTTON]]}).json()["result"]
    query = play("tap", chat_id=chat, message_id=sent["message_id"], row=0, column=0, times=2)
    assert play("answer", callback_id=query) is None
    play("send_document", chat_id=chat, name="a.txt", content=base64.b64encode(b"abc").decode())
    play("forge", chat_id=chat, message_id=1, data="v1:x")
    play("repeat_update")
    play("fail", method="sendMessage", kind="flood", retry_after=7, times=2)
    assert call("sendMessage", chat_id=chat, text="Два").json()["parameters"] == {"retry_after": 7}
    play("mend")
    play("block", chat_id=chat)
    play("unblock", chat_id=chat)
    lines = httpx.get(f"{root}/control/transcript", params={"chat_id": str(chat)}).json()["result"]
    assert [line["text"] for line in lines] == ["/start L_1", "Раз", ""]
    assert lines[1]["buttons"] == [[{"text": "Готово", "data": "v1:done", "url": None}]]
    calls = httpx.get(f"{root}/control/calls", params={"method": "sendMessage"}).json()["result"]
    assert [entry["status"] for entry in calls] == [200, 429]
    assert httpx.get(f"{root}/control/chats").json()["result"][0]["title"] == "Ольга"
    play("tap", 404, chat_id=chat, message_id=sent["message_id"], row=3, column=0)
    play("transcript", 404, chat_id=1)
    play("tap", 400, chat_id="nonsense")
    play("fail", 400, method="sendMessage", kind="earthquake")
    play("send_photo", 400, chat_id=chat, content="not base64!")
    play("close", 404)
    assert httpx.get(f"{root}/control/reset").status_code == 404
    play("reset")
    assert world.chats() == []


def test_the_play_can_be_left_out(world, serve):
    root = serve(emulator_app(world, control=False))
    assert httpx.post(f"{root}/control/chats").status_code == 404
    assert httpx.get(f"{root}/bot{world.bot.token}/getMe").status_code == 200


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


def test_a_fault_of_its_own_is_logged_and_answered(world, call, chat, caplog: pytest.LogCaptureFixture):
    world.clock = lambda: 1 // 0
    assert call("sendMessage", chat_id=chat, text="Раз").status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert world.bot.token not in "".join(
        record.getMessage() for record in caplog.records if record.name == "bot.emulator.app"
    )
