"""The emulated world with the people in it: what they do, and what a page or a test may look at."""

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Iterable

from bot.emulator.markup import Formatted, typed
from bot.emulator.records import (
    ApiCall,
    CallbackAnswer,
    ChatView,
    Failure,
    FailureKind,
    Json,
    Pending,
    TelegramButton,
    TelegramChat,
    TelegramMessage,
    TelegramUser,
    TranscriptLine,
)
from bot.emulator.server import DEMO_TOKEN, PlayError, Server

__all__ = ["DEMO_TOKEN", "PlayError", "World"]
USERS_FROM = 5_000_000_000  # wider than 32 bits, as real ids are
SUPERGROUPS_BELOW = -1_000_000_000_000


class World(Server):
    """The verbs speak for the people of a chat: in a group for its first person, unless `user_id` names another."""

    def add_user(self, first_name: str, last_name: str = "", username: str = "", language_code: str = "ru") -> int:
        """A user with an empty private chat, Start not yet pressed; returns the chat's id."""
        with self.changed:
            return self._open(
                TelegramUser(USERS_FROM + next(self.ids), first_name, last_name, username, language_code)
            ).id

    def register_chat(self, chat_id: int, user: TelegramUser) -> None:
        """Learn a started private chat again after a restart; a chat that is known stays as it is."""
        with self.changed:
            if chat_id not in self.chats_by_id:
                self._open(TelegramUser(chat_id, user.first_name, user.last_name, user.username, user.language_code))
                self.chats_by_id[chat_id].started = True
                self.tell()

    def add_group(self, title: str, user_ids: Iterable[int], threads: Iterable[int] = ()) -> int:
        """A group of users that have chats, the first its creator; with threads it is a forum. The bot is told."""
        with self.changed:
            people = {user: self.chat(user).first_person for user in user_ids}
            statuses = {user: "creator" if n == 0 else "member" for n, user in enumerate(people)}
            number = next(self.ids)
            group = TelegramChat(-number, "group", people, title, statuses, started=True)
            if forum := set(threads):
                group = TelegramChat(
                    SUPERGROUPS_BELOW - number, "supergroup", people, title, statuses, forum, started=True
                )
            self.chats_by_id[group.id] = group
            self.membership(group, "left", "member")
            return group.id

    def block(self, chat_id: int) -> None:
        with self.changed:
            chat = self.chat(chat_id)
            if not chat.blocked:
                chat.blocked = True
                self.membership(chat, "member", "kicked")

    def unblock(self, chat_id: int) -> None:
        with self.changed:
            chat = self.chat(chat_id)
            if chat.blocked:
                chat.blocked = False
                self.membership(chat, "kicked", "member")

    def migrate(self, chat_id: int) -> int:
        """A group becomes a supergroup; the old id answers with the new one from now on."""
        with self.changed:
            old = self.chat(chat_id)
            if old.kind != "group" or old.migrated_to:
                raise PlayError(f"chat {chat_id} is no group that can become a supergroup")
            new = TelegramChat(SUPERGROUPS_BELOW - next(self.ids), "supergroup", old.people, old.title, old.statuses)
            new.started, self.chats_by_id[new.id] = True, new
            self._write(old, {"migrate_to_chat_id": new.id})
            self._write(new, {"migrate_from_chat_id": old.id})
            old.migrated_to = new.id
            return new.id

    def start(self, chat_id: int, payload: str = "") -> int:
        """Press Start, or open `t.me/<bot>?start=<payload>`; a blocked bot is unblocked by it."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
            raise PlayError("a start payload has up to 64 characters of A-Z a-z 0-9 _ -")
        self.unblock(chat_id)
        return self.send_text(chat_id, f"/start {payload}".strip())

    def send_text(
        self, chat_id: int, text: str, user_id: int | None = None, thread_id: int | None = None, reply_to: int = 0
    ) -> int:
        """Returns the message's id, as the other `send_` verbs do."""
        with self.changed:
            content = typed(text.strip())
            if not content.text:
                raise PlayError("an empty message cannot be sent")
            body = _worded("text", content)
            if reply_to:
                body["reply_to_message"] = self.as_message(self.chat(chat_id), self.message(chat_id, reply_to))
            return self._write(self.chat(chat_id), body, user_id, content.html, thread_id)

    def send_document(
        self,
        chat_id: int,
        name: str,
        content: bytes,
        mime_type: str = "application/octet-stream",
        caption: str = "",
        user_id: int | None = None,
    ) -> int:
        stored = self.store("documents", name, mime_type, content)
        return self._send_file(chat_id, {"document": stored.as_document()}, caption, user_id)

    def send_photo(
        self, chat_id: int, content: bytes, caption: str = "", user_id: int | None = None, album: str = ""
    ) -> int:
        """Photos with the same `album` belong together (`media_group_id`)."""
        body: Json = {"photo": self.photo_sizes(self.store("photos", "photo.jpg", "image/jpeg", content))}
        return self._send_file(chat_id, {**body, **({"media_group_id": album} if album else {})}, caption, user_id)

    def send_voice(self, chat_id: int, content: bytes, seconds: int = 5, user_id: int | None = None) -> int:
        stored = self.store("voice", "voice.oga", "audio/ogg", content)
        voice = {**stored.as_file(), "duration": seconds, "mime_type": stored.mime_type}
        return self._send_file(chat_id, {"voice": voice}, "", user_id)

    def edit_text(self, chat_id: int, message_id: int, text: str) -> None:
        """A person edits their own message."""
        with self.changed:
            chat, message = self.chat(chat_id), self.message(chat_id, message_id)
            if message.sender["is_bot"] or "text" not in message.body:
                raise PlayError(f"message {message_id} is no text of a person")
            content = typed(text.strip())
            message.body, message.html, message.edit_date = _worded("text", content), content.html, int(self.clock())
            self.push("edited_message", self.as_message(chat, message))

    def tap(
        self, chat_id: int, message_id: int, row: int = 0, column: int = 0, times: int = 1, user_id: int | None = None
    ) -> str:
        """Tap a button; several `times` is an impatient finger. Returns the (last) callback query's id."""
        with self.changed:
            rows = self.message(chat_id, message_id).keyboard or []
            if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
                raise PlayError(f"message {message_id} has no button at row {row}, column {column}")
            if "callback_data" not in rows[row][column]:
                raise PlayError("this button opens an address")
            data = rows[row][column]["callback_data"]
            return [self.forge(chat_id, message_id, data, user_id) for _ in range(max(times, 1))][-1]

    def forge(self, chat_id: int, message_id: int, data: str, user_id: int | None = None) -> str:
        """A callback query with any data, as a modified client sends it; the message may be gone, the user foreign."""
        with self.changed:
            chat, query_id = self.chat(chat_id), secrets.token_hex(9)
            message = chat.messages.get(message_id)
            if message is None or message.deleted:
                shown: Json = {"chat": chat.as_chat(), "message_id": message_id, "date": 0}
            else:
                shown = self.as_message(chat, message)
            self.callbacks[query_id] = None
            instance = hashlib.sha256(str(chat.id).encode()).hexdigest()[:18]
            query = {"id": query_id, "from": self._person(chat, user_id), "chat_instance": instance, "data": data}
            self.push("callback_query", {**query, "message": shown})
            return query_id

    def repeat_update(self, update: Json | None = None) -> Json:
        """Deliver an update once more with its old id: the latest, or the one given. Returns it."""
        with self.changed:
            if update is None and self.latest is None:
                raise PlayError("there was no update yet")
            repeated: Json = update or self.latest or {}
            self.bot.updates.append(Pending(repeated, again=True))
            self.tell()
            return repeated

    def fail(
        self,
        method: str,
        kind: FailureKind,
        times: int | None = 1,
        chat_id: int | None = None,
        retry_after: int = 1,
        code: int = 502,
        seconds: float = 30.0,
        delivered: bool = False,
    ) -> None:
        """The next calls of `method` (`*`: any) fail; times None: until `mend`.

        `hang` closes the connection after `seconds`, `drop` at once; `code` is for `server_error`.
        `delivered`: the call takes effect and only its answer is lost or spoiled, the case behind *unknown*.
        """
        with self.changed:
            self.failures.append(Failure(method, kind, times, chat_id, retry_after, code, seconds, delivered))

    def mend(self) -> None:
        with self.changed:
            self.failures.clear()

    def chats(self) -> list[ChatView]:
        with self.changed:
            return [
                ChatView(
                    chat.id,
                    chat.kind,
                    chat.title or f"{chat.first_person.first_name} {chat.first_person.last_name}".strip(),
                    chat.started,
                    chat.blocked,
                    chat.migrated_to,
                    len(chat.messages),
                )
                for chat in self.chats_by_id.values()
            ]

    def transcript(self, chat_id: int) -> list[TranscriptLine]:
        """The messages of a chat, the oldest first; deleted ones are marked, not left out."""
        with self.changed:
            return [_line(message) for message in self.chat(chat_id).messages.values()]

    def calls(self, method: str | None = None, chat_id: int | None = None) -> list[ApiCall]:
        """Calls in the order of their answers (polls that brought nothing are left out)."""
        with self.changed:
            return [
                call
                for call in self.log
                if method in (None, call.method) and (chat_id is None or call.chat_id == chat_id)
            ]

    def answer(self, callback_id: str) -> CallbackAnswer | None:
        """What the bot answered to a tap, None so far."""
        with self.changed:
            return self.callbacks.get(callback_id)

    def wait_until(self, check: Callable[[], object], seconds: float = 5.0) -> bool:
        """Block this thread until a check holds (asked after each change here, and now and then). Never on a loop."""
        ends = time.monotonic() + seconds
        with self.changed:
            while not check():
                if time.monotonic() >= ends:
                    return False
                self.changed.wait(0.05)
            return True

    def _open(self, person: TelegramUser) -> TelegramChat:
        self.chats_by_id[person.id] = TelegramChat(person.id, "private", {person.id: person})
        return self.chats_by_id[person.id]

    def _person(self, chat: TelegramChat, user_id: int | None) -> Json:
        if user_id is None:
            return chat.first_person.as_user()
        return chat.people[user_id].as_user() if user_id in chat.people else self.chat(user_id).first_person.as_user()

    def _send_file(self, chat_id: int, body: Json, caption: str, user_id: int | None) -> int:
        content = typed(caption.strip())
        with self.changed:
            return self._write(self.chat(chat_id), {**body, **_worded("caption", content)}, user_id, content.html)

    def _write(
        self, chat: TelegramChat, body: Json, user_id: int | None = None, html: str = "", thread_id: int | None = None
    ) -> int:
        if chat.blocked or chat.migrated_to:
            raise PlayError(f"chat {chat.id} is {'blocked' if chat.blocked else 'a supergroup now'}")
        message = self.new_message(self._person(chat, user_id), body, html)
        message.thread_id, chat.started = thread_id, True
        self.post(chat, message)
        self.push("message", self.as_message(chat, message))
        return message.id


def _worded(field: str, content: Formatted) -> Json:
    if not content.text:
        return {}
    entities = {"text": "entities", "caption": "caption_entities"}[field]
    return {field: content.text, **({entities: content.entities} if content.entities else {})}


def _line(message: TelegramMessage) -> TranscriptLine:
    body = message.body
    kinds = ("text", "document", "photo", "voice")
    kind = next((known for known in kinds if known in body), "service")
    file = body["photo"][-1] if kind == "photo" else body.get(kind, {}) if kind in ("document", "voice") else {}
    return TranscriptLine(
        message.id,
        message.sender["is_bot"],
        message.sender["first_name"],
        message.date,
        kind,  # type: ignore[arg-type]
        body.get("text") or body.get("caption") or "",
        message.html,
        tuple(
            tuple(TelegramButton(button["text"], button.get("callback_data"), button.get("url")) for button in row)
            for row in message.keyboard or []
        ),
        message.edit_date is not None,
        message.deleted,
        file.get("file_name"),
        file.get("file_id"),
    )
