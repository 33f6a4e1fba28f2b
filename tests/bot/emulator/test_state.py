"""The emulated world itself."""

from bot.emulator import TelegramUser, World


def test_ids_go_on_after_a_restart(world, call, chat):
    sent = call("sendMessage", chat_id=chat, text="Раз").json()["result"]["message_id"]
    later = World(clock=lambda: world.clock() + 60)
    later.register_chat(chat, TelegramUser(chat, "Ольга"))
    assert later.chats()[0].started
    assert later.send_text(chat, "Снова") > sent
    assert later.add_user("Новая") != chat
