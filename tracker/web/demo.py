"""The demo's Telegram: a visitor plays the contractors, with no token and no network. Only there in a demo.

The messenger is the bot's own emulator; the root lends it to the pages (`app.state.world`), and with it one round of
clock and delivery (`app.state.round`), so that what a moved clock makes due arrives at once.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, cast

import sqlalchemy as sa
from sqlmodel import col

from tracker.db import rows
from tracker.domain.alphabet import by_name
from tracker.domain.errors import FieldError, Invalid, NotFound
from tracker.domain.terms import Scope
from tracker.services.access.tokens import issue_for
from tracker.services.ground.journal import ENGINE
from tracker.services.house.installation import is_demo, move_clock_to_next_working_morning
from tracker.tables import Membership, Party, Person, Project
from tracker.web.http.guards import Guard
from tracker.web.http.request import LONG, Ask
from tracker.web.http.responses import Answer, context_of, fragment, page, saved, see_other
from tracker.web.http.routes import get, post
from tracker.web.http.templates import render
from tracker.wording.dates import long_day

PATIENCE = 4.0
"""Seconds that a page waits for the bot's answer; the chat looks again by itself later."""
TEXT_LIMIT = 4000
FILE_LIMIT = 5_000_000


class TalkLine(Protocol):
    """A message. `html` is safe: the emulator has escaped it and lets Telegram's few tags through."""

    @property
    def message_id(self) -> int: ...
    @property
    def from_bot(self) -> bool: ...
    @property
    def date(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def buttons(self) -> Sequence[Sequence[Any]]: ...
    @property
    def edited(self) -> bool: ...
    @property
    def deleted(self) -> bool: ...
    @property
    def file_name(self) -> str | None: ...


class Messenger(Protocol):
    """What the pages need of the emulated Telegram. What a person there can't do is a LookupError."""

    def add_user(self, first_name: str, last_name: str = "", username: str = "", language_code: str = "ru") -> int: ...
    def chats(self) -> Sequence[Any]: ...
    def transcript(self, chat_id: int) -> Sequence[TalkLine]: ...
    def start(self, chat_id: int, payload: str = "") -> int: ...
    def send_text(self, chat_id: int, text: str) -> int: ...
    def send_photo(self, chat_id: int, content: bytes, caption: str = "") -> int: ...
    def send_document(self, chat_id: int, name: str, content: bytes, mime_type: str = "", caption: str = "") -> int: ...
    def tap(self, chat_id: int, message_id: int, row: int = 0, column: int = 0) -> str: ...
    def answer(self, callback_id: str) -> Any: ...
    def wait_until(self, check: Callable[[], object], seconds: float = 5.0) -> bool: ...


class DemoChat(NamedTuple):
    """Somebody's chat with the bot, as the list shows it."""

    id: int
    name: str
    party: str
    role: str
    last: str
    last_at: datetime | None
    asks: bool
    """The last word is the bot's, with buttons under it."""


class Invitee(NamedTuple):
    person_id: int
    name: str
    party: str


def _messenger(ask: Ask) -> Messenger:
    """NotFound where there is no demo: these pages are for nobody then."""
    world = ask.request.app.state.get("world")
    if world is None or not ask.running.settings.demo:
        raise NotFound
    return cast(Messenger, world)


class _Played(NamedTuple):
    person_id: int
    chat_id: int | None
    name: str
    party: str
    role: str


def _people(ask: Ask) -> list[_Played]:
    """Everybody of the demo's projects, by party."""
    columns: tuple[Any, ...] = (
        col(Person.id), col(Person.telegram_chat_id), col(Person.name), sa.func.coalesce(Party.name, ""),
        col(Membership.role),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Project, col(Project.id) == col(Membership.project_id))
        .outerjoin(Party, col(Party.id) == col(Membership.party_id))
        .where(
            col(Person.archived_at).is_(None), col(Membership.archived_at).is_(None), col(Project.archived_at).is_(None)
        )
        .order_by(col(Person.id))
    )
    with ask.reading() as session:
        everybody = [_Played(*row) for row in rows(session, query)]
    found = sorted(everybody, key=lambda one: (by_name(one.party), by_name(one.name)))
    return list({one.person_id: one for one in reversed(found)}.values())[::-1]


