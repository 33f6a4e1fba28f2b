"""`verify` and `doctor`: what is stored against what the rules say, and whether the installation is well."""

import hashlib
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session, select

from tracker.db import Database, is_alive
from tracker.migrations import current, newest
from tracker.services.ground.uploads import path_of
from tracker.services.house.installation import house_of
from tracker.services.house.journal_check import Problem, verify_journal
from tracker.services.house.self_watch import signs
from tracker.services.turns.drift_check import verify_moments
from tracker.settings import Settings
from tracker.tables import Project, Task, Upload


class Verified(NamedTuple):
    """`checked`: events, tasks and files looked at."""

    ok: bool
    checked: int
    problems: list[Problem]


class DoctorLine(NamedTuple):
    """A line of `doctor`."""

    check: str
    ok: bool
    detail: str


def verify(session: Session, uploads: Path, *, now: datetime) -> Verified:
    """Journal chains, stored moments, foreign keys, and the files in the folder `uploads`. Reads only."""
    journal = verify_journal(session)
    problems = list(journal.problems)
    tasks = 0
    for project_id in session.exec(select(Project.id).order_by(Project.id)).all():
        tasks += len(session.exec(select(Task.id).where(Task.project_id == project_id)).all())
        problems += [
            Problem(f"moment.{drift.field}", f"task:{drift.task_id}", f"{drift.stored} != {drift.computed}")
            for drift in verify_moments(session, project_id, now)
        ]
    problems += _broken_references(session)
    files = _files(session, uploads)
    problems += [found for found in files.values() if found is not None]
    return Verified(not problems, journal.checked + tasks + len(files), problems)


def _files(session: Session, uploads: Path) -> dict[str, Problem | None]:
    """Digest -> what is wrong with its file, if anything."""
    found: dict[str, Problem | None] = {}
    for sha256 in session.exec(select(Upload.sha256).distinct().order_by(Upload.sha256)):
        place = path_of(uploads, sha256)
        if not place.is_file():
            found[sha256] = Problem("upload.missing", f"upload:{sha256}", "")
            continue
        with place.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        found[sha256] = None if same else Problem("upload.changed", f"upload:{sha256}", "")
    return found


def _broken_references(session: Session) -> list[Problem]:
    """SQLite lets a program with other settings break them; PostgreSQL lets nobody."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    broken = session.connection().execute(text("PRAGMA foreign_key_check")).all()
    return [Problem("reference.broken", f"{table}:{rowid}", str(parent)) for table, rowid, parent, _ in broken]


def examine(settings: Settings, database: Database, *, wall_now: datetime) -> list[DoctorLine]:
    """Everything that a start relies on, worst first asked."""
    found = [_folder(settings), _key(settings)]
    if not is_alive(database):
        return [*found, DoctorLine("database", False, "does not answer")]
    found.append(DoctorLine("database", True, database.engine.url.render_as_string()))
    revision = current(database.engine)
    found.append(DoctorLine("schema", revision == newest(), revision or "none: run `auftakt migrate`"))
    if revision != newest():
        return found
    with database.reading() as session:
        house = house_of(session)
        paused = house.paused_at if house else None
        found.append(
            DoctorLine("sending", paused is None, f"paused since {paused}: `auftakt resume`" if paused else "on")
        )
        found += [
            DoctorLine(f"pulse.{sign.name}", sign.well, sign.detail or f"{_age(wall_now - sign.at)} ago")
            for sign in signs(session, now=wall_now)
        ]
    token = bool(settings.telegram_token.get_secret_value())
    bot = settings.telegram_mode if token else "off: no AUFTAKT_TELEGRAM_TOKEN"
    found.append(DoctorLine("telegram", True, bot))
    found.append(DoctorLine("mail", True, "on" if settings.smtp_url.get_secret_value() else "off"))
    return found


def _folder(settings: Settings) -> DoctorLine:
    return DoctorLine("data_dir", os.access(settings.data_dir, os.W_OK), str(settings.data_dir))


def _key(settings: Settings) -> DoctorLine:
    """Others who can read the key can make everybody's private address."""
    file = settings.data_dir / "secret.key"
    if not file.exists():
        return DoctorLine("secret_key", True, "given")
    mode = stat.S_IMODE(file.stat().st_mode)
    open_to_others = bool(mode & 0o077)
    return DoctorLine("secret_key", not open_to_others, f"{file}: chmod 600" if open_to_others else str(file))


def _age(gone: timedelta) -> str:
    return f"{int(gone.total_seconds())} s"


def as_rows(problems: list[Problem]) -> list[dict[str, Any]]:
    return [problem._asdict() for problem in problems]
