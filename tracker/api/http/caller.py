"""Who calls: the bearer of an API token, as whom everything is done; rights are asked anew at each call."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from sqlmodel import Session

from tracker.api.http.errors import Unauthorized
from tracker.db import Database
from tracker.domain.errors import FieldError, Invalid, NotFound
from tracker.domain.terms import Scope, Way
from tracker.services.access.tokens import find_token, touch
from tracker.services.ground.journal import Actor
from tracker.services.house.installation import clock
from tracker.settings import Settings
from tracker.wording.languages import preferred

Connection = ASGIConnection[Any, Any, Any, Any]


class ApiState(Protocol):
    """What the root puts into the application's state."""

    @property
    def settings(self) -> Settings: ...

    @property
    def database(self) -> Database: ...

    @property
    def wall(self) -> Callable[[], datetime]: ...


@dataclass(frozen=True)
class Caller:
    """One call. `seen`: the version named by an If-Match header."""

    person_id: int
    language: str
    now: datetime
    database: Database
    seen: int | None = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.database.reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.database.writing() as session:
            yield session

    @property
    def actor(self) -> Actor:
        return Actor(self.person_id, Way.API, at=self.now)

    def on_behalf(self, person_id: int | None) -> Actor:
        """«Со слов»: the caller notes what somebody else said."""
        return Actor(self.person_id, Way.API, person_id if person_id != self.person_id else None, self.now)


def language_of(connection: Connection, default: str = "") -> str:
    """The first language of Accept-Language that we speak, else the person's, else the installation's."""
    caller = connection.scope.get("state", {}).get("caller")
    settings = connection.app.state.running.settings
    otherwise = caller.language if caller is not None else default or settings.language
    return preferred(connection.headers.get("accept-language", ""), str(otherwise))


async def bearer(connection: Connection, handler: BaseRouteHandler) -> None:
    """Litestar's guard of every route: looks the token up before the body is read."""
    # A look-up is a database's work, not the event loop's; it goes where the handlers go (see `tracker.server.app`).
    await sync_to_thread(_admit, connection, handler)


def _admit(connection: Connection, handler: BaseRouteHandler) -> None:
    running: ApiState = connection.app.state.running
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorized
    with running.database.reading() as session:
        now = running.wall()
        now = clock(session, now) if running.settings.demo else now
        try:
            found = find_token(session, Scope.API, secret.strip(), now=now)
        except NotFound:
            raise Unauthorized from None
    if found.unseen:
        with running.database.writing() as session:
            touch(session, found.id, now=now)
    connection.state.caller = Caller(
        found.person_id, language_of(connection, found.language), now, running.database, _seen(connection)
    )
    _refuse_unknown_queries(connection, handler)


def _seen(connection: Connection) -> int | None:
    """`If-Match: "3"`, as our own ETag has it."""
    tag = connection.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 10 else None


def _refuse_unknown_queries(connection: Connection, handler: BaseRouteHandler) -> None:
    """A misspelt filter would silently give everything."""
    declared = handler.parsed_fn_signature.parameters
    known = {getattr(one.kwarg_definition, "name", None) or name for name, one in declared.items()}
    wrong = [name for name in connection.query_params if name not in known]
    if wrong:
        raise Invalid(*(FieldError(name, "unknown_field") for name in dict.fromkeys(wrong)))


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """The dependency `caller` of the handlers."""
    caller: Caller = request.state.caller
    return caller
