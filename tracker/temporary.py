"""Temporary files of this process: in the data folder, since the rest of the machine may be read-only.

A file that is sent lies there until it is whole, a workbook while it is written, a backup while it is unpacked.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OLD = 86_400
"""Seconds after which what a killed process has left is taken away."""


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """While the block lasts, `tempfile` and whoever uses it puts its files there."""
    before = tempfile.tempdir
    settle(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def settle(folder: Path) -> None:
    """From now on, as long as the process lives. A folder that can't be made is told of by `doctor`, not here."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidy(folder)
        tempfile.tempdir = str(folder)


def _tidy(folder: Path) -> None:
    old = time.time() - OLD
    for one in folder.iterdir():
        with suppress(OSError):
            if one.lstat().st_mtime < old:
                shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else os.unlink(one)
