"""Unpacks what may come from anybody."""

import shutil
import tarfile
from pathlib import Path


def extract(packed: tarfile.TarFile, folder: Path) -> None:
    """Files and folders alone, and none outside. Not by tarfile's own filter: Debian 12 has a Python 3.11 before it."""
    for member in packed:
        to = folder / member.name
        if ".." in to.parts or not to.is_relative_to(folder):
            raise tarfile.TarError(member.name)
        if member.isdir():
            to.mkdir(parents=True, exist_ok=True)
        elif member.isreg() and (content := packed.extractfile(member)):
            to.parent.mkdir(parents=True, exist_ok=True)
            with content, to.open("wb") as opened:
                shutil.copyfileobj(content, opened)
            to.chmod(member.mode & 0o755 | 0o600)
