"""Bringing an archive back: beside, checked, swapped; whatever fails, what was there is there again."""

import os
import resource
import sqlite3
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlmodel import select

from tests.cli.test_cli import Shell
from tests.worlds.programs import PROGRAMS, program
from tests.worlds.soundness import unsound
from tests.worlds.tampering import KEYS, OTHER_KEYS
from tracker.domain.terms import Way
from tracker.keeping import backup as archives
from tracker.keeping.backup import BackupFailed, make_backup, restore_backup
from tracker.migrations import alembic_config, newest
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.services.people.persons import PersonInput, add_person
from tracker.tables import Event, Person

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CLI = Actor(None, Way.CLI)
pytestmark = pytest.mark.own_database


@pytest.fixture
def db(database_url):
    database = open_database(database_url, keys=KEYS)
    yield database
    database.close()


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "abcd").write_bytes(b"a picture")
    return folder


def add(db, name):
    with db.writing() as session:
        add_person(session, CLI, PersonInput(name), now=NOW)


def names(db):
    with db.reading() as session:
        return sorted(session.exec(select(Person.name)))


@pytest.fixture
def archive(db, database_url, uploads, tmp_path):
    """Of a house with one person; by now there are two, and another picture."""
    add(db, "Ольга Ветрова")
    file = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, file, now=NOW, program=program)
    add(db, "Пётр Соколов")
    (uploads / "ab" / "abcd").write_bytes(b"a newer picture")
    db.close()
    return file


def restore(archive, url, uploads, **more):
    return restore_backup(archive, url, uploads, now=NOW, wall_now=NOW, keys=KEYS, program=program, **more)


def is_as_it_was(db, uploads):
    assert names(db) == ["Ольга Ветрова", "Пётр Соколов"]
    assert (uploads / "ab" / "abcd").read_bytes() == b"a newer picture"
    assert unsound(db) == []
    left = {path.name for path in uploads.parent.iterdir()} - {"auftakt.db-wal", "auftakt.db-shm"}
    assert left <= {"auftakt.db", "one.tar.gz", "uploads"}
    db.close()


def test_what_comes_back_is_sealed_with_the_key_of_this_house(db, archive, database_url, uploads):
    restore(archive, database_url, uploads)
    assert names(db) == ["Ольга Ветрова"] and unsound(db) == []
    assert (uploads / "ab" / "abcd").read_bytes() == b"a picture"


STEPS = {
    "the copy can't be brought up": (archives, "bring_up", OSError(28, "No space left on device")),
    "the mark can't be set": (archives, "mark_restored", sqlite3.OperationalError("database or disk is full")),
    "the copy is killed": (archives, "distrust_waiting", KeyboardInterrupt()),
    "the files can't be placed": (archives, "tighten_below", OSError(5, "Input/output error")),
}


@pytest.mark.parametrize("step", STEPS)
def test_whatever_fails_what_was_there_is_there_again(db, archive, database_url, uploads, monkeypatch, step):
    module, name, error = STEPS[step]

    def fails(*_arguments, **_more):
        raise error

    monkeypatch.setattr(module, name, fails)
    with pytest.raises((BackupFailed, type(error))):
        restore(archive, database_url, uploads)
    monkeypatch.undo()
    is_as_it_was(db, uploads)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", ["replace", "link"])
