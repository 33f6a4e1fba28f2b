"""One archive of everything: a consistent copy of the database, the uploads, and a manifest; and the way back.

The secret key stays out of it: an archive that gets into the wrong hands opens no private address. Links that people
have go on working after a restore with another key; new ones are then derived from that.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlmodel import Session, select

from tracker.db import Database, normal_url
from tracker.keeping.archives import extract
from tracker.migrations import current, newest, upgrade
from tracker.services.ground.journal import plain
from tracker.services.ground.opening import open_database
from tracker.services.house.installation import clock, ensure_house, mark_restored
from tracker.services.messages.outcomes import distrust_waiting
from tracker.tables import Lease, ProjectChain
from tracker.wording.marking import N_

MANIFEST = "manifest.json"
SQLITE_COPY = "database.sqlite"
POSTGRESQL_COPY = "database.dump"
FORMAT = 1

OTHERS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
"""Connections besides our own."""

Program = Callable[[str], str]
"""Finds a PostgreSQL program (`pg_dump`, `pg_restore`) by its name."""


class BackupFailed(Exception):
    """Says in one line what could not be done, and the cure: `text`, known to the catalogs, with its `facts`."""

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(text.format(**facts))
        self.text = text
        self.facts = facts


class Made(NamedTuple):
    """An archive, or what came out of one. `heads`: project -> (sequence, hash) of its journal."""

    path: str
    size: int
    sha256: str
    revision: str
    heads: Mapping[str, tuple[int, str]]


def on_path(name: str) -> str:
    """A program of the PostgreSQL client."""
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(N_("{name} is not installed; on Debian: apt-get install postgresql-client"), name=name)
    return found


def heads_of(session: Session) -> dict[str, tuple[int, str]]:
    """The head of each journal: what a restored copy is compared by."""
    found = session.exec(select(ProjectChain).order_by(ProjectChain.project_id))
    return {str(chain.project_id): (chain.seq, chain.head) for chain in found}


def make_backup(
    database: Database, url: str, uploads: Path, target: Path, *, now: datetime, program: Program = on_path
) -> Made:
    """Copy everything into the archive `target`, while others go on working.

    Uploads are copied after the database: a file is stored before the row that names it, and never changed.
    """
    parsed = normal_url(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
        folder = Path(name)
        if database.is_sqlite:
            copy = folder / SQLITE_COPY
            _copy_sqlite(str(parsed.database), copy)
            heads = _heads_in(copy)
        else:
            copy = folder / POSTGRESQL_COPY
            _dump(parsed, copy, program)
            with database.reading() as session:
                # Read after the dump, so it may be ahead of it by what was written in between; never behind.
                heads = heads_of(session)
        manifest = {
            "format": FORMAT, "version": version("auftakt"), "revision": current(database.engine), "at": plain(now),
            "database": copy.name, "sha256": _sha256(copy), "exact_heads": database.is_sqlite, "heads": heads,
        }  # fmt: skip
        (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2))
        part = folder / "archive.tar.gz"
        with tarfile.open(part, "w:gz", compresslevel=6) as archive:
            archive.add(folder / MANIFEST, MANIFEST)
            archive.add(copy, copy.name)
            if uploads.is_dir():
                archive.add(uploads, "uploads")
        part.chmod(0o600)
        os.replace(part, target)  # an archive is there whole, or not at all
    return Made(str(target), target.stat().st_size, _sha256(target), manifest["revision"], heads)


def restore_backup(
    archive: Path, url: str, uploads: Path, *, now: datetime, wall_now: datetime, program: Program = on_path
) -> Made:
    """Put the archive's database and uploads in place of what is there, which is moved aside, not deleted.

    Refused while a server or a bot runs on it. Migrates, and leaves sending paused: a copy must not write to people
    what the original has written already. For the same reason what waits to be sent in it is unknown from now on, and
    nobody is asked anything on this day.
    """
    parsed = normal_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    with tempfile.TemporaryDirectory(prefix="auftakt-restore-") as name:
        folder = Path(name)
        manifest = _unpack(archive, folder)
        if (manifest["database"] == SQLITE_COPY) != is_sqlite:
            raise BackupFailed(
                N_("the archive is of the other kind of database; set AUFTAKT_DATABASE_URL to that kind")
            )
        _refuse_running(url, is_sqlite, parsed, wall_now)
        aside = f"before_{wall_now:%Y%m%dT%H%M%S}"
        if is_sqlite:
            _place_sqlite(folder / SQLITE_COPY, Path(str(parsed.database)), aside)
        else:
            _load(parsed, folder / POSTGRESQL_COPY, program, aside)
        _place_uploads(folder / "uploads", uploads, aside)
    upgrade(url)
    database = open_database(url)
    try:
        with database.writing() as session:
            heads = heads_of(session)
            ensure_house(session, now=now)
            session.connection().execute(Lease.__table__.delete())  # type: ignore[attr-defined]
            here = clock(session, now)
            mark_restored(session, now=here)
            distrust_waiting(session, here)
    finally:
        database.close()
    if manifest["exact_heads"] and heads != {key: tuple(head) for key, head in manifest["heads"].items()}:
        raise BackupFailed(N_("the restored journal has other heads than the archive says; look with `auftakt verify`"))
    return Made(str(archive), archive.stat().st_size, _sha256(archive), newest(), heads)


def _copy_sqlite(source: str, copy: Path) -> None:
    """SQLite's own online copy: commits that still stand in the write-ahead log come along, writers go on."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as fresh:
        live.backup(fresh, pages=2000)
        fresh.execute("PRAGMA journal_mode=DELETE")  # one file is the whole copy
        (verdict,) = fresh.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise BackupFailed(N_("the copy is damaged: {verdict}"), verdict=verdict)


