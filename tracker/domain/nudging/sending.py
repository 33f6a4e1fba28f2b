"""What leaves the house, and what may become of it: the contract between delivery and a channel.

A channel is a function `Outgoing -> Outcome`. It never raises for what the network did: only it can tell "was
certainly not delivered" from "nobody knows", and delivery treats the two as opposites.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple


class OutgoingTask(NamedTuple):
    """A task named in the message, for its buttons. Only the first one of a message has them at once."""

    id: int
    number: int
    project_key: str
    title: str
    step: str
    needed_by: date | None
    may_snooze: bool
    episode: int = 0
    """Which question this is: an answer to an older one is shown how things stand. 0: any will do."""


class Outgoing(NamedTuple):
    """A message on its way. `address`: a chat id for Telegram, an e-mail address for mail, both as text.

    `html` is safe for Telegram's parse mode HTML; `plain` is the same without markup.
    """

    message_id: int
    person_id: int
    language: str
    channel: str
    address: str
    kind: str
    subject: str
    html: str
    plain: str
    tasks: tuple[OutgoingTask, ...] = ()
    facts: tuple[tuple[str, object], ...] = ()


class Delivered(NamedTuple):
    """It arrived. The ids are Telegram's; mail has none."""

    chat_id: int | None = None
    message_id: int | None = None


class RetryAt(NamedTuple):
    """Certainly not delivered: asked to come back later (429)."""

    at: datetime


class NotConnected(NamedTuple):
    """Certainly not delivered: nobody was reached."""

    detail: str = ""


class RefusedForEver(NamedTuple):
    """Certainly not delivered, and never will be this way: blocked, gone, no such chat or mailbox."""

    reason: str


class Moved(NamedTuple):
    """Certainly not delivered: the chat has another id now."""

    chat_id: int


class Unknown(NamedTuple):
    """It may have arrived: a 5xx, a time-out. Never sent again."""

    detail: str = ""


Outcome = Delivered | RetryAt | NotConnected | RefusedForEver | Moved | Unknown
Send = Callable[[Outgoing], Outcome]
