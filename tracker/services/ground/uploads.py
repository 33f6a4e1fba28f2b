"""Files that people send: stored under the digest of their content, written before the row that names them.

A file without a row is swept after a day; a row without a file can't be. Nothing here opens a file: it goes out as it
came in, as an attachment.
"""

import hashlib
import logging
import os
import tempfile
from datetime import datetime
from pathlib import Path, PurePath
from typing import NamedTuple

from sqlmodel import Session

from tracker.domain.errors import FieldError, Invalid, NotFound
from tracker.owner_only import private_folder
from tracker.services.ground.fields import one_line
from tracker.services.ground.journal import About, Actor, record
from tracker.tables import Upload

LOG = logging.getLogger(__name__)

LIMIT = 20_000_000
"""Bytes. What Telegram lets a bot download; the same limit holds for every client."""

KINDS = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".heic": "image/heic", ".pdf": "application/pdf", ".txt": "text/plain", ".log": "text/plain", ".csv": "text/csv",
    ".json": "application/json", ".xml": "application/xml", ".zip": "application/zip",
    ".7z": "application/x-7z-compressed",
    ".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".rtf": "application/rtf", ".oga": "audio/ogg", ".ogg": "audio/ogg", ".mp3": "audio/mpeg", ".m4a": "audio/mp4",
    ".wav": "audio/wav", ".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm",
}  # fmt: skip
"""Ending -> media type. By the name and not by what a sender claims: nothing that a browser or a desktop would run."""


class Kept(NamedTuple):
    """A file that lies in its place, not yet named by a row."""

    sha256: str
    name: str
    media_type: str
    size: int


def keep_file(folder: Path, content: bytes, name: str) -> Kept:
    """Write the content to its place, before any transaction. Raises Invalid for what is not taken."""
    errors: list[FieldError] = []
    clean = one_line(errors, "file", PurePath(name.replace("\\", "/")).name, required=True, limit=200)
    kind = KINDS.get(PurePath(clean).suffix.lower())
    if kind is None:
        raise Invalid(FieldError("file", "file_kind"))
    if not content:
        raise Invalid(FieldError("file", "required"))
    if len(content) > LIMIT:
        raise Invalid(FieldError("file", "file_too_large", {"limit": LIMIT // 1_000_000}))
    sha256 = hashlib.sha256(content).hexdigest()
    place = path_of(folder, sha256)
    try:
        if not place.exists():
            private_folder(folder)
            private_folder(place.parent)
            _write(content, place)
    except OSError as error:
        LOG.error("a file can't be kept: %s", error)
        raise Invalid(FieldError("file", "file_not_kept")) from error
    return Kept(sha256, clean, kind, len(content))


def _write(content: bytes, place: Path) -> None:
    """The place holds the whole file or nothing; on a full disk nothing stays beside it either."""
    handle, whole = tempfile.mkstemp(dir=place.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(whole, place)
    except OSError:
        os.unlink(whole)
        raise


def path_of(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def name_upload(session: Session, actor: Actor, kept: Kept, *, project_id: int, now: datetime) -> Upload:
    """The row that names a kept file."""
    row = Upload(
        sha256=kept.sha256, name=kept.name, media_type=kept.media_type, size=kept.size, by_id=actor.mover_id, at=now
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        "upload.added",
        About("upload", row.id, project_id),
        now=now,
        name=kept.name,
        size=kept.size,
        sha256=kept.sha256,
    )
    return row


def upload_of(session: Session, actor: Actor, kept: Kept | None, *, project_id: int, now: datetime) -> int | None:
    """The id of the row that names a kept file, if there is one."""
    return None if kept is None else name_upload(session, actor, kept, project_id=project_id, now=now).id


def upload_named(session: Session, upload_id: int | None) -> Upload | None:
    """Raises NotFound where a file is named that is not there."""
    upload = session.get(Upload, upload_id) if upload_id is not None else None
    if upload_id is not None and upload is None:
        raise NotFound("upload")
    return upload


def upload_path(session: Session, folder: Path, upload_id: int) -> tuple[Upload, Path]:
    """The row and its file. Who may see it is asked where it is shown: a file belongs to what it was sent for."""
    row = session.get(Upload, upload_id)
    if row is None or not path_of(folder, row.sha256).is_file():
        raise NotFound("upload")
    return row, path_of(folder, row.sha256)
