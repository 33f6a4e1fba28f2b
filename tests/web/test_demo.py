"""The demo as a newcomer meets it: the clock is moved, the bot asks, a button is pressed, the register has changed."""

import re
import socket
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn
from sqlmodel import select

from tracker.demo.seeding import load_demo
from tracker.domain.terms import MessageState
from tracker.server.app import create_app, running_beside
from tracker.settings import load_settings
from tracker.tables import Message, Person, Task

TAP = re.compile(
    r'name="message" value="(\d+)">\s*<input type="hidden" name="row" value="(\d+)">\s*'
    r'<input type="hidden" name="column" value="(\d+)">\s*<button class="button">([^<]+)<'
)


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def demo(db, tmp_path, port, monkeypatch):
    """The demo, served with its bot; a browser that follows where it is sent."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    settings = load_settings(
        {"AUFTAKT_DATA_DIR": str(tmp_path / "var"), "AUFTAKT_DEMO": "1", "AUFTAKT_PORT": str(port)}
    )
    load_demo(db, settings, wall_now=datetime.now(UTC))
    app = create_app(settings, db, beside=running_beside(settings, db, with_bot=True))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, ws="none", lifespan="on", log_config=None)
    config.timeout_graceful_shutdown = 3
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    ends = time.monotonic() + 20
    while not server.started and time.monotonic() < ends:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, trust_env=False, follow_redirects=True, timeout=30) as browser:
        browser.headers["accept"] = "text/html"
        yield browser
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def chats_of(page: str) -> list[str]:
    return re.findall(r'href="(/demo/telegram/\d+)"', page)


def test_the_moved_clock_brings_a_question_and_a_button_answers_it(demo, db):
    first = demo.get("/demo/telegram").text
    assert "Здесь вы подрядчик" in first
    assert "Пётр Соколов" in first
    moved = demo.post("/demo/clock").text
    assert re.search(r"Сейчас: \w+, \d+ \w+, 10:50\.", moved)
    with db.reading() as session:
        sent = len(session.exec(select(Message).where(Message.state == MessageState.SENT)).all())
    assert sent > 0, "what was due by then has gone out at once"
    chat, page = next((chat, page) for chat in chats_of(moved) if "bubble theirs" in (page := demo.get(chat).text))
    assert re.search(r"10:5\d", page), "the messages bear the demo's time"
    buttons = {text: where for *where, text in TAP.findall(page)}
    message, row, column = buttons["В работе"]
    with db.reading() as session:
        before = {task.id: task.version for task in session.exec(select(Task))}
    answered = demo.post(f"{chat}/tap", data={"message": message, "row": row, "column": column})
    assert answered.url.path == chat
    assert re.search(r'role="status"[^>]*>\s*<span>[^<]+</span>', answered.text), "the toast is said"
    with db.reading() as session:
        changed = [task for task in session.exec(select(Task)) if task.version != before[task.id]]
        person = session.exec(select(Person).where(Person.telegram_chat_id == int(chat.rsplit("/", 1)[1]))).one()
    assert [task.turn_id for task in changed] == [person.id]
    again = demo.post(f"{chat}/tap", data={"message": message, "row": "7", "column": "0"})
    assert "Этой кнопки уже нет" in again.text

    said = demo.post(f"{chat}/send", data={"text": "<b>пришлю завтра</b>"}).text
    assert "&lt;b&gt;пришлю завтра" in said, "words are words, not markup"
    pieces = demo.get(chat, headers={"hx-request": "true"})
    assert pieces.text.lstrip().startswith('<div class="talk" id="talk"')
    stand = re.search(r"\?stand=(\w+)", pieces.text)
    assert stand
    assert demo.get(chat, params={"stand": stand[1]}, headers={"hx-request": "true"}).status_code == 204


def test_the_way_into_the_demo_stands_where_one_signs_in_and_works(demo):
    page = demo.get("/sign-in").text
    email, password = re.findall(r"<b>([^<]+)</b>", page)
    assert demo.post("/sign-in", data={"email": email, "password": "wrong"}).text.count(password) == 1
    assert demo.post("/sign-in", data={"email": email, "password": password}).url.path == "/"


def test_who_has_no_chat_yet_opens_the_invitation(demo, db):
    first = demo.get("/demo/telegram").text
    invite = re.search(r'action="(/demo/telegram/invite/(\d+))"', first)
    assert invite
    person_id = int(invite[2])
    opened = demo.post(invite[1])
    message, row, column = next(where for *where, text in TAP.findall(opened.text) if text == "Да")
    demo.post(f"{opened.url.path}/tap", data={"message": message, "row": row, "column": column})
    with db.reading() as session:
        assert session.get_one(Person, person_id).telegram_chat_id == int(opened.url.path.rsplit("/", 1)[1])
    assert demo.post(invite[1]).status_code == 404, "once is enough"


def test_nonsense_is_not_found_and_changes_nothing(demo):
    assert demo.get("/demo/telegram/12345").status_code == 404
    for path in ("/demo/telegram/12345/tap", "/demo/telegram/12345/send", "/demo/telegram/12345/start"):
        assert demo.post(path, data={"text": "x", "message": "1", "row": "0", "column": "0"}).status_code == 404
    assert demo.post("/demo/telegram/invite/99999").status_code == 404
    chat = chats_of(demo.get("/demo/telegram").text)[0]
    assert demo.post(f"{chat}/tap", data={}).status_code == 422
    assert demo.post("/demo/clock", headers={"origin": "https://evil.example"}).status_code == 403
