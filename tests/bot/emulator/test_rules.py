"""What the emulator takes and what it refuses, as the real server does."""

import json

import httpx
import pytest

from bot.emulator.rules import problems
from tests.bot.emulator.answers import BUTTON, description


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