def test_a_swap_that_breaks_off_is_taken_back(db, archive, database_url, uploads, monkeypatch, step):
    real = getattr(os, step)

    def fails(*arguments, **more):
        if str(arguments[0]).endswith(("auftakt.db", "database.sqlite")):
            raise KeyboardInterrupt
        return real(*arguments, **more)

    monkeypatch.setattr(os, step, fails)
    with pytest.raises(KeyboardInterrupt):
        restore(archive, database_url, uploads)
    monkeypatch.undo()
    is_as_it_was(db, uploads)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_folder_without_hard_links_does_too(db, archive, database_url, uploads, monkeypatch, tmp_path):
    def none(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", none)
    restore(archive, database_url, uploads)
    assert names(db) == ["Ольга Ветрова"]
    assert [path.name for path in tmp_path.glob("auftakt.db.before_*")] == ["auftakt.db.before_20261123T090000"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("limit", [20_000, 300_000, 600_000])
def test_on_a_full_disk_it_says_so_in_one_line_and_changes_nothing(db, archive, database_url, uploads, tmp_path, limit):
    """No file can grow beyond the limit: as on a disk that is full at another moment each time."""
    assert (tmp_path / "auftakt.db").stat().st_size > limit
    variables = {
        "AUFTAKT_DATABASE_URL": database_url, "AUFTAKT_DATA_DIR": str(tmp_path), "AUFTAKT_LANGUAGE": "en",
        "AUFTAKT_JOURNAL_KEY": KEYS.key.decode(), "AUFTAKT_SECRET_KEY": "k" * 40,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tracker.cli", "restore", str(archive)], env={**os.environ, **variables},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("nothing was changed: ")
    is_as_it_was(db, uploads)


def test_an_archive_that_was_damaged_in_the_middle_is_told_as_such(db, archive, database_url, uploads):
    whole = bytearray(archive.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 40] = bytes(40)
    archive.write_bytes(whole)
    with pytest.raises(BackupFailed, match=r"not an archive|damaged"):
        restore(archive, database_url, uploads)
    is_as_it_was(db, uploads)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_database_is_what_one_restores_for(db, archive, database_url, uploads, tmp_path):
    (tmp_path / "auftakt.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    restore(archive, database_url, uploads)
    assert names(db) == ["Ольга Ветрова"]


def tamper(db):
    with db.engine.connect() as connection:
        if db.is_sqlite:
            connection.execute(sa.text("DROP TRIGGER event_no_update"))
        else:
            connection.execute(sa.text("SET session_replication_role = replica"))
        connection.execute(sa.text("UPDATE event SET actor_id = 99"))
        connection.commit()


def test_an_archive_whose_journal_does_not_verify_comes_back_only_when_asked(db, database_url, uploads, tmp_path):
    add(db, "Ольга Ветрова")
    tamper(db)
    archive = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    add(db, "Пётр Соколов")
    db.close()
    with pytest.raises(BackupFailed, match="--anyway"):
        restore(archive, database_url, uploads)
    assert names(db) == ["Ольга Ветрова", "Пётр Соколов"]
    db.close()
    restore(archive, database_url, uploads, anyway=True)
    assert names(db) == ["Ольга Ветрова"]
    assert "journal.tampered" in {one.rule for one in unsound(db)}


def test_without_the_key_it_comes_back_and_verify_says_what_it_can_not_tell(archive, database_url, uploads):
    restore_backup(archive, database_url, uploads, now=NOW, wall_now=NOW, keys=OTHER_KEYS, program=program)
    restored = open_database(database_url, keys=OTHER_KEYS)
    assert {(one.rule, one.object) for one in unsound(restored)} == {("journal.key_missing", f"key:{KEYS.current}")}
    add(restored, "Тимур Азаров")
    assert names(restored) == ["Ольга Ветрова", "Тимур Азаров"]
    restored.close()


def test_an_archive_of_version_0_1_comes_back_migrated_and_sealed(database_url, uploads, tmp_path):
    """Its schema had neither keys nor seals."""
    config = alembic_config(database_url)
    command.downgrade(config, "0008")
    old = open_database(database_url)
    columns = (
        "name, search, salutation, language, timezone, is_role, may_found, opens, closes, weekdays, country, "
        "cadence, knows_bot, telegram_name, telegram_dead_reason, created_at, updated_at, version"
    )
    with old.engine.begin() as connection:
        connection.execute(sa.text(
            f"INSERT INTO person (id, {columns}) VALUES (7, 'Ольга Ветрова', '', '', 'ru', 'Europe/Moscow', false, "
            "false, '10:00:00', '18:00:00', '01234', 'RU', '', true, '', '', '2026-11-23 08:00:00', "
            "'2026-11-23 08:00:00', 1)"
        ))  # fmt: skip
    archive = tmp_path / "old.tar.gz"
    assert make_backup(old, database_url, uploads, archive, now=NOW, program=program).revision == "0008"
    old.close()
    assert restore(archive, database_url, uploads).revision == newest()
    restored = open_database(database_url, keys=KEYS)
    assert names(restored) == ["Ольга Ветрова"] and unsound(restored) == []
    with restored.reading() as session:
        assert "journal.keyed" in session.exec(select(Event.kind)).all()
    restored.close()


def test_a_backup_that_finds_no_room_says_so(db, database_url, uploads, tmp_path, monkeypatch):
    add(db, "Ольга Ветрова")

    def full(*_arguments, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile, "open", full)
    with pytest.raises(BackupFailed, match=r"nothing was changed: .*No space left"):
        make_backup(db, database_url, uploads, tmp_path / "one.tar.gz", now=NOW, program=program)
    assert {path.name for path in tmp_path.iterdir()} <= {"auftakt.db", "auftakt.db-wal", "auftakt.db-shm", "uploads"}


def test_by_the_command_line_the_anchors_follow_what_was_brought_back(database_url, tmp_path, monkeypatch):
    """What was anchored after the archive binds no more; what is anchored now does."""
    monkeypatch.setenv("PATH", str(PROGRAMS), prepend=os.pathsep)
    monkeypatch.chdir(tmp_path)
    shell = Shell(database_url, tmp_path)
    shell.run("project", "add", "--name", "Лён и нить", "--key", "LEN")
    archive = str(tmp_path / "one.tar.gz")
    assert "journal.key" in shell.run("backup", archive).stdout
    shell.run("project", "add", "--name", "Позже", "--key", "LATER")
    lines = (tmp_path / "var" / "anchors.jsonl").read_text().splitlines()
    assert shell.json("verify") == {**shell.json("verify"), "ok": True, "unanchored": 0}
    shell.run("restore", archive)
    found = shell.json("verify")
    assert (found["ok"], found["unanchored"], found["problems"]) == (True, 0, [])
    assert (tmp_path / "var" / "anchors.jsonl").read_text().splitlines()[: len(lines)] == lines, "nothing is forgotten"
    (tmp_path / "var" / "journal.key").unlink()
    assert "AUFTAKT_JOURNAL_KEY" in shell.says("project", "list", status=1)
    assert [one["rule"] for one in shell.json("verify", status=1)["problems"]] == ["journal.key_missing"]
    shell.run("migrate")
    assert shell.json("project", "list")[0]["key"] == "LEN"
    assert [one["rule"] for one in shell.json("verify", status=1)["problems"]] == ["journal.key_missing"]
