"""Playing the emulated world over HTTP."""

import base64

import httpx

from bot.emulator import emulator_app
from tests.bot.emulator.answers import BUTTON


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
