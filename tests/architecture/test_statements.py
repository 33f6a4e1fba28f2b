"""How often the database is asked by what people do all day: from the handler to its answer, on both databases.

Statements are counted, not time: they are the same on every machine. What begins and ends a transaction is not counted.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.testing import TestClient

from bot import buttons
from bot.handlers import press
from bot.linking import Account
from bot.replies import LinkBase, Pressed
from bot.wire.threads import BotThreads
from tests.worlds.copying import Rows, put_rows, rows_of
from tests.worlds.shop import NOW, World, lay
from tracker.db import Database
from tracker.domain.terms import MeetingState, Scope, Way
from tracker.server.app import create_app
from tracker.services.access.sessions import open_session
from tracker.services.access.tokens import issue
from tracker.services.channels import chats
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.carrying_over import items_of
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput
from tracker.settings import Settings, load_settings
from tracker.tables import Meeting, Message, MessageTask, Person, Project, Task
from tracker.web.http.running import start_running

CHAT, CARD, LETTER = 700, 51, 52
"""Mary's chat; in it a card that was shown, and a message that delivery has sent."""
KEY = b"k" * 32
MOMENT = timedelta(seconds=30)
THURSDAY = NOW.date() + timedelta(days=3)
FRAMES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class House(NamedTuple):
    """The small world with somebody in it who has done something already: what is kept between requests is known."""

    db: Database
    world: World
    client: TestClient[Any]
    settings: Settings
    clock: list[datetime]
    """What time it is, alone in its list."""
    cookies: str
    """Of the conductor's browser."""
    page: str
    """Mary's private address."""
    token: str
    """Of her programs."""
    tasks: list[int]
    """Eight that wait for her, the first five of which she was asked about in one message."""
    meeting: int
    """A planned one, with a line for each of the five."""


@contextmanager
def listening(db: Database) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(*told: Any) -> None:
        if not told[2].startswith(FRAMES):
            asked.append(re.sub(r"\s+", " ", told[2]))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def at_most(limit: int, asked: list[str]) -> None:
    print(f"{len(asked)} statements, of {limit}")
    assert asked, "nobody listened"
    assert len(asked) <= limit, "\n".join([f"{len(asked)} statements:", *(f"  {one[:150]}" for one in asked)])


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, list[int], int, Rows]:
    """The world, told once through the verbs, and all rows that this made."""
    file = tmp_path_factory.mktemp("told") / "told.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    try:
        world = lay(database)
        tasks = _ask_mary(database, world)
        return world, tasks, _plan(database, world, tasks[:5]), rows_of(database)
    finally:
        database.close()


def _ask_mary(database: Database, world: World) -> list[int]:
    actor, asked = Actor(world.conductor, Way.WEB), NOW - timedelta(days=1)
    with database.writing() as session:
        project = session.get_one(Project, world.project)
        project.messages, project.approve_until = "on", None
        mary = session.get_one(Person, world.mary)
        mary.telegram_id, mary.telegram_chat_id = CHAT, CHAT
        tasks = [
            create_task(
                session,
                actor,
                world.project,
                TaskInput(title=f"Прислать поля формы, {number}", owner=world.mary, integration=world.joint),
                now=asked,
            ).id
            for number in range(1, 9)
        ]
        letter = Message(
            project_id=world.project,
            person_id=world.mary,
            channel="telegram",
            kind="digest",
            local_day=asked.date(),
            queued_at=asked,
            send_after=asked,
            state="sent",
            sent_at=asked,
            chat_id=CHAT,
            chat_message_id=LETTER,
            updated_at=asked,
        )
        session.add(letter)
        session.flush()
        for place, task_id in enumerate(tasks[:5]):
            session.add(MessageTask(message_id=letter.id, task_id=task_id, position=place, step="n1"))
        chats.show_card(session, CHAT, CARD, world.mary, tasks[5], now=asked)
    return tasks