def _heads_in(copy: Path) -> dict[str, tuple[int, str]]:
    with closing(sqlite3.connect(copy)) as opened:
        rows = opened.execute("SELECT project_id, seq, head FROM project_chain ORDER BY project_id")
        return {str(project): (seq, head) for project, seq, head in rows}


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


def _dump(url: URL, copy: Path, program: Program) -> None:
    arguments, environment = _connection(url)
    _run([program("pg_dump"), "--format=custom", "--no-owner", f"--file={copy}", *arguments], environment)


def _load(url: URL, copy: Path, program: Program, aside: str) -> None:
    """What is there becomes a schema of another name, the archive is loaded in one transaction; a failure undoes both.

    Not `pg_restore --clean`: that leaves the tables of a newer schema standing, and the old data nowhere.
    """
    arguments, environment = _connection(url)
    _swap_schema(url, "public", aside)
    try:
        _run(
            [program("pg_restore"), "--no-owner", "--single-transaction", "--exit-on-error", *arguments, str(copy)],
            environment,
        )
    except BackupFailed:
        _swap_schema(url, aside, "public")
        raise


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


def _unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Raises BackupFailed for what is no whole archive of ours."""
    try:
        with tarfile.open(archive, "r:gz") as packed:
            extract(packed, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        copy = folder / manifest["database"]
        whole = manifest["database"] in (SQLITE_COPY, POSTGRESQL_COPY) and _sha256(copy) == manifest["sha256"]
        known = manifest["format"] == FORMAT
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError):
        raise BackupFailed(N_("{archive} is not an archive of Auftakt, or not a whole one"), archive=archive) from None
    if not whole or not known:
        raise BackupFailed(N_("{archive} is damaged, or of another version"), archive=archive)
    if manifest["revision"] > newest():
        raise BackupFailed(N_("the archive is of a newer version of Auftakt: update first"))
    return manifest


def _refuse_running(url: str, is_sqlite: bool, parsed: URL, wall_now: datetime) -> None:
    if is_sqlite and not Path(str(parsed.database)).exists():
        return
    database = open_database(url)
    try:
        if not current(database.engine):
            return
        with database.reading() as session:
            if session.exec(select(Lease.name).where(Lease.until > wall_now)).first():
                raise BackupFailed(N_("a server or a bot is running on this database: stop it, then restore"))
            if not is_sqlite and session.connection().execute(text(OTHERS)).scalar_one():
                raise BackupFailed(N_("other programs are connected to this database: stop them, then restore"))
    finally:
        database.close()


def _place_sqlite(copy: Path, place: Path, aside: str) -> None:
    """The old log and index go aside too: a stale log over a new file is a damaged database."""
    place.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        old = place.with_name(place.name + suffix)
        if old.exists():
            old.rename(place.with_name(f"{place.name}.{aside}{suffix}"))
    shutil.copyfile(copy, place)


def _place_uploads(copied: Path, uploads: Path, aside: str) -> None:
    if uploads.exists():
        uploads.rename(uploads.with_name(f"{uploads.name}.{aside}"))
    if copied.is_dir():
        shutil.copytree(copied, uploads)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
