"""The two databases every test of stored things runs on: SQLite and PostgreSQL, fresh and migrated for each test."""

import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from tracker.db import Database

import tracker.db as _d

_d.SYNCHRONOUS = "OFF"
import tracker.services.ground.journal as _j

_orig = _j._unsaid


def _spy():
    import traceback

    for f in reversed(traceback.extract_stack()):
        if (
            "/journal/tests/" in f.filename
            or ("/tracker/" in f.filename and not f.filename.endswith(("db.py", "ground/journal.py")))
            or "/bot/" in f.filename
        ):
            if "conftest" in f.filename and f.name == "_spy":
                continue
            with open("/tmp/w/jr/noted.txt", "a") as o:
                o.write(f"{f.filename}:{f.lineno} {f.name}\n")
            break
    return _orig()


_j._unsaid = _spy


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running PostgreSQL where databases may be made: a given one, else our own for this run."""
    given = os.environ.get("AUFTAKT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    runtime = tmp_path_factory.mktemp("run")
    runtime.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        # The wheel keeps its lock and socket in the user's runtime folder, which root has not got.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        import pgserver  # not above: it reads the variable while it is imported

        # In memory where the machine has such a folder: each test's database is a few hundred small files.
        memory = Path("/dev/shm")
        home = tempfile.mkdtemp(prefix="auftakt-pg-", dir=memory if os.access(memory, os.W_OK) else None)
        server = pgserver.get_server(Path(home) / "data")
        try:
            # Nothing here outlives the run, so nothing has to outlive a power cut: a third of the time of each test.
            with psycopg.connect(server.get_uri(), autocommit=True) as admin:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
                admin.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to be copied."""
    from tracker.migrations import upgrade

    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{file}")
    # One copied file has to be the whole database: fold the write-ahead log in.
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture(scope="session")
def postgresql_copies(postgresql_server: str) -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """Makes one migrated PostgreSQL database per `with`: 30 ms for the copy of a template, 15 ms to drop it."""
    from tracker.migrations import upgrade

    numbers = itertools.count(1)
    template = f"auftakt_test_{os.getpid()}"

    def address(name: str) -> str:
        return make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)

    with psycopg.connect(postgresql_server, autocommit=True) as admin:

        @contextmanager
        def fresh(name: str, like: str) -> Iterator[str]:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            admin.execute(create.format(sql.Identifier(name), sql.Identifier(like)))
            try:
                yield address(name)
            finally:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

        with fresh(template, "template0") as url:
            upgrade(url)
            yield lambda: fresh(f"{template}_{next(numbers)}", template)


EMPTIED = """
SET session_replication_role = replica;
{deletes}
INSERT INTO project_chain (project_id, seq, head) VALUES (0, 0, '');
SELECT setval(c.oid, 1, false) FROM pg_class c WHERE c.relkind = 'S';
SET session_replication_role = origin;
{triggers}
"""


@pytest.fixture(scope="session")
def postgresql_emptied(postgresql_copies: Callable[[], AbstractContextManager[str]]) -> Iterator[Callable[[], str]]:
    """One migrated database for all tests, emptied before each: 5 ms, where copying the template takes 40 or more."""
    from tracker.tables import SQLModel

    tables = [table.name for table in SQLModel.metadata.sorted_tables]
    script = EMPTIED.format(
        deletes="\n".join(f'DELETE FROM "{name}";' for name in tables),
        triggers="\n".join(
            f"ALTER TABLE {name} ENABLE TRIGGER USER;" for name in ("event", "event_payload", "project_chain")
        ),
    )
    with postgresql_copies() as url, psycopg.connect(url, autocommit=True) as janitor:

        def emptied() -> str:
            janitor.execute(script.encode())
            return url

        yield emptied


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database; a test that takes it runs once on each of the two.

    A test that changes the schema or replaces the database is marked `own_database`.
    """
    if request.param == "sqlite":
        file = tmp_path / "auftakt.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
    elif request.node.get_closest_marker("own_database"):
        with request.getfixturevalue("postgresql_copies")() as url:
            yield url
    else:
        yield request.getfixturevalue("postgresql_emptied")()


@pytest.fixture
def db(database_url: str) -> Iterator["Database"]:
    """An open, empty, migrated database, once SQLite and once PostgreSQL."""
    from tracker.services.ground.opening import open_database
    from tracker.services.house.journal_check import verify_journal
    from tracker.services.house.row_check import verify_rows

    database = open_database(database_url)
    yield database
    try:
        with database.steady() as session:
            found = verify_journal(session)
            problems = [*found.problems, *verify_rows(session, found.lines)]
            from sqlmodel import select

            from tracker.tables import Event

            noted = session.exec(select(Event.id).where(Event.kind == "journal.noted")).all()
    except Exception as e:
        problems, noted = [repr(e)[:200]], []
    if problems or noted:
        import os

        with open("/tmp/w/jr/found.txt", "a") as f:
            f.write(f"{os.environ['PYTEST_CURRENT_TEST']}\n")
            f.writelines(f"      {p}\n" for p in problems[:6])
            if noted:
                f.write(f"      NOTED {len(noted)}\n")
    database.close()