def _plan(database: Database, world: World, tasks: list[int]) -> int:
    actor, later = Actor(world.conductor, Way.WEB), NOW + timedelta(hours=2)
    with database.writing() as session:
        people = [Invited(world.mary), Invited(world.pete), Invited(world.ann, decides=True)]
        given = MeetingInput("Форма сайта", later, people=people, integrations=[world.joint])
        meeting = plan_meeting(session, actor, world.project, given, now=NOW - timedelta(days=1)).id
        lines = [ItemInput(task=task_id) for task_id in tasks]
        add_items(session, actor, meeting, lines, now=NOW - timedelta(days=1))
    return meeting


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    settings = load_settings(
        {
            "AUFTAKT_DATA_DIR": str(tmp_path_factory.mktemp("application")),
            "AUFTAKT_PUBLIC_URL": "http://auftakt.example",
        }
    )
    return create_app(settings, open_database(settings.database_url))


@pytest.fixture
def house(
    db: Database, told: tuple[World, list[int], int, Rows], application: Litestar, tmp_path: Path
) -> Iterator[House]:
    world, tasks, meeting, rows = told
    put_rows(db, rows)
    settings = load_settings(
        {
            "AUFTAKT_DATA_DIR": str(tmp_path / "data"),
            "AUFTAKT_SECRET_KEY": "k" * 40,
            "AUFTAKT_PUBLIC_URL": "http://auftakt.example",
        }
    )
    clock = [NOW - MOMENT]
    application.state.running = running = start_running(settings, db, wall=lambda: clock[0])
    set_asyncio_executor(running.writes)
    with db.writing() as session:
        cookie = open_session(
            session, Actor(world.conductor, Way.WEB), world.conductor, agent="a test", now=clock[0]
        ).token
        page, program = (
            issue(session, Actor(None, Way.CLI), world.mary, scope, key=KEY, now=clock[0]).secret
            for scope in (Scope.PAGE, Scope.API)
        )
    with TestClient(application, base_url="http://auftakt.example") as client:
        cookies = f"auftakt={cookie}; auftakt_language=en"
        found = House(db, world, client, settings, clock, cookies, page, program, tasks, meeting)
        tap(found, "work", tasks[6])
        tap(found, "no", tasks[6])
        register(found, tasks[6], status="open", version=version(found, Task, tasks[6]))
        answer_on_my_page(found, tasks[7], answer="in_progress")
        answer_by_program(found, tasks[7], kind="later", on=THURSDAY.isoformat())
        clock[0] = NOW
        yield found


def tap(house: House, act: str, task_id: int, message: int = LETTER, day: date | None = None) -> Pressed:
    """Mary presses a button; as the bot's handler hands it to its thread."""
    place = LinkBase(KEY, "http://auftakt.example", house.settings.uploads)
    desk = BotThreads(house.db, place, cast(Any, None), lambda: house.clock[0], cast(Any, None))
    data = buttons.written(buttons.Action(act, task_id, 0, day.isoformat() if day is not None else ""))
    account = Account(CHAT, CHAT, "Марина", "ru")
    return desk.write_now(lambda session, now: press(session, account, message, data, desk, now))[0]


def register(house: House, task_id: int, **values: str) -> Any:
    """The conductor changes a cell of the register."""
    return send(house, f"/tasks/{task_id}/edit", values, cookie=house.cookies)


def version(house: House, kind: type[Task] | type[Meeting], key: int) -> str:
    with house.db.reading() as session:
        row: Any = session.get_one(kind, key)
        return str(row.version)


def _steps(house: House) -> dict[str, str]:
    """What the conductor has written at the five lines of the meeting: a next step each."""
    with house.db.reading() as session:
        items = [one.id for one in items_of(session, house.meeting)]
    form = {"notes": "Решили всё."}
    for place, item in enumerate(items):
        owner = house.world.mary if place % 2 else house.world.pete
        form |= {
            f"i{item}.outcome": "step",
            f"i{item}.step_title": f"Прислать правку {place}",
            f"i{item}.step_owner": str(owner),
            f"i{item}.step_needed_by": THURSDAY.isoformat(),
        }
    return form


def answer_on_my_page(house: House, task_id: int, **form: str) -> Any:
    return send(house, f"/my/{house.page}/tasks/{task_id}/answer", form, cookie="auftakt_language=en")


