"""One engine for each process, two ways to use it: `reading()` and `writing()`.

SQLite takes writers one at a time, so a process queues its own behind a lock (measured: the 95th percentile of a
write fell from 300-540 ms to 16-19 ms) and says BEGIN IMMEDIATE, since a read-then-write transaction would otherwise
fail at once when another process wrote in between; `busy_timeout` does not cure that. PostgreSQL needs neither.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, Executable, String, create_engine, event, orm, text, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session

READING, CONNECTION = "reading", "connection"
"""Marks in `session.info`: of a session that only reads; its connection."""

BeforeCommit = Callable[[Session], None]


def rows(session: Session, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """Several columns of many rows. SQLModel's own `exec` types four columns at most and warns of `execute`."""
    return orm.Session.execute(session, statement, values).all()


def columns(session: Session, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """Columns only, past the ORM: a prepared statement takes 0.05 ms so, where building and ORM take 0.27 ms."""
    if session.autoflush and (session.new or session.dirty or session.deleted):
        session.flush()
    return connection_of(session).execute(statement, values).all()


def connection_of(session: Session) -> Connection:
    """The session's own, asked for once: a tenth of a small statement's time goes into asking."""
    found: Connection | None = session.info.get(CONNECTION)
    if found is None or found.closed:
        found = session.info[CONNECTION] = session.connection()
    return found


CHUNK = 500
"""Ids in one IN list: below SQLite's oldest limit of variables, with room."""


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """In lists that an IN takes, in ascending order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def upsert(session: Session, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can be told what to do ON CONFLICT: both databases can, SQLAlchemy offers it by dialect alone.

    Of two that insert the same at once the second waits for the first, and then knows.
    """
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def as_stored(moment: Any) -> Any:
    """A column of moments as the driver gives them, for lists that keep what they draw: see `moment_of`.

    Turning texts into moments takes longer than reading the row, and most rows are the same as last time.
    """
    return type_coerce(moment, String).label(moment.key)


def moment_of(stored: str | datetime | None) -> datetime | None:
    """The moment that `as_stored` left as it was: SQLite's text without a zone is UTC."""
    if stored is None:
        return None
    if isinstance(stored, str):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return stored.astimezone(UTC)


def normal_url(url: str) -> URL:
    """`postgresql://` implies psycopg; a SQLite file's folder is made on `open_database`."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed


def lock_for(url: URL) -> AbstractContextManager[Any]:
    return threading.Lock() if url.get_backend_name() == "sqlite" else nullcontext()


@dataclass(frozen=True)
class Database:
    """An open database. `before_commit` runs as the last act of each writing transaction (the journal's seal)."""

    engine: Engine
    before_commit: BeforeCommit
    write_lock: AbstractContextManager[Any] = field(default_factory=nullcontext)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @cached_property
    def readers(self) -> Engine:
        """Made once. On SQLite the engine itself: setting and resetting the driver's isolation would cost two more
        statements for each session."""
        return self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: no transaction is held (AUTOCOMMIT)."""
        with self._told_of_silence(), Session(self.readers, expire_on_commit=False) as session:
            session.info[READING] = True
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction is committed at the end, and rolled back if the body raises.

        Keep it short, and render after it: on SQLite nobody else writes meanwhile.
        """
        begun = Session(self.engine, expire_on_commit=False, autoflush=True)
        with self._told_of_silence(), self.write_lock, begun as session:
            if self.is_sqlite:
                connection_of(session).exec_driver_sql("BEGIN IMMEDIATE")
            yield session
            session.flush()
            self.before_commit(session)
            session.commit()

    @contextmanager
    def _told_of_silence(self) -> Iterator[None]:
        """What is open when the database stops answering may refuse for ever, even once the file is mended: whoever
        comes next opens anew."""
        try:
            yield
        except DBAPIError as error:
            if does_not_answer(error):
                self.engine.dispose()
            raise

    def close(self) -> None:
        self.engine.dispose()


def does_not_answer(error: Exception) -> bool:
    """The database is not there, or is none any more: SQLite says of a broken file neither the one nor the other."""
    return isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError


def counts_too_far(error: Exception) -> bool:
    """A number in the address is larger than the database counts: nothing has it. Each says so in a way of its own."""
    if isinstance(error, DataError):
        return getattr(error.orig, "sqlstate", "") == "22003"
    return isinstance(error, OverflowError) and "SQLite INTEGER" in str(error)


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "busy_timeout=5000",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "cache_size=-2000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def make_engine(url: URL, pool_size: int = 5) -> Engine:
    """An engine with our SQLite settings: there each statement is committed by itself until somebody says BEGIN.

    `Database.writing` says it itself and not an event: an engine that anybody listens to takes a tenth longer for each
    statement. Statements' values never reach a log (`hide_parameters`).
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    # A file's connection does not break: only a server's is tried before it is used.
    engine = create_engine(url, hide_parameters=True, pool_size=pool_size, max_overflow=10, pool_pre_ping=not is_sqlite)
    if is_sqlite:
        event.listen(engine, "connect", _sqlite_connect)
    return engine


def refresh_statistics(database: Database) -> None:
    """Tell SQLite's planner how selective its indexes are (8 ms; PostgreSQL does so by itself).

    Without it a filter by person walks the whole order's index: 15 to 50 ms instead of 0.05 with 10,000 tasks.
    """
    if database.is_sqlite:
        with database.write_lock, database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def is_alive(database: Database) -> bool:
    """Whether the database answers at all."""
    try:
        with database.reading() as session:
            session.connection().execute(text("SELECT 1"))
    except Exception:
        # Whatever the driver raises: for readiness there is only "answers" and "does not".
        return False
    return True
