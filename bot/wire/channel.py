"""The way out through Telegram: one call a message, and what can be known of its end.

What was certainly not delivered may be tried again; what may have been never is.
"""

import logging
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import httpx

from bot.buttons import Keyboard, answers
from bot.texts import which_step
from bot.wire.connection import Connection, call, client_of, markup
from bot.wire.pacing import Pace
from tracker.domain.nudging.sending import (
    Delivered,
    Moved,
    NotConnected,
    Outcome,
    Outgoing,
    RefusedForEver,
    RetryAt,
    Unknown,
)
from tracker.domain.self_watch import Reason
from tracker.services.nudging.message_facts import PODIUM
from tracker.wording.messages import podium_line

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that a send may wait for its place; a longer wait goes back to the outbox."""
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""The request has not left: nothing can have arrived."""
BROKEN = (401, 404)
"""The token is revoked, or is none."""

Tell = Callable[[str], None]


def wall_clock() -> datetime:
    return datetime.now(UTC)


class TelegramChannel:
    """What delivery calls, from its own thread. `tell` hears a reason when the token opens nothing, and nothing when a
    message goes out again; `wall` gives the moment of a retry. To be closed."""

    def __init__(
        self,
        line: Connection,
        pace: Pace,
        *,
        tell: Tell = lambda _trouble: None,
        wall: Callable[[], datetime] = wall_clock,
    ) -> None:
        self.line = line
        self.pace = pace
        self.tell = tell
        self.told: str | None = None
        self.wall = wall
        self.client = client_of(line)

    def close(self) -> None:
        self.client.close()

    def __call__(self, message: Outgoing) -> Outcome:
        try:
            chat_id = int(message.address)
        except ValueError:
            return RefusedForEver("no such chat")
        wait = self.pace.free_at(chat_id, time.monotonic()) - time.monotonic()
        if wait > PATIENCE:
            return RetryAt(self.wall() + timedelta(seconds=wait))
        time.sleep(max(0.0, self.pace.book(chat_id, time.monotonic()) - time.monotonic()))
        keyboard = keyboard_of(message)
        below = _which(message) + _home(message, self.line.public_url)
        params = _params(chat_id, message.html + escape(below), keyboard)
        outcome = self._call(chat_id, params | {"parse_mode": "HTML"})
        if isinstance(outcome, Unknown) and "can't parse entities" in outcome.detail:
            # Our escaping is at fault; the message was refused whole, so it may go without markup.
            log.error("message %s: %s", message.message_id, outcome.detail)
            return self._call(chat_id, _params(chat_id, message.plain + below, keyboard))
        return outcome

    def _call(self, chat_id: int, params: dict[str, Any]) -> Outcome:
        try:
            status, answer = call(self.client, self.line, "sendMessage", params)
        except NOT_SENT as error:
            return NotConnected(type(error).__name__)
        except httpx.HTTPError as error:
            return Unknown(type(error).__name__)
        if status == 200 and answer.get("ok"):
            self._now("")
            return Delivered(chat_id, answer["result"]["message_id"])
        now = self.wall()
        outcome = _refusal(status, answer, now)
        if isinstance(outcome, RetryAt):
            self.pace.bar(chat_id, time.monotonic() + (outcome.at - now).total_seconds())
        if status in BROKEN:
            self._now(Reason.BAD_TOKEN)
        return outcome

    def _now(self, trouble: str) -> None:
        """Told when it changes, and once after the start: a former process may have left another word."""
        if trouble == self.told:
            return
        try:
            self.tell(trouble)
            self.told = trouble
        except Exception:
            # The outcome of the message matters more than the word about the channel: the next one tells again.
            log.exception("the channel's state was not kept")


def _which(message: Outgoing) -> str:
    """Under a list: which of its steps the buttons answer."""
    return "\n" + which_step(message.language) if len(message.tasks) > 1 else ""


def _home(message: Outgoing, public_url: str) -> str:
    """The link to the podium, under what waits there. A button would be refused for the address of a local house."""
    if PODIUM not in dict(message.facts) or not public_url:
        return ""
    return "\n" + podium_line(message.language, f"{public_url}/")


def keyboard_of(message: Outgoing) -> Keyboard:
    """The answers to the first task; the others follow in the same message, one after another."""
    if not message.tasks:
        return ()
    first = message.tasks[0]
    return answers(
        message.language,
        first.id,
        first.episode,
        ask=first.step,
        needed_by=first.needed_by,
        may_snooze=first.may_snooze,
        next_one=len(message.tasks) > 1,
    )


def _params(chat_id: int, text: str, keyboard: Keyboard) -> dict[str, Any]:
    params = {"chat_id": chat_id, "text": _cut(text), "link_preview_options": {"is_disabled": True}}
    return {**params, "reply_markup": markup(keyboard)} if keyboard else params


def _cut(text: str) -> str:
    """Texts are worded far below the limit of 4096; what is longer all the same loses its markup, not its meaning."""
    if len(text.encode("utf-16-le")) // 2 <= 4096:
        return text
    return re.sub(r"<[^>]*>", "", text)[:2000]


def _refusal(status: int, answer: dict[str, Any], now: datetime) -> Outcome:
    said = str(answer.get("description", f"HTTP {status}"))
    parameters = answer.get("parameters") or {}
    if status == 429:
        wait = float(parameters.get("retry_after", 5)) + random.uniform(0.2, 1.5)
        return RetryAt(now + timedelta(seconds=wait))
    if "migrate_to_chat_id" in parameters:
        return Moved(int(parameters["migrate_to_chat_id"]))
    if status == 403 or (status == 400 and "chat not found" in said):
        return RefusedForEver(_reason(said))
    if status in BROKEN:
        return NotConnected("the token is not accepted")
    # 5xx: it may have arrived. Another 400 is our own mistake: it did not arrive, and trying it again would not help.
    return Unknown(said)


REASONS = (
    ("blocked by the user", "blocked"),
    ("user is deactivated", "deactivated"),
    ("can't initiate", "not_started"),
    ("kicked", "kicked"),
    ("chat not found", "chat_not_found"),
)


def _reason(said: str) -> str:
    return next((reason for words, reason in REASONS if words in said), said.removeprefix("Forbidden: "))