def _chats(ask: Ask, messenger: Messenger) -> list[DemoChat]:
    """Contractors first, who conducts last: it is the contractors whom the visitor plays."""
    people = {one.chat_id: one for one in _people(ask)}
    found: list[DemoChat] = []
    for view in messenger.chats():
        if view.kind != "private":
            continue
        known = people.get(view.chat_id)
        lines = [line for line in messenger.transcript(view.chat_id) if not line.deleted and line.kind != "service"]
        last = lines[-1] if lines else None
        found.append(
            DemoChat(
                view.chat_id,
                known.name if known else view.title,
                known.party if known else "",
                known.role if known else "",
                last.text if last else "",
                datetime.fromtimestamp(last.date, UTC) if last else None,
                last is not None and last.from_bot and bool(last.buttons),
            )
        )
    return sorted(found, key=lambda one: (one.role == "conductor", not one.asks, one.last_at is None))


def _facts(ask: Ask, chat_id: int | None) -> dict[str, Any]:
    messenger = _messenger(ask)
    chats = _chats(ask, messenger)
    chat = next((one for one in chats if one.id == chat_id), None)
    if chat_id is not None and chat is None:
        raise NotFound
    with_chat = {one.name for one in chats}
    invitees = [
        Invitee(one.person_id, one.name, one.party)
        for one in _people(ask)
        if one.chat_id is None and one.name not in with_chat
    ]
    facts: dict[str, Any] = {"chats": chats, "chat": chat, "invitees": invitees, "lines": [], "stand": ""}
    if chat is not None:
        lines = [line for line in messenger.transcript(chat.id) if not line.deleted]
        # The newest first: the page turns the list round, so that a browser without scripts shows its end.
        facts |= {"lines": lines[::-1], "stand": _stand(lines)}
    return facts


def _stand(lines: Sequence[TalkLine]) -> str:
    """A mark of what the chat says: the page asks for the chat only when it has changed."""
    said = repr([(line.message_id, line.text, line.edited, len(line.buttons)) for line in lines])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@get("/demo/telegram", guard=Guard.OPEN)
def chats(ask: Ask) -> Answer:
    return page(ask, "demo/telegram.html", **_facts(ask, None), moved=_is_movable(ask))


@get("/demo/telegram/{chat_id:int}", guard=Guard.OPEN)
def chat(ask: Ask, chat_id: int) -> Answer:
    facts = _facts(ask, chat_id)
    if not ask.is_htmx:
        return page(ask, "demo/telegram.html", **facts, moved=_is_movable(ask))
    if ask.query.get("stand") == facts["stand"]:
        return fragment("", status=204)
    return fragment(_talk(ask, facts))


def _talk(ask: Ask, facts: dict[str, Any]) -> str:
    return render("demo/_talk.html", ask.language, **context_of(ask), **facts)


def _is_movable(ask: Ask) -> bool:
    with ask.reading() as session:
        return is_demo(session)


@post("/demo/telegram/{chat_id:int}/tap", guard=Guard.OPEN, slow=True)
def tap(ask: Ask, chat_id: int) -> Answer:
    """A button of a message. Its toast is said as the messenger would; the message has changed by then."""
    messenger, form = _messenger(ask), ask.form
    before = _stand(messenger.transcript(_known(messenger, chat_id)))
    pressed = form.number("message", LONG), form.number("row"), form.number("column")
    if None in pressed:
        raise Invalid(FieldError("message", "required"))
    try:
        query = messenger.tap(chat_id, *cast(tuple[int, int, int], pressed))
    except LookupError:
        return _back(ask, chat_id, ask.gettext("This button is gone: the message has changed."))
    if messenger.wait_until(lambda: messenger.answer(query) is not None, PATIENCE):
        messenger.wait_until(lambda: _stand(messenger.transcript(chat_id)) != before, 1.0)
    answer = messenger.answer(query)
    return _back(ask, chat_id, (answer.text if answer else "") or "")


