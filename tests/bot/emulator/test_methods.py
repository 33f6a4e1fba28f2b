"""The methods of the Bot API: what each of them does to a chat, and to which not."""

from tests.bot.emulator.answers import BUTTON, description


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


def test_a_large_file_is_not_for_download(world, call, chat):
    world.send_document(chat, "видео.mp4", b"0" * ((20 << 20) + 1))
    line = world.transcript(chat)[-1]
    assert "file is too big" in description(call("getFile", file_id=line.file_id))
