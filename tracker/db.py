"""One engine for each process, two ways to use it: `reading()` and `writing()`.

SQLite takes writers one at a time, so a process queues its own behind a lock (measured: the 95th percentile of a
write fell from 300-540 ms to 16-19 ms) and says BEGIN IMMEDIATE, since a read-then-write transaction would otherwise
fail at once when another process wrote in between; `busy_timeout` does not cure that. PostgreSQL needs neither.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, Executable, String, create_engine, event, orm, text, type_coerce
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session

READING, ALONE, CONNECTION = "reading", "alone", "connection"
"""Marks in `session.info`: of a session that only reads; of one beside which nobody else can write; its connection."""

BeforeCommit = Callable[[Session], None]

SYNCHRONOUS = "FULL"
"""SQLite in WAL mode: each commit is on the disk before anybody is told that it was made. NORMAL would lose the last
ones in a power cut, and with them what the journal has promised. Measured with 800 bytes a commit: 0.011 ms without,
with it 0.15 ms on a quiet disk, 5.5 ms (p95 12) on one that others write to, 0.014 ms in memory."""


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
    marks: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    """What each session finds in its `info`: the keys of the journal."""

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
        with self._told_of_silence(), Session(self.readers, expire_on_commit=False, info=dict(self.marks)) as session:
            session.info[READING] = True
            yield session

    @contextmanager
    def steady(self) -> Iterator[Session]:
        """A reading session that sees one moment throughout, whatever others write meanwhile. For long looks only."""
        with self._told_of_silence():
            steady = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
            with Session(steady, expire_on_commit=False, info={**self.marks, READING: True}) as session:
                if self.is_sqlite:
                    connection_of(session).exec_driver_sql("BEGIN")
                yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction is committed at the end, and rolled back if the body raises.

        Keep it short, and render after it: on SQLite nobody else writes meanwhile.
        """
        begun = Session(self.engine, expire_on_commit=False, autoflush=True, info=dict(self.marks))
        with self._told_of_silence(), self.write_lock, begun as session:
            if self.is_sqlite:
                connection_of(session).exec_driver_sql("BEGIN IMMEDIATE")
                session.info[ALONE] = True
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


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "busy_timeout=5000",
        "journal_mode=WAL",
        f"synchronous={SYNCHRONOUS}",
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
