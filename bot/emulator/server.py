"""What Telegram's side holds in memory: one bot, chats, files, the queue of updates, scripted trouble, the call log."""

import hashlib
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import count

from bot.emulator.records import (
    ApiCall,
    CallbackAnswer,
    Failure,
    Json,
    Pending,
    StoredFile,
    TelegramBot,
    TelegramChat,
    TelegramMessage,
)

DEMO_TOKEN = "1000000001:the-token-of-the-local-emulator-01"
CALLS_KEPT = 20_000
# The server leaves these out unless they are asked for by name.
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class PlayError(LookupError):
    """A person of the world cannot do that: no such chat, message or button."""


class Server:
    """Safe in the event loop and in threads: every verb holds `changed` for a moment and never waits in it."""

    def __init__(
        self, token: str = DEMO_TOKEN, username: str = "auftakt_bot", clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.closed = False
        # Ids go on from the clock, so that a restarted emulator never gives an id that a database remembers.
        self.ids = count(int(clock()))
        self.bot = TelegramBot(token, int(token.partition(":")[0]), username, "Auftakt", next_update_id=int(clock()))
        self.reset()

    def reset(self) -> None:
        """Forget everything but the bot itself; ids still go on."""
        with self.changed:
            self.chats_by_id: dict[int, TelegramChat] = {}
            self.files: dict[str, StoredFile] = {}
            self.callbacks: dict[str, CallbackAnswer | None] = {}
            self.failures: list[Failure] = []
            self.log: deque[ApiCall] = deque(maxlen=CALLS_KEPT)
            self.latest: Json | None = None
            self.bot.updates.clear()
            self.bot.allowed, self.bot.webhook = [], None
            self.bot.commands, self.bot.descriptions = {}, {}
            self.tell()

    def close(self) -> None:
        """End long polls and webhook deliveries at once, so that a server can stop."""
        with self.changed:
            self.closed = True
            self.tell()

    def next_failure(self, method: str, chat_id: int | None) -> Failure | None:
        with self.changed:
            for failure in self.failures:
                if failure.method in ("*", method) and failure.chat_id in (None, chat_id):
                    if failure.times is not None:
                        failure.times -= 1
                        if failure.times <= 0:
                            self.failures.remove(failure)
                    return failure
            return None

    def chat(self, chat_id: int) -> TelegramChat:
        with self.changed:
            if chat_id not in self.chats_by_id:
                raise PlayError(f"no chat {chat_id}")
            return self.chats_by_id[chat_id]

    def known_chat(self, chat_id: object) -> TelegramChat | None:
        with self.changed:
            return self.chats_by_id.get(chat_id) if isinstance(chat_id, int) else None

    def message(self, chat_id: int, message_id: int) -> TelegramMessage:
        found = self.chat(chat_id).messages.get(message_id)
        if found is None or found.deleted:
            raise PlayError(f"no message {message_id} in chat {chat_id}")
        return found

    def store(self, folder: str, name: str, mime_type: str, content: bytes) -> StoredFile:
        with self.changed:
            file_id, unique = secrets.token_urlsafe(36), hashlib.sha256(content).hexdigest()[:16]
            suffix = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
            path = f"{folder}/file_{next(self.ids)}{suffix.group() if suffix else ''}"
            self.files[file_id] = StoredFile(file_id, unique, path, name, mime_type, content)
            return self.files[file_id]

    def photo_sizes(self, stored: StoredFile) -> list[Json]:
        # One size of a fixed measure: nobody looks at the numbers, and images are not opened here.
        return [{**stored.as_file(), "width": 1280, "height": 960}]

    def post(self, chat: TelegramChat, message: TelegramMessage) -> None:
        with self.changed:
            chat.messages[message.id] = message
            self.changed.notify_all()

    def new_message(self, sender: Json, body: Json, html: str = "") -> TelegramMessage:
        return TelegramMessage(next(self.ids), sender, int(self.clock()), body, html)

    def as_message(self, chat: TelegramChat, message: TelegramMessage) -> Json:
        shown = {"message_id": message.id, "from": message.sender, "chat": chat.as_chat(), "date": message.date}
        if message.keyboard:
            shown["reply_markup"] = {"inline_keyboard": message.keyboard}
        if message.edit_date:
            shown["edit_date"] = message.edit_date
        if message.thread_id:
            shown |= {"message_thread_id": message.thread_id, "is_topic_message": True}
        return {**shown, **message.body}

    def push(self, kind: str, content: Json) -> None:
        """Queue an update for the bot, if it listens to this kind."""
        with self.changed:
            bot = self.bot
            if kind in bot.allowed if bot.allowed else kind not in NOT_BY_DEFAULT:
                self.latest = {"update_id": bot.next_update_id, kind: content}
                bot.next_update_id += 1
                bot.updates.append(Pending(self.latest))
            self.tell()

    def membership(self, chat: TelegramChat, old: str, new: str) -> None:
        """Tell the bot of its own new status in a chat."""
        states = [
            {"status": status, "user": self.bot.as_user(), **({"until_date": 0} if status == "kicked" else {})}
            for status in (old, new)
        ]
        event = {"chat": chat.as_chat(), "from": chat.first_person.as_user(), "date": int(self.clock())}
        self.push("my_chat_member", {**event, "old_chat_member": states[0], "new_chat_member": states[1]})

    def tell(self) -> None:
        """Wake whoever waits: threads in `wait_until`, the long poll or the webhook sender."""
        with self.changed:
            self.changed.notify_all()
            if self.bot.wake:
                self.bot.wake()