def send(house: House, path: str, form: dict[str, str], **headers: str) -> Any:
    house.client.cookies.clear()
    told = {"accept": "text/html", "hx-request": "true", "origin": "http://auftakt.example", **headers}
    return house.client.post(path, data=form, headers=told, follow_redirects=False)


def answer_by_program(house: House, task_id: int, **body: Any) -> Any:
    headers = {"authorization": f"Bearer {house.token}"}
    return house.client.post(f"/api/v1/tasks/{task_id}/answers", json=body, headers=headers)


TAPS: list[tuple[str, date | None, str, int]] = [
    ("done", None, "Спасибо. Готово", 16),
    ("work", None, "Спасибо. Записано", 15),
    ("on", THURSDAY, "Спасибо. Записано", 16),
    ("help", None, "Спасибо, передано", 19),
    ("no", None, "Спасибо, что", 19),
    ("sleep", THURSDAY, "Хорошо, напомню", 11),
]
"""The one set of answers: the button, its day, how the reply begins, and how many statements that may take."""


@pytest.mark.parametrize("tapped", TAPS, ids=[one[0] for one in TAPS])
@pytest.mark.parametrize("message", [LETTER, CARD], ids=["letter", "card"])
def test_an_answer_by_a_tap(house, tapped, message):
    act, day, begins, limit = tapped
    with listening(house.db) as asked:
        pressed = tap(house, act, house.tasks[0 if message == LETTER else 5], message, day)
    assert pressed.reply.text.startswith(begins)
    at_most(limit, asked)


@pytest.mark.parametrize(("status", "limit"), [("in_progress", 6), ("done", 10)])
def test_a_status_that_is_changed_in_the_register(house, status, limit):
    seen = version(house, Task, house.tasks[0])
    with listening(house.db) as asked:
        answer = register(house, house.tasks[0], status=status, version=seen)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<tr")
    at_most(limit, asked)


def test_a_meeting_that_ends_with_five_next_steps(house):
    form = {"version": version(house, Meeting, house.meeting), **_steps(house)}
    with listening(house.db) as asked:
        answer = send(house, f"/meetings/{house.meeting}/close", form, cookie=house.cookies)
    assert answer.status_code == 200
    with house.db.reading() as session:
        assert session.get_one(Meeting, house.meeting).state == MeetingState.CLOSED
    at_most(35, asked)


MY_ANSWERS: list[tuple[dict[str, str], int]] = [
    ({"answer": "done"}, 21),
    ({"answer": "in_progress"}, 20),
    ({"answer": "promise", "on": "2026-11-26"}, 20),
    ({"answer": "help", "note": "Нет доступа"}, 23),
    ({"answer": "not_mine", "reason": "Это к студии"}, 23),
    ({"answer": "later", "until": "2026-11-26"}, 16),
]
"""What the form says, and how many statements that may take: the page, drawn anew with all its steps, is among them."""


@pytest.mark.parametrize(("form", "limit"), MY_ANSWERS, ids=[one[0]["answer"] for one in MY_ANSWERS])
def test_an_answer_on_ones_own_page(house, form, limit):
    with listening(house.db) as asked:
        answer = answer_on_my_page(house, house.tasks[0], **form)
    assert answer.status_code == 200
    at_most(limit, asked)


BODIES: list[tuple[dict[str, str], int]] = [
    ({"kind": "done"}, 12),
    ({"kind": "in_progress"}, 11),
    ({"kind": "promise", "on": "2026-11-26"}, 11),
    ({"kind": "help", "note": "Нет доступа"}, 14),
    ({"kind": "not_mine"}, 14),
    ({"kind": "later", "on": "2026-11-26"}, 7),
]


@pytest.mark.parametrize(("body", "limit"), BODIES, ids=[one[0]["kind"] for one in BODIES])
def test_an_answer_by_a_program(house, body, limit):
    with listening(house.db) as asked:
        answer = answer_by_program(house, house.tasks[0], **body)
    assert answer.status_code == 200, answer.text
    at_most(limit, asked)
