"""Copies of a PostgreSQL database: dumped, and loaded in place of what is there, which stays under another name."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy.engine import URL

from tracker.keeping.archives import BackupFailed
from tracker.wording.words import N_

OTHERS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
"""Connections besides our own."""

Program = Callable[[str], str]
"""Finds a PostgreSQL program (`pg_dump`, `pg_restore`) by its name."""


def on_path(name: str) -> str:
    """A program of the PostgreSQL client."""
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(N_("{name} is not installed; on Debian: apt-get install postgresql-client"), name=name)
    return found


def dump(url: URL, copy: Path, program: Program) -> None:
    arguments, environment = _connection(url)
    _run([program("pg_dump"), "--format=custom", "--no-owner", f"--file={copy}", *arguments], environment)


def load(url: URL, copy: Path, program: Program, aside: str) -> None:
    """What is there becomes the schema `aside`, the archive is loaded in one transaction. If it fails, or what follows:
    `put_back`.

    Not `pg_restore --clean`: that leaves the tables of a newer schema standing, and the old data nowhere.
    """
    arguments, environment = _connection(url)
    restore = [program("pg_restore"), "--no-owner", "--single-transaction", "--exit-on-error", *arguments, str(copy)]
    _swap_schema(url, "public", aside)
    try:
        _run(restore, environment)
    except BaseException:
        put_back(url, aside)
        raise


def put_back(url: URL, aside: str) -> None:
    _swap_schema(url, aside, "public")


def _connection(url: URL) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment for a client program: the password never stands in the list of processes."""
    host = url.host or url.query.get("host", "")
    arguments = [f"--dbname={url.database}"]
    if host:
        arguments.append(f"--host={host if isinstance(host, str) else host[0]}")
    if url.port:
        arguments.append(f"--port={url.port}")
    if url.username:
        arguments.append(f"--username={url.username}")
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    return arguments, environment


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        # What failed stands in the last line but one where the last is its detail.
        last = (done.stderr.strip().splitlines() or ["no message"])[-2:]
        raise BackupFailed(N_("{name} failed: {said}"), name=Path(command[0]).name, said="; ".join(last))


def _swap_schema(url: URL, taken: str, name: str) -> None:
    """Rename schema `taken` to `name`, dropping an empty or half-filled one of that name, and begin a new `public`."""
    from psycopg import connect, sql

    with connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        run = connection.execute
        # The trigram operators are named by their schema in the dump, so they stay in `public` either way.
        trigrams = run("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'").fetchone() is not None
        if name == "public":
            if trigrams:
                run(sql.SQL("ALTER EXTENSION pg_trgm SET SCHEMA {}").format(sql.Identifier(taken)))
            run("DROP SCHEMA public CASCADE")
        run(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(taken), sql.Identifier(name)))
        if name != "public":
            run("CREATE SCHEMA public")
            if trigrams:
                run("ALTER EXTENSION pg_trgm SET SCHEMA public")