@post("/demo/telegram/{chat_id:int}/send", guard=Guard.OPEN, limit=FILE_LIMIT, slow=True)
def send(ask: Ask, chat_id: int) -> Answer:
    """Words, a picture or a file, as a person would send them."""
    messenger, text, file = _messenger(ask), ask.form.text("text").strip()[:TEXT_LIMIT], ask.form.file("file")
    _known(messenger, chat_id)
    if file is not None and file.content:
        if file.media_type in ("image/jpeg", "image/png", "image/webp"):
            last = messenger.send_photo(chat_id, file.content, text)
        else:
            last = messenger.send_document(chat_id, file.name, file.content, file.media_type, text)
    elif text:
        last = messenger.send_text(chat_id, text)
    else:
        return _back(ask, chat_id, "")
    messenger.wait_until(lambda: _has_answered(messenger, chat_id, last), PATIENCE)
    return _back(ask, chat_id, "")


@post("/demo/telegram/{chat_id:int}/start", guard=Guard.OPEN, slow=True)
def start(ask: Ask, chat_id: int) -> Answer:
    messenger = _messenger(ask)
    last = messenger.start(_known(messenger, chat_id))
    messenger.wait_until(lambda: _has_answered(messenger, chat_id, last), PATIENCE)
    return _back(ask, chat_id, "")


@post("/demo/telegram/invite/{person_id:int}", guard=Guard.OPEN, slow=True)
def follow_invitation(ask: Ask, person_id: int) -> Answer:
    """Somebody who has no chat yet opens the bot by the link that the conductor would have sent them."""
    messenger = _messenger(ask)
    one = next((one for one in _people(ask) if one.person_id == person_id and one.chat_id is None), None)
    if one is None:
        raise NotFound("person")
    with ask.writing() as session:
        made = issue_for(session, ENGINE, person_id, Scope.START, key=ask.running.settings.key, now=ask.now)
    first, _, last = one.name.partition(" ")
    chat_id = messenger.add_user(first, last)
    sent = messenger.start(chat_id, made.secret)
    messenger.wait_until(lambda: _has_answered(messenger, chat_id, sent), PATIENCE)
    return _back(ask, chat_id, "")


@post("/demo/clock", guard=Guard.OPEN, slow=True)
def move_clock(ask: Ask) -> Answer:
    """The next working morning begins, and what is due by then goes out."""
    _messenger(ask)
    with ask.writing() as session:
        now = move_clock_to_next_working_morning(session, ENGINE, ask.running.wall())
    play_round = ask.request.app.state.get("round")
    sent = play_round() if play_round is not None else 0
    local = now.astimezone(ask.zone)
    when = f"{long_day(ask.language, local.date())}, {local:%H:%M}"
    told = ask.ngettext("{n} message has gone out.", "{n} messages have gone out.", sent)
    moved = ask.gettext("It is {when} now.", when=when)
    # A new day looks different everywhere: the page is drawn anew even for htmx.
    return see_other(ask, _where(ask), f"{moved} {told}")


def _where(ask: Ask) -> str:
    chat_id = ask.form.number("chat", LONG)
    return f"/demo/telegram/{chat_id}" if chat_id else "/demo/telegram"


def _known(messenger: Messenger, chat_id: int) -> int:
    if not any(view.chat_id == chat_id and view.kind == "private" for view in messenger.chats()):
        raise NotFound
    return chat_id


def _has_answered(messenger: Messenger, chat_id: int, after: int) -> bool:
    return any(line.from_bot and line.message_id > after for line in messenger.transcript(chat_id))


def _back(ask: Ask, chat_id: int, said: str) -> Answer:
    html = _talk(ask, _facts(ask, chat_id)) if ask.is_htmx else None
    if html is not None and not said:
        return fragment(html)
    return saved(ask, f"/demo/telegram/{chat_id}#talk", said, html=html)


ROUTES = [chats, chat, tap, send, start, follow_invitation, move_clock]
