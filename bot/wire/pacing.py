"""How fast the bot may write: Telegram allows about one message a second to a chat, 20 a minute to a group, 30 in all.

We stay below. The limits are dynamic, so a 429 bars its chat for as long as it says; the others go on.
"""

import threading
from collections import deque
from dataclasses import dataclass, field

CHAT_GAP = 1.0
GROUP_ROOM = 20
GROUP_SPAN = 60.0
ALL_GAP = 1 / 25


@dataclass
class Pace:
    """Moments are seconds of one monotonic clock. Asked from several threads: the channel and the handlers share it."""

    next_by_chat: dict[int, float] = field(default_factory=dict)
    sent_to_group: dict[int, deque[float]] = field(default_factory=dict)
    barred: dict[int, float] = field(default_factory=dict)
    next_of_all: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def free_at(self, chat_id: int, at: float) -> float:
        """When a message to this chat may go; `at` itself if now."""
        with self.lock:
            return self._free_at(chat_id, at)

    def book(self, chat_id: int, at: float) -> float:
        """Take the next place for this chat; returns its moment."""
        with self.lock:
            moment = max(self._free_at(chat_id, at), self.next_of_all)
            self.next_of_all = moment + ALL_GAP
            self.next_by_chat[chat_id] = moment + CHAT_GAP
            if chat_id < 0:
                self.sent_to_group.setdefault(chat_id, deque(maxlen=GROUP_ROOM)).append(moment)
            self._forget(at)
            return moment

    def bar(self, chat_id: int, until: float) -> None:
        """After a 429: nothing to this chat before that moment."""
        with self.lock:
            self.barred[chat_id] = max(until, self.barred.get(chat_id, until))

    def barred_until(self, chat_id: int) -> float:
        """0: it may be written to."""
        return self.barred.get(chat_id, 0.0)

    def _free_at(self, chat_id: int, at: float) -> float:
        moment = max(at, self.next_by_chat.get(chat_id, at), self.barred.get(chat_id, at))
        sent = self.sent_to_group.get(chat_id)
        if sent is not None and len(sent) == GROUP_ROOM:
            moment = max(moment, sent[0] + GROUP_SPAN)
        return moment

    def _forget(self, at: float) -> None:
        if len(self.next_by_chat) > 10_000:
            self.next_by_chat = {chat: moment for chat, moment in self.next_by_chat.items() if moment > at}
            self.barred = {chat: moment for chat, moment in self.barred.items() if moment > at}
