"""What an archive is: its parts and its manifest, how one is read, and how it is said that one can't be."""

import errno
import hashlib
import json
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tracker.migrations import newest
from tracker.wording.words import N_

MANIFEST = "manifest.json"
SQLITE_COPY = "database.sqlite"
POSTGRESQL_COPY = "database.dump"
UPLOADS = "uploads"
FORMAT = 1

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM})
"""Errors of the place, not of what is read."""


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


@contextmanager
def beside(place: Path, prefix: str) -> Iterator[Path]:
    """A folder of our own beside `place`, on the same disk: what is ready in it is moved there in one step.

    Raises BackupFailed where nothing can be written there, or not enough.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=prefix, ignore_cleanup_errors=True) as name:
            yield Path(name)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise no_room(place.parent, error) from None


def no_room(folder: Path, error: OSError) -> BackupFailed:
    return BackupFailed(
        N_("nothing was changed: {folder} can't be written to ({why})"), folder=folder, why=error.strerror
    )


def unpack(archive: Path, folder: Path, uploads: Path) -> dict[str, Any]:
    """Database and manifest into `folder`, the files that people have sent into `uploads`; returns the manifest.

    Raises BackupFailed for what is no whole archive of ours; nothing leaves the two folders (`filter`).
    """
    try:
        with tarfile.open(archive, "r:gz") as packed:
            for member in packed:
                packed.extract(member, uploads if member.name.startswith(f"{UPLOADS}/") else folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        copy = folder / manifest["database"]
        whole = manifest["database"] in (SQLITE_COPY, POSTGRESQL_COPY) and sha256_of(copy) == manifest["sha256"]
        known = manifest["format"] == FORMAT
        newer = manifest["revision"] > newest()
        heads = {key: (int(seq), str(head)) for key, (seq, head) in manifest["heads"].items()}
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        raise BackupFailed(N_("{archive} is not an archive of Auftakt, or not a whole one"), archive=archive) from None
    if not whole or not known:
        raise BackupFailed(N_("{archive} is damaged, or of another version"), archive=archive)
    if newer:
        raise BackupFailed(N_("the archive is of a newer version of Auftakt: update first"))
    return {**manifest, "heads": heads}


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class Moves:
    """Renames that are taken back, the last one first, unless all of them were made."""

    def __init__(self) -> None:
        self._made: list[tuple[Path, Path]] = []

    def move(self, here: Path, there: Path) -> None:
        """`here` need not be there."""
        with suppress(FileNotFoundError):
            here.rename(there)
            self._made.append((here, there))

    def take_back(self) -> None:
        for here, there in reversed(self._made):
            there.rename(here)
