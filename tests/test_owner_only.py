"""Nobody but the account that Auftakt runs as reads its files."""

import os
import stat
from pathlib import Path

import pytest

from tracker.migrations import upgrade
from tracker.owner_only import private_database, private_file, private_folder, tighten, tighten_house
from tracker.services.ground.opening import open_database
from tracker.services.ground.uploads import keep_file
from tracker.settings import load_settings


@pytest.fixture(autouse=True)
def loose():
    """As careless as an account can be: what is narrow here, is so by our own doing."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


def test_the_data_folder_and_its_keys_are_narrow_from_the_first_moment(tmp_path):
    settings = load_settings({"AUFTAKT_DATA_DIR": str(tmp_path / "a" / "var")})
    assert settings.journal_words and settings.key
    assert rights(settings.data_dir) == "700"
    assert {file.name: rights(file) for file in settings.data_dir.iterdir()} == {
        "journal.key": "600", "secret.key": "600",
    }  # fmt: skip


def test_what_was_looser_before_is_tightened_at_a_start(tmp_path):
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    (folder / "secret.key").write_text("k" * 40)
    (folder / "journal.key").write_text("k" * 40)
    (folder / "uploads" / "ab").mkdir(parents=True)
    (folder / "uploads" / "ab" / "abcd").write_text("a picture")
    (folder / "backups").mkdir()
    (folder / "backups" / "one.tar.gz").write_text("everything")
    assert rights(folder / "secret.key") == "666"
    settings = load_settings({"AUFTAKT_DATA_DIR": str(folder)})
    assert settings.journal_words
    tighten_house(settings.data_dir)
    found = {str(path.relative_to(folder)): rights(path) for path in (folder, *folder.rglob("*"))}
    assert {name for name, mode in found.items() if mode not in ("600", "700")} == set()
    assert found["uploads/ab"] == "700" and found["uploads/ab/abcd"] == "600"


def test_database_log_and_index_are_narrow_whoever_makes_them(tmp_path):
    file = tmp_path / "data" / "auftakt.db"
    upgrade(f"sqlite:///{file}")
    assert rights(file) == "600" and rights(file.parent) == "700"
    database = open_database(f"sqlite:///{file}")
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE project_chain SET structure = 1")
        assert {one.name: rights(one) for one in file.parent.iterdir()} == {
            "auftakt.db": "600", "auftakt.db-wal": "600", "auftakt.db-shm": "600",
        }  # fmt: skip
    database.close()


def test_a_looser_database_is_tightened_with_its_log(tmp_path):
    file = tmp_path / "auftakt.db"
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"auftakt.db{suffix}").write_bytes(b"")
    private_database(file)
    assert {rights(one) for one in tmp_path.iterdir()} == {"600"}


def test_uploads_are_narrow(tmp_path):
    kept = keep_file(tmp_path / "uploads", b"a picture", "one.png")
    found = {str(path.relative_to(tmp_path)): rights(path) for path in (tmp_path / "uploads").rglob("*")}
    assert set(found.values()) == {"600", "700"} and found[f"uploads/{kept.sha256[:2]}"] == "700"
    assert rights(tmp_path / "uploads") == "700"


def test_what_is_everybodys_or_not_there_is_left_as_it_is(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    private_folder(shared)
    assert rights(shared) == "1777"
    (tmp_path / "link").symlink_to(shared)
    tighten(tmp_path / "link")
    tighten(tmp_path / "nothing")
    assert rights(shared) == "1777" and not (tmp_path / "nothing").exists()


def test_a_file_that_is_there_keeps_what_is_in_it(tmp_path):
    (tmp_path / "one").write_text("kept")
    private_file(tmp_path / "one")
    assert (tmp_path / "one").read_text() == "kept" and rights(tmp_path / "one") == "600"
