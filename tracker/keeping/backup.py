"""One archive of everything: a consistent copy of the database, the uploads, and a manifest; and the way back.

The keys stay out of it: an archive that gets into the wrong hands opens no private address, and forges no journal.
Links that people have go on working after a restore with another secret key; new ones are then derived from that. A
journal whose key is lost goes on with another one, and `verify` says of the rows before that it can't tell.
"""

import json
import os
import sqlite3
import tarfile
from contextlib import closing, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlmodel import Session, select

from tracker.db import Database, connection_of, normal_url
from tracker.keeping.archives import (
    FORMAT,
    MANIFEST,
    POSTGRESQL_COPY,
    SQLITE_COPY,
    UPLOADS,
    BackupFailed,
    Made,
    Moves,
    beside,
    sha256_of,
    unpack,
)
from tracker.keeping.bringing_up import bring_up
from tracker.keeping.postgresql_copies import OTHERS, Program, dump, load, on_path, put_back
from tracker.migrations import current, newest
from tracker.owner_only import private_folder, tighten_below
from tracker.services.ground.journal import plain
from tracker.services.ground.journal_keys import NO_KEYS, Keys
from tracker.services.ground.opening import open_database
from tracker.services.house.installation import clock, ensure_house, mark_restored
from tracker.services.house.journal_check import verify_journal
from tracker.services.messages.outcomes import distrust_waiting
from tracker.tables import Lease, ProjectChain
from tracker.wording.words import N_

__all__ = ["BackupFailed", "Made", "heads_of", "make_backup", "restore_backup"]


def heads_of(session: Session) -> dict[str, tuple[int, str]]:
    """The head of each journal: what a restored copy is compared by. Of any schema that there ever was."""
    chains = sa.select(ProjectChain.project_id, ProjectChain.seq, ProjectChain.head).order_by(ProjectChain.project_id)
    return {str(project): (seq, head) for project, seq, head in connection_of(session).execute(chains)}


def make_backup(
    database: Database, url: str, uploads: Path, target: Path, *, now: datetime, program: Program = on_path
) -> Made:
    """Copy everything into the archive `target`, while others go on working.

    Uploads are copied after the database: a file is stored before the row that names it, and never changed.
    """
    parsed = normal_url(url)
    if not target.parent.exists():
        with suppress(OSError):  # told below
            private_folder(target.parent)
    with beside(target, ".backup-") as folder:
        if database.is_sqlite:
            copy = folder / SQLITE_COPY
            _copy_sqlite(str(parsed.database), copy)
            heads = _heads_in(copy)
        else:
            copy = folder / POSTGRESQL_COPY
            dump(parsed, copy, program)
            with database.reading() as session:
                # Read after the dump, so it may be ahead of it by what was written in between; never behind.
                heads = heads_of(session)
        manifest = {
            "format": FORMAT, "version": version("auftakt"), "revision": current(database.engine), "at": plain(now),
            "database": copy.name, "sha256": sha256_of(copy), "exact_heads": database.is_sqlite, "heads": heads,
        }  # fmt: skip
        (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2))
        part = folder / "archive.tar.gz"
        with tarfile.open(part, "w:gz", compresslevel=6) as archive:
            archive.add(folder / MANIFEST, MANIFEST)
            archive.add(copy, copy.name)
            if uploads.is_dir():
                archive.add(uploads, UPLOADS)
        part.chmod(0o600)
        os.replace(part, target)  # an archive is there whole, or not at all
    return Made(str(target), target.stat().st_size, sha256_of(target), manifest["revision"], heads)


def restore_backup(
    archive: Path, url: str, uploads: Path, *, now: datetime, wall_now: datetime, keys: Keys = NO_KEYS,
    anyway: bool = False, program: Program = on_path,
) -> Made:  # fmt: skip
    """Put the archive's database and uploads in place of what is there, which is moved aside, not deleted.

    Refused while a server or a bot runs on it. Unpacked, checked and migrated beside it first, and swapped in one step;
    whatever fails, what was there before is there again. `anyway`: also if its journal does not verify. Leaves sending
    paused: a copy must not write to people what the original has written already. For the same reason what waits to be
    sent in it is unknown from now on, and nobody is asked anything on this day.
    """
    parsed = normal_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    place = Path(str(parsed.database)) if is_sqlite else uploads
    aside = f"before_{wall_now:%Y%m%dT%H%M%S}"
    with beside(place, ".restore-") as folder, beside(uploads, ".restore-") as files:
        manifest = unpack(archive, folder, files)
        if (manifest["database"] == SQLITE_COPY) != is_sqlite:
            raise BackupFailed(
                N_("the archive is of the other kind of database; set AUFTAKT_DATABASE_URL to that kind")
            )
        _refuse_running(url, is_sqlite, parsed, wall_now)
        moves = Moves()
        if is_sqlite:
            copy = folder / SQLITE_COPY
            _check_sqlite(copy)
            heads = _ready(f"sqlite:///{copy}", manifest, keys, now, anyway)
            _fold(copy)
            _refuse_running(url, is_sqlite, parsed, wall_now)
        else:
            load(parsed, folder / POSTGRESQL_COPY, program, aside)
        try:
            if not is_sqlite:
                heads = _ready(url, manifest, keys, now, anyway)
            moves.move(uploads, uploads.with_name(f"{uploads.name}.{aside}"))
            moves.move(files / UPLOADS, uploads)
            tighten_below(uploads)
            if is_sqlite:
                _swap_sqlite(copy, place, aside, moves)
        except BaseException:
            moves.take_back()
            if not is_sqlite:
                put_back(parsed, aside)
            raise
    return Made(str(archive), archive.stat().st_size, sha256_of(archive), newest(), heads)


