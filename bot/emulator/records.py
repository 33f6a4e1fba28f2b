"""What the emulated world holds, and what it shows to a page or a test."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
FailureKind = Literal["flood", "blocked", "deactivated", "server_error", "unauthorized", "hang", "drop"]


@dataclass(frozen=True)
class TelegramUser:
    """A Telegram user; in the private chat with the bot the chat has the same id."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""

    def as_user(self) -> Json:
        return {"id": self.id, "is_bot": False, **self._names(), **_given(language_code=self.language_code)}

    def as_chat(self) -> Json:
        return {"id": self.id, "type": "private", **self._names()}

    def _names(self) -> Json:
        return {"first_name": self.first_name, **_given(last_name=self.last_name, username=self.username)}


@dataclass(frozen=True)
class StoredFile:
    file_id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    content: bytes

    def as_file(self) -> Json:
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.content)}

    def as_document(self) -> Json:
        return {**self.as_file(), "file_name": self.name, "mime_type": self.mime_type}


@dataclass
class TelegramMessage:
    id: int
    sender: Json
    date: int
    body: Json  # the fields that differ by kind: text, entities, caption, document, photo, voice, migrate_to_chat_id…
    html: str = ""  # our own rendering of text or caption: safe to show, see markup.py
    keyboard: list[list[Json]] | None = None
    edit_date: int | None = None
    thread_id: int | None = None
    deleted: bool = False


@dataclass
class TelegramChat:
    id: int
    kind: Literal["private", "group", "supergroup"]
    people: dict[int, TelegramUser]
    title: str = ""
    statuses: dict[int, str] = field(
        default_factory=dict
    )  # group members: creator, administrator, member, left, kicked
    threads: set[int] = field(default_factory=set)
    started: bool = False
    blocked: bool = False
    bot_left: bool = False
    migrated_to: int | None = None
    messages: dict[int, TelegramMessage] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)

    @property
    def first_person(self) -> TelegramUser:
        return next(iter(self.people.values()))

    def as_chat(self) -> Json:
        if self.kind == "private":
            return self.first_person.as_chat()
        return {"id": self.id, "type": self.kind, "title": self.title, **_given(is_forum=bool(self.threads))}


@dataclass(eq=False)
class Pending:
    """An update in the queue; `again` marks a repeat, which is handed out once whatever the offset says."""

    update: Json
    again: bool = False


@dataclass(eq=False)
class Webhook:
    url: str
    secret: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_date: int = 0


@dataclass
class TelegramBot:
    token: str
    id: int
    username: str
    name: str
    next_update_id: int
    updates: deque[Pending] = field(default_factory=deque)
    allowed: list[str] = field(default_factory=list)
    webhook: Webhook | None = None
    wake: Callable[[], None] | None = None  # of the one poller or webhook sender; its identity says whose turn it is
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)  # by scope as JSON and language
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)  # by method and language

    def as_user(self) -> Json:
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}


@dataclass
class Failure:
    """The next `times` calls of a method (`*`: any) fail; None: all calls. See `World.fail`."""

    method: str
    kind: FailureKind
    times: int | None
    chat_id: int | None
    retry_after: int
    code: int
    seconds: float
    delivered: bool


@dataclass(frozen=True)
class TelegramButton:
    text: str
    data: str | None
    url: str | None


@dataclass(frozen=True)
class TranscriptLine:
    """One message of a transcript; `text` is plain, `html` is escaped and holds Telegram's own few tags only."""

    message_id: int
    from_bot: bool
    sender: str
    date: int
    kind: Literal["text", "document", "photo", "voice", "service"]
    text: str
    html: str
    buttons: tuple[tuple[TelegramButton, ...], ...]
    edited: bool
    deleted: bool
    file_name: str | None
    file_id: str | None


@dataclass(frozen=True)
class ChatView:
    chat_id: int
    kind: str
    title: str
    started: bool
    blocked: bool
    migrated_to: int | None
    messages: int


@dataclass(frozen=True)
class ApiCall:
    """One call of the Bot API; status 0: the connection was closed without an answer."""

    at: float  # Unix time
    method: str
    chat_id: int | None
    params: Json
    status: int
    error: str


@dataclass(frozen=True)
class CallbackAnswer:
    """What `answerCallbackQuery` showed to the person that tapped."""

    text: str
    alert: bool


def _given(**values: object) -> Json:
    return {name: value for name, value in values.items() if value}
