"""A stage for the real bot: the emulator over loopback, a real database, a clock that the test moves.

Anna conducts «Лавка и 1С»; Olga («1С-франчайзи») and Petr (the studio) are asked; Lena belongs to another project.
"""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.emulator import World
from bot.run import Bot, running
from tests.worlds.integrations import change
from tracker.db import Database
from tracker.domain.terms import Way
from tracker.services.channels.invitations import invite
from tracker.services.ground.journal import Actor
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput, found_house
from tracker.services.people.projects import ProjectInput, create_project
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.settings import Settings
from tracker.tables import Card, Person, Project, Task

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # Monday, 11:00 in Moscow
HOUSE = Actor(None, Way.CLI)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    db: Database
    telegram: World
    root: str
    settings: Settings
    clock: Clock = field(default_factory=Clock)
    bot: Bot | None = None
    ids: dict[str, int] = field(default_factory=dict)
    chats: dict[str, int] = field(default_factory=dict)
    thread: threading.Thread | None = None
    end: "asyncio.Event | None" = None
    loop: "asyncio.AbstractEventLoop | None" = None

    # --- the people

    def settle_in(self) -> None:
        with self.db.writing() as session:
            anna = found_house(
                session,
                PersonInput("Анна Белова", "anna@example.org"),
                "no password: she signs in nowhere here",
                now=NOW,
            )
            actor = Actor(anna.id, Way.WEB)
            project = create_project(session, actor, ProjectInput("Лавка и 1С", "LAVKA"), now=NOW)
            project.messages, project.approve_until = "on", None
            other = create_project(session, actor, ProjectInput("Другое дело", "OTHER"), now=NOW)
            session.add(project)
            crm = create_party(session, actor, project.id, PartyInput("1С-франчайзи", "contractor"), now=NOW)
            studio = create_party(session, actor, project.id, PartyInput("Студия", "contractor"), now=NOW)

            def member(name: str, project_id: int, party: int | None) -> int:
                given = PersonInput(name)
                return add_member(session, actor, project_id, given, Place(party=party), now=NOW).id

            self.ids = {
                "anna": anna.id,
                "project": project.id,
                "other": other.id,
                "olga": member("Ольга Ветрова", project.id, crm.id),
                "petr": member("Пётр Седов", project.id, studio.id),
                "lena": member("Елена Юдина", other.id, None),
            }

    def by(self, name: str) -> Actor:
        return Actor(self.ids[name], Way.WEB)

    def ask(self, title: str, owner: str = "olga", project: str = "project", **named) -> int:
        with self.db.writing() as session:
            given = TaskInput(title, owner=self.ids[owner], **named)
            return create_task(session, self.by("anna"), self.ids[project], given, now=self.clock.now).id

    def invite(self, name: str, project: str = "project") -> str:
        """The payload of /start."""
        with self.db.writing() as session:
            return invite(
                session,
                self.by("anna"),
                self.ids[project],
                self.ids[name],
                key=self.settings.key,
                public_url=self.settings.public_url,
                now=self.clock.now,
            ).start

    def link(self, name: str, project: str = "project") -> int:
        """Opens the invitation and says yes; returns the chat."""
        chat = self.telegram.add_user(name.title())
        self.telegram.start(chat, self.invite(name, project))
        self.held(lambda: len(self.said(chat)) == 1)
        self.press(chat, "Да")
        self.held(lambda: len(self.said(chat)) == 2)
        self.chats[name] = chat
        return chat

    # --- the bot

    def start(self) -> Bot:
        started = threading.Event()

        async def main() -> None:
            self.loop, self.end = asyncio.get_running_loop(), asyncio.Event()
            async with running(
                self.db, self.settings, emulator=(self.root, self.telegram.bot.token), wall=self.clock
            ) as bot:
                self.bot = bot
                started.set()
                await self.end.wait()

        self.thread = threading.Thread(target=lambda: asyncio.run(main()), name="stage", daemon=True)
        self.thread.start()
        assert started.wait(5)
        assert self.bot is not None
        return self.bot

    def stop(self) -> None:
        if self.thread is None or self.loop is None or self.end is None:
            return
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.end.set)
            self.thread.join(5)
        assert not self.thread.is_alive(), "the bot has not stopped within five seconds"
        self.thread = None

    # --- what is to be seen

    def held(self, check, seconds: float = 30.0) -> None:
        assert self.telegram.wait_until(check, seconds), "it did not come to it"

    def said(self, chat: int) -> list:
        return [line for line in self.telegram.transcript(chat) if line.from_bot and not line.deleted]

    def last(self, chat: int):
        return self.said(chat)[-1]

    def labels(self, line) -> list[str]:
        return [button.text for row in line.buttons for button in row]

    def press(self, chat: int, label: str, line=None, times: int = 1) -> str:
        """Tap a button by its words, on the newest message unless another is given; returns the toast."""
        line = line or self.last(chat)
        line = next(one for one in self.said(chat) if one.message_id == line.message_id)
        places = [(r, c) for r, row in enumerate(line.buttons) for c, button in enumerate(row) if button.text == label]
        assert places, f"no «{label}» among {self.labels(line)}"
        return self.answered(self.telegram.tap(chat, line.message_id, *places[0], times=times))

    def forge(self, chat: int, message_id: int, data: str, user_id: int | None = None) -> str:
        return self.answered(self.telegram.forge(chat, message_id, data, user_id))

    def answered(self, query: str) -> str:
        self.held(lambda: self.telegram.answer(query) is not None)
        self.settled()
        answer = self.telegram.answer(query)
        assert answer is not None
        return answer.text

    def settled(self) -> None:
        """All that the bot was told is done with: the last update is remembered as taken."""
        from tracker.tables import TelegramUpdate

        latest = self.telegram.latest
        if latest is None:
            return

        def taken() -> bool:
            with self.db.reading() as session:
                return session.get(TelegramUpdate, latest["update_id"]) is not None

        self.held(taken)

    def tell(self, chat: int, text: str, **named) -> int:
        """A text by the person, and the bot's reply to it."""
        number = self.telegram.send_text(chat, text, **named)
        self.settled()
        return number

    def task(self, task_id: int) -> Task:
        with self.db.reading() as session:
            return session.get_one(Task, task_id)

    def person(self, name: str) -> Person:
        with self.db.reading() as session:
            return session.get_one(Person, self.ids[name])

    def rows(self, query) -> list:
        with self.db.reading() as session:
            return list(session.exec(query))

    def cards(self) -> list[Card]:
        from sqlmodel import col, select

        return self.rows(select(Card).order_by(col(Card.id)))

    def change(self, kind, key: int, **values) -> None:
        change(self.db, kind, key, **values)


__all__ = ["NOW", "Project", "Stage"]
