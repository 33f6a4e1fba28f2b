"""The bot beside the pages: the demo's emulator in the same server, and the webhook's door."""

import socket
import threading
import time

import httpx
import pytest
import uvicorn

from bot import run
from bot.emulator import World, emulator_app
from tests.worlds.integrations import NOW, by, lay
from tracker.server.app import create_app, running_beside
from tracker.server.emulator_address import emulator_of
from tracker.services.channels.invitations import invite
from tracker.services.channels.telegram import link, read_offer
from tracker.settings import load_settings
from tracker.tables import Person

SECRET = "a-webhook-secret-of-the-test"


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    monkeypatch.setattr(run, "LONGEST_PAUSE", 0.5)


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def serving():
    """Serves an application until the test ends."""
    running = []

    def serve(app, port):
        config = uvicorn.Config(app, host="127.0.0.1", port=port, ws="none", lifespan="on", log_config=None)
        config.timeout_graceful_shutdown = 3
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        return server

    yield serve
    for server, thread in reversed(running):
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def invited(db, key):
    with db.writing() as session:
        world = lay(session)
        start = invite(
            session, by(world.anna), world.project, world.ira, key=key, public_url="https://a.example", now=NOW
        )
    return world, start.start


def test_a_demo_plays_telegram_in_its_own_server(db, tmp_path, port, serving):
    given = {"AUFTAKT_DATA_DIR": str(tmp_path / "var"), "AUFTAKT_DEMO": "1", "AUFTAKT_PORT": str(port)}
    settings = load_settings(given)
    world, payload = invited(db, settings.key)
    with db.writing() as session:  # Gleb is linked already: his chat is known again after the start
        start = invite(session, by(world.anna), world.project, world.gleb, key=settings.key, public_url="x", now=NOW)
        link(session, read_offer(session, start.start, now=NOW).token_id, 6_000_000_000, 6_000_000_000, "Глеб", now=NOW)
    app = create_app(settings, db, beside=running_beside(settings, db, with_bot=True))
    serving(app, port)
    telegram: World = app.state.world
    assert [view.chat_id for view in telegram.chats()] == [6_000_000_000]

    chat = telegram.add_user("Ира")
    telegram.start(chat, payload)
    assert telegram.wait_until(lambda: len(telegram.transcript(chat)) == 2, 10)
    asked = telegram.transcript(chat)[1]
    assert asked.text == "Вы Ira, Студия?"
    telegram.tap(chat, asked.message_id, 0, 0)

    def is_linked():
        with db.reading() as session:
            return session.get_one(Person, world.ira).telegram_id == chat

    assert telegram.wait_until(is_linked, 10)

    found = emulator_of(settings)
    assert found is not None
    root, token = found
    with httpx.Client(trust_env=False) as client:
        assert client.post(f"{root}/bot{token}/getMe").json()["result"]["username"] == "auftakt_bot"
        assert client.post(f"{root}/bot1:wrong/getMe").status_code == 401
        assert client.get(f"{root}/control/chats").status_code == 404
        ready = client.get(f"http://127.0.0.1:{port}/readyz").json()
    assert ready["bot"]["well"] is True


def test_the_webhook_takes_what_carries_the_secret(db, tmp_path, port, serving):
    telegram = World()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        other = free.getsockname()[1]
    serving(emulator_app(telegram), other)
    settings = load_settings(
        {
            "AUFTAKT_DATA_DIR": str(tmp_path / "var"),
            "AUFTAKT_TELEGRAM_TOKEN": telegram.bot.token,
            "AUFTAKT_TELEGRAM_API_URL": f"http://127.0.0.1:{other}",
            "AUFTAKT_TELEGRAM_MODE": "webhook",
            "AUFTAKT_TELEGRAM_WEBHOOK_SECRET": SECRET,
            "AUFTAKT_PUBLIC_URL": "https://auftakt.example",
        }
    )
    # Only the settings insist on https; the emulator delivers on loopback.
    settings = settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    _world, payload = invited(db, settings.key)
    serving(create_app(settings, db, beside=running_beside(settings, db, with_bot=True)), port)
    assert telegram.wait_until(lambda: telegram.calls("setWebhook"), 10)

    address = f"http://127.0.0.1:{port}/telegram/webhook"
    update = {"update_id": 1, "message": {}}
    with httpx.Client(trust_env=False) as client:
        proven = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        assert client.post(address, json=update).status_code == 401
        wrong = {"X-Telegram-Bot-Api-Secret-Token": "wrong"}
        assert client.post(address, json=update, headers=wrong).status_code == 401
        for body in (b"", b"{", b"[]", b'{"update_id": "x"}'):
            assert client.post(address, content=body, headers=proven).status_code == 400, body
        assert client.post(address, json=update, headers=proven).status_code == 200, "unreadable, and not to come again"

    chat = telegram.add_user("Ира")
    telegram.start(chat, payload)
    assert telegram.wait_until(lambda: len(telegram.transcript(chat)) == 2, 10)
    assert telegram.transcript(chat)[1].text == "Вы Ira, Студия?"
    telegram.close()


def test_without_the_webhook_mode_there_is_no_such_address(db, tmp_path, port, serving):
    settings = load_settings({"AUFTAKT_DATA_DIR": str(tmp_path / "var")})
    app = create_app(settings, db, beside=running_beside(settings, db, with_bot=True))
    serving(app, port)
    assert app.state.world is None
    with httpx.Client(trust_env=False) as client:
        assert client.post(f"http://127.0.0.1:{port}/telegram/webhook", json={"update_id": 1}).status_code == 404
