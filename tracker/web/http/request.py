"""A request as a page function sees it: who asks, when, for what, in which language."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from sqlmodel import Session

from tracker.domain.errors import NotFound
from tracker.domain.permissions import Standing
from tracker.domain.terms import Way
from tracker.domain.worktime import day_in
from tracker.services.access.loading import kept_project
from tracker.services.access.sessions import SignedIn
from tracker.services.access.tokens import TokenHolder
from tracker.services.ground.journal import Actor
from tracker.services.ground.kept import forget, structure_after
from tracker.services.ground.presses import claim
from tracker.tables import Deadlock, Integration, Meeting, Party, Project, System
from tracker.web.http.running import Running
from tracker.wording.languages import languages, preferred
from tracker.wording.say import say, say_n

LANGUAGE_COOKIE = "auftakt_language"
THEME_COOKIE = "auftakt_theme"
SAID_COOKIE = "auftakt_said"
THEMES = ("light", "dark")


class SentFile(NamedTuple):
    name: str
    media_type: str
    content: bytes


DIGITS = 9
"""Of a number that the database can count to."""
LONG = 15
"""Digits of Telegram's numbers, which are no keys of ours."""


def number_of(text: str, digits: int = DIGITS) -> int | None:
    """Digits as a number; None for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


OWN_WORDS = re.compile(r"\S\s+\S|[^\x00-\x7f]|@|://")
SECRETS = ("password", "current", "code")


class Form:
    """A sent form: texts stripped of nothing, every field possibly there once, often or not at all."""

    def __init__(self, values: Mapping[str, list[str]], files: Mapping[str, list[SentFile]] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """The last value of that name: a checkbox stands behind its hidden "no"."""
        found = self.values.get(name)
        return found[-1] if found else default

    def texts(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def number(self, name: str, digits: int = DIGITS) -> int | None:
        """An id; None for an empty or absent field and for anything that is no number."""
        return number_of(self.text(name).strip(), digits)

    def numbers(self, name: str) -> list[int]:
        return [number for text in self.texts(name) if (number := number_of(text)) is not None]

    def file(self, name: str) -> SentFile | None:
        found = [sent for sent in self.files.get(name, []) if sent.content or sent.name]
        return found[0] if found else None

    @property
    def written(self) -> list[str]:
        """What a person wrote in their own words, to be given back where the form itself can't be drawn again.

        Known by a space, a letter that no code word has, or an address in it: the rest are choices, ids and days.
        """
        return [
            text
            for name, texts in self.values.items()
            for text in texts
            if OWN_WORDS.search(text) and name not in SECRETS
        ]

    @property
    def fingerprint(self) -> str:
        """Equal for forms that say the same."""
        files = [
            (name, one.name, hashlib.sha256(one.content).hexdigest())
            for name, sent in sorted(self.files.items())
            for one in sent
        ]
        return hashlib.sha256(repr((sorted(self.values.items()), files)).encode()).hexdigest()


async def form_of(request: Request[Any, Any, Any]) -> Form:
    """Read the body, on the event loop: the page function gets it whole. The body's size is limited by the route.

    Without the sign NUL, which no person types and PostgreSQL does not keep.
    """
    values: dict[str, list[str]] = {}
    files: dict[str, list[SentFile]] = {}
    try:
        sent = await request.form()
    except (UnicodeDecodeError, LookupError) as error:
        # Letters of an encoding that is none: no browser sends them.
        raise ClientException from error
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            file = SentFile(value.filename or "", value.content_type, await value.read())
            files.setdefault(name, []).append(file)
        elif value is not None:
            values.setdefault(name, []).append(str(value).replace("\0", ""))
    return Form(values, files)


Placed = TypeVar("Placed", Party, System, Integration, Meeting, Deadlock)
"""What a page about it stands in the project of."""


@dataclass
class ButtonPress:
    """The press of a button that makes something new (see `web.http.double_press`)."""

    key: str
    claimed: bool = False
    """Its first transaction is committed."""
    url: str = ""
    """Where the answer leads."""


class PressedBefore(Exception):
    """The same form came a moment ago, here or in another process."""


@dataclass
class Ask:
    """One request. `project` and `standing` are there for routes guarded by MEMBER or CONDUCTOR."""

    request: Request[Any, Any, Any]
    running: Running
    form: Form
    now: datetime
    person: SignedIn | None = None
    project: Project = field(default=None)  # type: ignore[assignment]
    standing: Standing = field(default=None)  # type: ignore[assignment]
    holder: TokenHolder | None = None
    """Whose private address it is, on a page that is guarded by LINK."""
    session: Session | None = None
    """Open as long as the request is worked at; it only reads."""
    structure: int | None = None
    """The counter of the structure as this request's own change left it."""
    project_id: int | None = None
    """Of the project in the address, not yet entered."""
    press: ButtonPress | None = None
    fresh_until: datetime | None = None
    """When what is shown would change although nothing happened; a page sets it for its ETag."""

    @property
    def entered(self) -> bool:
        """Whether the project of the path has been found already."""
        return bool(self.project)

    def into(self, session: Session, found: tuple[Placed, Standing]) -> Placed:
        """What was found as this person may see it; the page is in its project from now on."""
        one, mine = found
        if self.entered and one.project_id != self.project.id:
            raise NotFound
        self.project, self.standing = kept_project(session, one.project_id), mine
        return one

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The request's own session; where something may have been changed, it has forgotten what was before."""
        if self.session is not None:
            if self.request.method == "POST":
                forget(self.session, self.structure)
            yield self.session
            return
        with self.running.database.reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        self.structure = None
        press = self.press if self.press is not None and not self.press.claimed else None
        with self.running.database.writing() as session:
            if press is not None and not claim(session, press.key, now=self.now):
                raise PressedBefore
            yield session
            session.flush()
            self.structure = structure_after(session)
        if press is not None:
            press.claimed = True

    @property
    def is_htmx(self) -> bool:
        """Whether a fragment is wanted. Says nothing about rights: anybody can send the header."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and "hx-history-restore-request" not in headers

    @property
    def signed_in(self) -> SignedIn:
        if self.person is None:
            raise NotFound  # a route that is OPEN asked for a person it does not have
        return self.person

    @property
    def actor(self) -> Actor:
        return Actor(self.signed_in.person_id, Way.WEB, at=self.now)

    def on_behalf(self, person_id: int | None) -> Actor:
        """«Со слов»: the signed-in person notes what somebody else said."""
        me = self.signed_in.person_id
        return Actor(me, Way.WEB, person_id if person_id != me else None, self.now)

    @cached_property
    def language(self) -> str:
        chosen = self.request.cookies.get(LANGUAGE_COOKIE)
        if chosen in languages():
            return chosen
        if self.holder is not None:
            return self.holder.language
        if self.person is not None:
            return self.person.language
        return preferred(self.request.headers.get("accept-language", ""), self.running.settings.language)

    @property
    def theme(self) -> str:
        """light, dark, or empty: as the device has it."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def zone(self) -> ZoneInfo:
        reader = self.holder or self.person
        return ZoneInfo(reader.timezone if reader else self.running.settings.timezone)

    @cached_property
    def today(self) -> date:
        return day_in(self.zone, self.now)

    @cached_property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def here(self) -> str:
        """This page's own address, to come back to."""
        return f"{self.path}?{self.request.url.query}" if self.request.url.query else self.path

    @property
    def address(self) -> str:
        """The network address, as the server tells it (behind a proxy it is told whom to believe)."""
        return self.request.client.host if self.request.client else ""

    def gettext(self, text: str, /, **facts: Any) -> str:
        return say(self.language, text, **facts)

    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> str:
        return say_n(self.language, one, many, n, **facts)

    def with_query(self, **changes: str | None) -> str:
        """This page's address with some of its query changed; empty values go, and so does the place in the list."""
        kept = {name: value for name, value in self.query.items() if name != "after"}
        asked = {name: value for name, value in {**kept, **changes}.items() if value}
        return f"{self.path}?{urlencode(asked)}" if asked else self.path


def local_path(text: str, default: str = "/") -> str:
    """A path of this site to go on to, or the default: never another site's address."""
    good = text.startswith("/") and not text.startswith(("//", "/\\")) and all(sign.isprintable() for sign in text)
    return text if good and "\\" not in text else default