def _ready(url: str, manifest: dict[str, Any], keys: Keys, now: datetime, anyway: bool) -> dict[str, tuple[int, str]]:
    """Bring the copy at `url` up, and mark it as one; returns the heads that it came with."""
    database = open_database(url, keys=keys)
    try:
        with database.reading() as session:
            heads = heads_of(session)
        if manifest["exact_heads"] and heads != manifest["heads"]:
            raise BackupFailed(N_("the journal in the archive has other heads than its list of contents says"))
        bring_up(url, keys, now=now)
        with database.reading() as session:
            problems = [one for one in verify_journal(session).problems if one.rule != "journal.key_missing"]
        if problems and not anyway:
            raise BackupFailed(
                N_("the journal in the archive does not verify ({first}): say --anyway to bring it back all the same"),
                first=" ".join(problems[0]).strip(),
            )
        with database.writing() as session:
            ensure_house(session, now=now)
            session.connection().execute(Lease.__table__.delete())  # type: ignore[attr-defined]
            here = clock(session, now)
            mark_restored(session, now=here)
            distrust_waiting(session, here)
    except DBAPIError as error:
        raise BackupFailed(N_("nothing was changed: the copy can't be brought up ({why})"), why=error.orig) from None
    finally:
        database.close()
    return heads


def _copy_sqlite(source: str, copy: Path) -> None:
    """SQLite's own online copy: commits that still stand in the write-ahead log come along, writers go on."""
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as fresh:
            live.backup(fresh, pages=2000)
            fresh.execute("PRAGMA journal_mode=DELETE")  # one file is the whole copy
    except sqlite3.DatabaseError as error:
        raise BackupFailed(N_("the database can't be copied: {why}"), why=error) from None
    _check_sqlite(copy)


def _check_sqlite(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as opened:
            (verdict,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise BackupFailed(N_("the copy is damaged: {verdict}"), verdict=verdict)


def _heads_in(copy: Path) -> dict[str, tuple[int, str]]:
    with closing(sqlite3.connect(copy)) as opened:
        rows = opened.execute("SELECT project_id, seq, head FROM project_chain ORDER BY project_id")
        return {str(project): (seq, head) for project, seq, head in rows}


def _refuse_running(url: str, is_sqlite: bool, parsed: URL, wall_now: datetime) -> None:
    if is_sqlite and not Path(str(parsed.database)).exists():
        return
    database = open_database(url)
    try:
        try:
            if not current(database.engine):
                return
        except DatabaseError:
            if not is_sqlite:
                raise
            return  # a broken file is what one restores for, and nobody runs on it
        with database.reading() as session:
            if session.exec(select(Lease.name).where(Lease.until > wall_now)).first():
                raise BackupFailed(N_("a server or a bot is running on this database: stop it, then restore"))
            if not is_sqlite and session.connection().execute(sa.text(OTHERS)).scalar_one():
                raise BackupFailed(N_("other programs are connected to this database: stop them, then restore"))
    finally:
        database.close()


def _fold(file: Path) -> None:
    """Everything into the one file, and the file onto the disk."""
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _swap_sqlite(copy: Path, place: Path, aside: str, moves: Moves) -> None:
    """At each moment one whole database stands at `place`: a kill in between loses none.

    The old log and index go aside: a stale log over a new file is a damaged database. They are empty by then, unless
    the old file is broken.
    """
    with suppress(sqlite3.DatabaseError, OSError):
        if place.exists():
            _fold(place)
    kept, linked = place.with_name(f"{place.name}.{aside}"), False
    for suffix in ("-wal", "-shm"):
        moves.move(place.with_name(place.name + suffix), kept.with_name(kept.name + suffix))
    try:
        os.link(place, kept)
        linked = True
    except FileNotFoundError:
        pass  # there was none
    except OSError:  # a folder without hard links
        moves.move(place, kept)
    try:
        os.replace(copy, place)
    except BaseException:
        if linked:
            kept.unlink()
        raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
