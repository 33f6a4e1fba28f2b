"""Files and folders that nobody reads but the account that Auftakt runs as: 0600 and 0700.

What was made looser before, by hand or by an older version, is tightened where it is ours.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def private_folder(folder: Path) -> None:
    """Make it with those above it, or tighten it. A folder that everybody works in (`/tmp`) is left as it is."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=FOLDER, exist_ok=True)
    elif folder != Path.home() and folder != folder.parent:
        tighten(folder)


def private_file(file: Path) -> None:
    """Make it empty if it is not there: whoever writes into it then meets the narrow rights already."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))
    except FileExistsError:
        tighten(file)


def private_database(file: Path) -> None:
    """A SQLite file with its log and index, which take their rights from it when SQLite makes them."""
    with suppress(OSError):  # the database says better what is wrong
        if not file.parent.is_dir():
            private_folder(file.parent)
        private_file(file)
    for suffix in ("-wal", "-shm"):
        tighten(file.with_name(file.name + suffix))


def tighten(path: Path) -> None:
    """Take away what others may do with it, if it is there and ours; a symbolic link is left to whom it points."""
    try:
        found = path.lstat()
        shared = stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX
        if not shared and found.st_uid == os.geteuid() and found.st_mode & 0o077:
            path.chmod(stat.S_IMODE(found.st_mode) & FOLDER)
    except OSError:
        return


def tighten_house(folder: Path) -> None:
    """What is ours in the data folder, at a start: it may be older than this rule, or unpacked by hand."""
    for name in ("uploads", "backups"):
        tighten_below(folder / name)


def tighten_below(folder: Path) -> None:
    """The folder with all that is in it."""
    tighten(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            tighten(Path(place) / name)
