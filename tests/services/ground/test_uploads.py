"""Files: their place, their row, what is taken and what is not."""

import errno

import pytest

from tests.worlds.integrations import NOW, by, lay
from tracker.domain.errors import Invalid, NotFound
from tracker.services.ground import uploads
from tracker.services.ground.uploads import keep_file, name_upload, path_of, upload_path


def test_the_same_content_lies_in_one_place_under_two_names(db, tmp_path):
    folder = tmp_path / "uploads"
    first, second = keep_file(folder, b"picture", "a.png"), keep_file(folder, b"picture", "b.png")
    assert first.sha256 == second.sha256
    assert [file.name for file in folder.rglob("*") if file.is_file()] == [first.sha256]
    with db.writing() as session:
        world = lay(session)
        ids = [
            name_upload(session, by(world.ira), kept, project_id=world.project, now=NOW).id for kept in (first, second)
        ]
    with db.reading() as session:
        rows = [upload_path(session, folder, upload_id) for upload_id in ids]
    assert [row.name for row, _ in rows] == ["a.png", "b.png"]
    assert rows[0][1].read_bytes() == b"picture"


@pytest.mark.parametrize("name", ["setup.exe", "page.html", "logo.svg", "macro.js", "noending", ".png.exe", "", "\n"])
def test_what_a_desktop_or_a_browser_would_run_is_not_taken(tmp_path, name):
    with pytest.raises(Invalid):
        keep_file(tmp_path, b"content", name)
    assert list(tmp_path.iterdir()) == []


def test_names_keep_their_words_and_lose_their_folders(tmp_path):
    assert keep_file(tmp_path, b"1", "../../etc/Акт  сверки.PDF").name == "Акт сверки.PDF"
    assert keep_file(tmp_path, b"1", "C:\\temp\\акт.pdf").name == "акт.pdf"


def test_empty_and_oversized_files_are_refused_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LIMIT", 10)
    assert keep_file(tmp_path, b"0" * 10, "a.txt").size == 10
    for content in (b"", b"0" * 11):
        with pytest.raises(Invalid):
            keep_file(tmp_path, content, "a.txt")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_told_and_leaves_nothing_beside(tmp_path, monkeypatch, step):
    def full(*told):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(f"os.{step}", full)
        with pytest.raises(Invalid) as refused:
            keep_file(tmp_path, b"picture", "a.png")
    assert [(one.field, one.code) for one in refused.value.errors] == [("file", "file_not_kept")]
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
    assert keep_file(tmp_path, b"picture", "a.png").size == 7


def test_a_row_without_its_file_and_no_row_are_not_found(db, tmp_path):
    kept = keep_file(tmp_path, b"picture", "a.png")
    with db.writing() as session:
        world = lay(session)
        upload_id = name_upload(session, by(world.ira), kept, project_id=world.project, now=NOW).id
    path_of(tmp_path, kept.sha256).unlink()
    with db.reading() as session:
        for number in (upload_id, 999):
            with pytest.raises(NotFound):
                upload_path(session, tmp_path, number)
