"""A PostgreSQL role that may not do everything: what it lacks is named, with the words that give it to it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.cli.shell import Shell

NAME = "auftakt_limited"


class Place:
    """A database of somebody else's, and a role that may connect to it."""

    def __init__(self, admin: Callable[[str], object], shell: Shell) -> None:
        self.admin = admin
        self.shell = shell


@pytest.fixture
def place(postgresql_server, tmp_path, monkeypatch) -> Iterator[Place]:
    monkeypatch.chdir(tmp_path)
    name = sql.Identifier(NAME)
    with psycopg.connect(postgresql_server, autocommit=True) as server:
        if server.info.server_version < 150000:
            pytest.skip("before 15 everybody might create in public")
        for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "DROP ROLE IF EXISTS {}"):
            server.execute(sql.SQL(statement).format(name))
        server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'word' NOSUPERUSER").format(name))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        try:
            whole = make_url(postgresql_server).set(database=NAME)
            with psycopg.connect(whole.render_as_string(hide_password=False), autocommit=True) as admin:
                limited = whole.set(username=NAME, password="word").render_as_string(hide_password=False)
                yield Place(lambda statement: admin.execute(statement.encode()), Shell(limited, tmp_path))
        finally:
            for statement in ("DROP DATABASE {} WITH (FORCE)", "DROP ROLE {}"):
                server.execute(sql.SQL(statement).format(name))


def test_each_right_that_is_missing_is_named_with_its_cure(place: Place) -> None:
    assert "GRANT USAGE, CREATE ON SCHEMA public" in place.shell.says("migrate", status=1)
    place.admin(f"GRANT USAGE, CREATE ON SCHEMA public TO {NAME}")
    assert "CREATE EXTENSION pg_trgm" in place.shell.says("migrate", status=1)
    place.admin("CREATE SCHEMA elsewhere")
    place.admin("CREATE EXTENSION pg_trgm SCHEMA elsewhere")
    assert "ALTER EXTENSION pg_trgm SET SCHEMA public" in place.shell.says("migrate", status=1)
    place.admin("ALTER EXTENSION pg_trgm SET SCHEMA public")
    made = place.shell.json("migrate")
    assert made["from"] is None
    assert made["to"]
    assert place.shell.json("project", "list") == []
