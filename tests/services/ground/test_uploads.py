"""Files: their place, their row, what is taken and what is not."""

import errno
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.worlds.integrations import NOW, by, lay
from tracker.domain.errors import Invalid, NotFound
from tracker.services.ground import uploads
from tracker.services.ground.uploads import keep_file, name_upload, path_of, upload_path
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.services.tasks.evidence import add_evidence


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


def test_what_somebody_sends_in_a_day_has_a_measure(db):
    """Twenty-five files of eighteen megabytes, by one private link."""
    taken = 0
    for _ in range(25):
        with suppress(Invalid), db.writing() as session:
            uploads.reserve(session, 7, 18_000_000, now=NOW)
            taken += 18
    assert taken == 198
    with db.writing() as session:
        with pytest.raises(Invalid) as refused:
            uploads.reserve(session, 7, 18_000_000, now=NOW + timedelta(hours=23))
        assert [(one.field, one.code) for one in refused.value.errors] == [("file", "files_of_a_day")]
        uploads.reserve(session, 8, 18_000_000, now=NOW)
        uploads.reserve(session, 7, 18_000_000, now=NOW + timedelta(days=1, seconds=1))


def test_a_hundred_small_ones_are_a_day_too(db):
    with db.writing() as session:
        for _ in range(100):
            uploads.reserve(session, 7, 1, now=NOW)
        with pytest.raises(Invalid):
            uploads.reserve(session, 7, 1, now=NOW)


def test_ten_files_a_day_are_enough_for_one_task(db, tmp_path):
    with db.writing() as session:
        world = lay(session)
        task, other = (create_task(session, by(world.anna), world.project, TaskInput(title), now=NOW) for title in "ab")

        def show(number, at=NOW, to=task):
            who = by(world.anna)
            kept = keep_file(tmp_path, b"%d" % number, "a.png")
            named = name_upload(session, who, kept, project_id=world.project, now=at).id
            add_evidence(session, who, to.id, upload_id=named, now=at)

        for number in range(10):
            show(number)
        with pytest.raises(Invalid) as refused:
            show(10)
        assert [one.code for one in refused.value.errors] == ["files_for_one"]
        show(3)  # known already
        show(11, to=other)
        show(12, at=NOW + timedelta(days=1))


def test_files_leave_the_database_its_room(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _place: SimpleNamespace(free=uploads.SPARE + 6))
    with pytest.raises(Invalid) as refused:
        keep_file(tmp_path, b"picture", "a.png")
    assert [one.code for one in refused.value.errors] == ["file_not_kept"]
    assert keep_file(tmp_path, b"photos", "a.png").size == 6


def test_what_no_row_names_is_swept_after_a_day(db, tmp_path):
    kept = [keep_file(tmp_path, text, "a.png") for text in (b"named", b"left", b"young", b"sent again")]
    places = [path_of(tmp_path, one.sha256) for one in kept]
    (places[1].parent / ".part-x").write_bytes(b"half")
    with db.writing() as session:
        world = lay(session)
        name_upload(session, by(world.ira), kept[0], project_id=world.project, now=NOW)
    later = datetime.now(UTC) + timedelta(hours=25)
    os.utime(places[2], (later.timestamp() - 10, later.timestamp() - 10))
    os.utime(places[3], (0, 0))
    keep_file(tmp_path, b"sent again", "b.png")
    assert places[3].stat().st_mtime > 1, "young again, before a row names it"
    os.utime(places[3], (later.timestamp() - 10, later.timestamp() - 10))
    with db.reading() as session:
        assert uploads.sweep(session, tmp_path, wall_now=later) == 2
        assert uploads.sweep(session, tmp_path / "nowhere", wall_now=later) == 0
    assert [place.exists() for place in places] == [True, False, True, True]
