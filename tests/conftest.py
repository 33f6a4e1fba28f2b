"""The two databases every test of stored things runs on: SQLite and PostgreSQL, fresh and migrated for each test."""

import itertools
import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.worlds.postgresql import GIVEN, shared_server

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tracker.db import Database


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running PostgreSQL where databases may be made: a given one, else the run's own."""
    given = os.environ.get(GIVEN)
    if given:
        yield given
        return
    run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent  # each worker has a folder of its own inside the run's
    with shared_server(run) as address:
        yield address


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


@pytest.fixture(scope="session")
def sqlite_emptied(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """One file for all tests, a fresh copy before each: whoever still holds the old one keeps it to themself."""
    file = tmp_path_factory.mktemp("emptied") / "auftakt.db"

    def emptied() -> str:
        for suffix in ("", "-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(sqlite_template, file)
        return f"sqlite:///{file}"

    return emptied


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database; a test that takes it runs once on each of the two.

    A test that changes the schema or replaces the database is marked `own_database`.
    """
    if not request.node.get_closest_marker("own_database"):
        yield request.getfixturevalue(f"{request.param}_emptied")()
    elif request.param == "sqlite":
        file = tmp_path / "auftakt.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
    else:
        with request.getfixturevalue("postgresql_copies")() as url:
            yield url


@pytest.fixture(scope="session")
def engines() -> dict[str, "Engine"]:
    """Address -> an engine that lasts: each statement is compiled once, as in a server, and not in every test."""
    return {}


@pytest.fixture
def db(request: pytest.FixtureRequest, database_url: str, engines: dict[str, "Engine"]) -> Iterator["Database"]:
    """An open, empty, migrated database, once SQLite and once PostgreSQL."""
    from tracker.services.ground.opening import open_database

    database = open_database(database_url)
    if not request.node.get_closest_marker("own_database"):
        lasting = engines.setdefault(database_url, database.engine)
        # Listeners and connections are this test's own; only what was compiled stays.
        database = replace(database, engine=lasting.execution_options())
    yield database
    database.close()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(autouse=True)
def temporary_files_stay_apart() -> Iterator[None]:
    """A command in this process puts its temporary files into its own data folder, which is gone for the next test."""
    before = tempfile.tempdir
    yield
    tempfile.tempdir = before
