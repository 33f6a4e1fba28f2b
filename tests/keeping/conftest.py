"""A folder of uploads."""

from pathlib import Path

import pytest


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "abcd").write_bytes(b"a picture")
    return folder
