"""Temporary files stay in the data folder, and what a killed process has left there is taken away."""

import os
import tempfile
from pathlib import Path

from litestar.datastructures import UploadFile

from tracker.keeping.verifying import examine
from tracker.settings import load_settings
from tracker.temporary import temporary_files_in


def places() -> set[str]:
    """Where the open files of this process lie."""
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        try:
            found.add(os.path.dirname(os.readlink(one)))
        except OSError:
            continue
    return found


def test_a_file_larger_than_a_megabyte_needs_no_other_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    folder = tmp_path / "data" / "tmp"
    with temporary_files_in(folder):
        sent = UploadFile("image/png", "shot.png", b"x" * 1_500_000)
        sent.file.rollover()
        assert str(folder) in places()
        sent.file.close()
    assert tempfile.tempdir == str(tmp_path / "nowhere")
    assert list(folder.iterdir()) == []
    assert oct(folder.stat().st_mode)[-3:] == "700"


def test_what_was_left_is_taken_away_a_day_later(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "part").write_bytes(b"x")
    (tmp_path / "young").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"x")
    for name in ("old", "file"):
        os.utime(tmp_path / name, (0, 0))
    with temporary_files_in(tmp_path):
        assert [one.name for one in tmp_path.iterdir()] == ["young"]


def test_a_place_that_can_not_be_written_to_is_told_by_the_doctor(db, tmp_path):
    settings = load_settings({"AUFTAKT_DATA_DIR": str(tmp_path / "var")})

    def told():
        from tests.worlds.shop import NOW

        return {one.check: one.ok for one in examine(settings, db, wall_now=NOW)}["temporary"]

    assert told()
    settings.temporary.rmdir()
    settings.temporary.write_bytes(b"a file in its place")
    assert not told()
    with temporary_files_in(settings.temporary):
        pass  # a start goes on: who looks after it is told
