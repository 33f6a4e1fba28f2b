"""`verify` and `doctor`: what is stored against what the rules say, and whether the installation is well."""

import hashlib
import os
import stat
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import Database, is_alive
from tracker.domain.terms import Role
from tracker.keeping.anchors import NONE, Anchors
from tracker.migrations import current, newest
from tracker.services.ground.uploads import path_of
from tracker.services.house.findings import Problem
from tracker.services.house.installation import house_of
from tracker.services.house.journal_check import verify_journal
from tracker.services.house.row_check import verify_rows
from tracker.services.house.self_watch import signs
from tracker.services.turns.drift_check import verify_moments
from tracker.settings import Settings
from tracker.tables import Evidence, Membership, Project, Task, Upload


class Verified(NamedTuple):
    """`checked`: events, tasks and files looked at. `unanchored`: events after the last anchor of their chain."""

    ok: bool
    checked: int
    problems: list[Problem]
    unanchored: int = 0


class Finding(NamedTuple):
    """A line of `doctor`."""

    check: str
    ok: bool
    detail: str


def verify(session: Session, uploads: Path, *, now: datetime, anchors: Anchors = NONE) -> Verified:
    """Journal, rows, stored moments, who conducts, foreign keys, and the files in the folder `uploads`. Reads only.

    In a session that stays at one moment (`Database.steady`), where others may write meanwhile; `anchors` read before.
    """
    journal = verify_journal(session, anchors.heads)
    problems = [*journal.problems, *anchors.problems, *verify_rows(session, journal.lines)]
    tasks = 0
    for project_id in session.exec(select(Project.id).order_by(Project.id)).all():
        tasks += len(session.exec(select(Task.id).where(Task.project_id == project_id)).all())
        problems += _moments(session, project_id, now)
    problems += _without_conductor(session)
    problems += _broken_references(session)
    files = _files(session, uploads)
    problems += [found for found in files.values() if found is not None]
    problems += _not_shown(session, files)
    return Verified(not problems, journal.checked + tasks + len(files), problems, journal.unanchored)


def _moments(session: Session, project_id: int, now: datetime) -> list[Problem]:
    """Each stored moment that is not what the rules say; and once for the project, with the cure."""
    drifts = verify_moments(session, project_id, now)
    found = [
        Problem(f"moment.{drift.field}", f"task:{drift.task_id}", f"{drift.stored} != {drift.computed}")
        for drift in drifts
    ]
    if drifts:
        tasks = len({drift.task_id for drift in drifts})
        cure = f"of {tasks} tasks: the clock mends them in its daily round, or any act on them"
        found.append(Problem("moment.drift", f"project:{project_id}", cure))
    return found


def _without_conductor(session: Session) -> list[Problem]:
    """Living projects that people are in, and that nobody conducts: nobody is told of what waits there."""
    living = (col(Membership.project_id) == col(Project.id), col(Membership.archived_at).is_(None))
    conducts = sa.exists().where(*living, col(Membership.role) == Role.CONDUCTOR)
    query = select(Project.id).where(col(Project.archived_at).is_(None), sa.exists().where(*living), ~conducts)
    found = session.exec(query.order_by(col(Project.id)))
    return [Problem("project.no_conductor", f"project:{project_id}", "") for project_id in found]


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


def _not_shown(session: Session, files: Mapping[str, Problem | None]) -> list[Problem]:
    """Evidence that rests on a file which is not there any more, or is another one."""
    query = (
        select(Evidence.id, Upload.name, Upload.sha256)
        .join(Upload, col(Upload.id) == col(Evidence.upload_id))
        .where(col(Evidence.removed_at).is_(None))
        .order_by(col(Evidence.id))
    )
    return [
        Problem(problem.rule.replace("upload", "file"), f"evidence:{evidence_id}", f"{name}: {problem.object}")
        for evidence_id, name, sha256 in session.exec(query)
        if (problem := files[sha256]) is not None
    ]


def _broken_references(session: Session) -> list[Problem]:
    """SQLite lets a program with other settings break them; PostgreSQL lets nobody."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    broken = session.connection().execute(sa.text("PRAGMA foreign_key_check")).all()
    return [Problem("reference.broken", f"{table}:{rowid}", str(parent)) for table, rowid, parent, _ in broken]


def examine(settings: Settings, database: Database, *, wall_now: datetime) -> list[Finding]:
    """Everything that a start relies on, worst first asked."""
    found = [_folder(settings), _key(settings), *_journal(settings, database)]
    if not is_alive(database):
        return [*found, Finding("database", False, "does not answer")]
    found.append(Finding("database", True, database.engine.url.render_as_string()))
    revision = current(database.engine)
    found.append(Finding("schema", revision == newest(), revision or "none: run `auftakt migrate`"))
    if revision != newest():
        return found
    with database.reading() as session:
        house = house_of(session)
        paused = house.paused_at if house else None
        found.append(Finding("sending", paused is None, f"paused since {paused}: `auftakt resume`" if paused else "on"))
        found += [
            Finding(f"pulse.{sign.name}", sign.well, sign.detail or f"{_age(wall_now - sign.at)} ago")
            for sign in signs(session, now=wall_now)
        ]
    token = bool(settings.telegram_token.get_secret_value())
    bot = settings.telegram_mode if token else "off: no AUFTAKT_TELEGRAM_TOKEN"
    found.append(Finding("telegram", True, bot))
    found.append(Finding("mail", True, "on" if settings.smtp_url.get_secret_value() else "off"))
    return found


def _folder(settings: Settings) -> Finding:
    return Finding("data_dir", os.access(settings.data_dir, os.W_OK), str(settings.data_dir))


def _key(settings: Settings) -> Finding:
    """Others who can read the key can make everybody's private address."""
    file = settings.data_dir / "secret.key"
    if not file.exists():
        return Finding("secret_key", True, "given")
    mode = stat.S_IMODE(file.stat().st_mode)
    open_to_others = bool(mode & 0o077)
    return Finding("secret_key", not open_to_others, f"{file}: chmod 600" if open_to_others else str(file))


def _journal(settings: Settings, database: Database) -> list[Finding]:
    """Where the journal's key is, and whether its heads can be written down."""
    file, anchors = settings.data_dir / "journal.key", settings.anchors
    where = "given" if not settings.is_journal_key_made else f"{file}: not in backups, keep a copy elsewhere"
    if settings.is_journal_key_made and not database.is_sqlite:
        where += "; several servers need it as AUFTAKT_JOURNAL_KEY"
    place = anchors if anchors.exists() else anchors.parent
    can = os.access(place, os.W_OK)
    return [Finding("journal_key", True, where), Finding("anchor_file", can, str(anchors))]


def _age(gone: timedelta) -> str:
    return f"{int(gone.total_seconds())} s"


def as_rows(problems: list[Problem]) -> list[dict[str, Any]]:
    return [problem._asdict() for problem in problems]
