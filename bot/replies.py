"""What a reply is made of, before any messenger sees it."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session

from bot.buttons import Action, Keyboard
from tracker.services.channels.telegram import Linked
from tracker.tables import ChatMessage


class Reply(NamedTuple):
    """`text` is HTML. `task_id`: the task that this message shows, for what is said next to it."""

    text: str
    keyboard: Keyboard = ()
    task_id: int | None = None


class Pressed(NamedTuple):
    """What comes of a press: the toast, and the message in its new form (None: it stays as it is)."""

    toast: str
    reply: Reply | None = None


class LinkBase(NamedTuple):
    """What a link to a private page is made of."""

    key: bytes
    public_url: str
    uploads: Path


class Tap(NamedTuple):
    """A press by a linked person, inside a writing transaction."""

    session: Session
    who: Linked
    chat_id: int
    message_id: int
    action: Action
    data: str
    place: LinkBase
    now: datetime
    message: ChatMessage | None = None
    """What the chat remembers of the message; None: nothing yet."""
