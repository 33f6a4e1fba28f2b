"""Backups: taken while others write, brought back whole, and quiet afterwards; on both databases."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from tests.worlds.outbox import Wire, ask, at, pass_time, settle_in
from tests.worlds.postgresql import program
from tracker.domain.terms import Way
from tracker.keeping.archives import extract
from tracker.keeping.backup import BackupFailed, heads_of, make_backup, restore_backup
from tracker.keeping.verifying import verify
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.services.house import leases
from tracker.services.house.installation import is_paused, resume_sending
from tracker.services.people.persons import PersonInput, add_person
from tracker.tables import Message, Person, Task

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CLI = Actor(None, Way.CLI)
pytestmark = pytest.mark.own_database


def add(db, name):
    with db.writing() as session:
        return add_person(session, CLI, PersonInput(name), now=NOW).id


def names(db):
    with db.reading() as session:
        return sorted(session.exec(select(Person.name)))


def restore(archive, url, uploads, now=NOW):
    return restore_backup(archive, url, uploads, now=now, wall_now=now, program=program)


def test_what_was_backed_up_comes_back_and_verifies(db, database_url, uploads, tmp_path):
    add(db, "Ольга Ветрова")
    with db.reading() as session:
        before = heads_of(session)
    archive = tmp_path / "copies" / "one.tar.gz"
    made = make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    assert made.heads == before and archive.stat().st_mode & 0o077 == 0

    add(db, "Пётр Соколов")
    (uploads / "ab" / "abcd").write_bytes(b"spoilt")
    db.close()
    back = restore(archive, database_url, uploads)

    restored = open_database(database_url)
    assert back.heads == before
    assert names(restored) == ["Ольга Ветрова"]
    assert (uploads / "ab" / "abcd").read_bytes() == b"a picture"
    with restored.reading() as session:
        assert verify(session, uploads, now=NOW).problems == []
        assert is_paused(session)
        assert heads_of(session)["0"][0] == before["0"][0] + 1  # the pause itself is journaled
    with restored.writing() as session:
        assert resume_sending(session, CLI, now=NOW)
    add(restored, "Тимур Азаров")
    assert names(restored) == ["Ольга Ветрова", "Тимур Азаров"]
    restored.close()


def test_a_copy_writes_to_nobody_what_the_original_may_have_written(db, database_url, uploads, tmp_path):
    """The copy is of a morning on which one question waited; the original sends it, then asks somebody else."""
    world = settle_in(db)
    asks = ask(db, world, "Ответить про телефон", world.olga)
    morning = at("2026-11-26 09:30")
    tick(db, morning)
    archive = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, archive, now=morning, program=program)
    first = Wire()
    noon = at("2026-11-26 12:00")
    deliver(db, noon, {"telegram": first})
    assert [one.person_id for one in first.got] == [world.olga]
    db.close()

    restore(archive, database_url, uploads, now=noon)
    copy, wire = open_database(database_url), Wire()
    with copy.reading() as session:
        lines = session.exec(select(Message).where(Message.person_id == world.olga)).all()
        assert [(one.state, one.state_reason) for one in lines] == [("unknown", "restored")]
    with copy.writing() as session:
        resume_sending(session, CLI, now=noon)
    also = ask(copy, world, "Ответить про адрес", world.pavel, now=noon - timedelta(days=6))
    assert pass_time(copy, wire, noon, at("2026-11-26 23:00")) == []
    told = pass_time(copy, wire, at("2026-11-27 09:00"), at("2026-11-27 18:00"))
    assert {one.person_id for _when, one in told} == {world.olga, world.pavel}
    assert len(told) == 2
    with copy.reading() as session:
        assert verify(session, uploads, now=noon).problems == []
        assert {session.get_one(Task, one).nudges for one in (asks, also)} == {1}
    copy.close()


def test_a_second_restore_works_and_what_was_there_is_kept_each_time(db, database_url, uploads, tmp_path):
    archive = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    add(db, "Пётр Соколов")
    db.close()
    restore(archive, database_url, uploads)
    restore(archive, database_url, uploads, now=NOW + timedelta(hours=1))
    again = open_database(database_url)
    assert names(again) == []
    if again.is_sqlite:
        (aside,) = tmp_path.glob("auftakt.db.before_20261123T090000")
        with sqlite3.connect(aside) as kept:
            assert kept.execute("SELECT name FROM person").fetchall() == [("Пётр Соколов",)]
        kept.close()
    else:
        with again.reading() as session:
            kept_rows = session.connection().exec_driver_sql('SELECT name FROM "before_20261123T090000".person')
            assert [row.name for row in kept_rows] == ["Пётр Соколов"]
    again.close()


def test_a_running_server_is_not_pulled_from_under(db, database_url, uploads, tmp_path):
    add(db, "Ольга Ветрова")
    archive = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    with db.writing() as session:
        leases.take(session, leases.SERVER, "somebody", now=NOW)
    with pytest.raises(BackupFailed, match="is running"):
        restore(archive, database_url, uploads)
    assert names(db) == ["Ольга Ветрова"]
    db.close()
    restore(archive, database_url, uploads, now=NOW + leases.TERM)


def test_an_archive_holds_the_commits_that_stand_in_the_log_only(db, database_url, uploads, tmp_path):
    add(db, "Ольга Ветрова")  # on SQLite this commit is in the -wal file still
    archive = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    db.close()
    restore(archive, database_url, uploads)
    restored = open_database(database_url)
    assert names(restored) == ["Ольга Ветрова"]
    restored.close()


def test_the_archive_names_what_it_is_and_holds_no_key(db, database_url, uploads, tmp_path):
    (tmp_path / "secret.key").write_text("k" * 40)
    archive = tmp_path / "one.tar.gz"
    made = make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    with tarfile.open(archive) as packed:
        inside = packed.getnames()
        manifest = json.loads(packed.extractfile("manifest.json").read())
    assert inside[0] == "manifest.json" and "uploads/ab/abcd" in inside
    assert not [name for name in inside if "key" in name]
    assert manifest["revision"] == made.revision and manifest["at"] == "2026-11-23T09:00:00Z"


def broken_archives(folder: Path, good: Path) -> dict[str, Path]:
    made = {name: folder / f"{name}.tar.gz" for name in ("text", "half", "foreign", "swapped", "newer", "outside")}
    made["text"].write_text("not an archive")
    made["half"].write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    with tarfile.open(made["foreign"], "w:gz") as packed:
        packed.add(folder / "text.tar.gz", "something")
    whole = folder / "whole"
    with tarfile.open(good) as packed:
        extract(packed, whole)
    manifest = json.loads((whole / "manifest.json").read_text())
    with tarfile.open(made["outside"], "w:gz") as packed:
        packed.add(whole, ".")
        packed.add(folder / "text.tar.gz", "../written outside")
    (whole / "manifest.json").write_text(json.dumps({**manifest, "revision": "9999"}))
    with tarfile.open(made["newer"], "w:gz") as packed:
        packed.add(whole, ".")
    (whole / "manifest.json").write_text(json.dumps({**manifest, "sha256": "0" * 64}))
    with tarfile.open(made["swapped"], "w:gz") as packed:
        packed.add(whole, ".")
    return made


def test_what_is_no_whole_archive_of_ours_changes_nothing(db, database_url, uploads, tmp_path):
    add(db, "Ольга Ветрова")
    good = tmp_path / "good.tar.gz"
    make_backup(db, database_url, uploads, good, now=NOW, program=program)
    for archive in broken_archives(tmp_path, good).values():
        with pytest.raises(BackupFailed):
            restore(archive, database_url, uploads)
    assert names(db) == ["Ольга Ветрова"]
    assert (uploads / "ab" / "abcd").exists()


def test_the_other_kind_of_database_is_refused(db, database_url, uploads, tmp_path):
    archive = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    other = "postgresql://nobody@localhost/nothing" if db.is_sqlite else f"sqlite:///{tmp_path}/other.db"
    with pytest.raises(BackupFailed, match="other kind"):
        restore(archive, other, uploads)


def test_an_archive_comes_back_on_a_machine_with_nothing_on_it(db, database_url, uploads, tmp_path, postgresql_server):
    add(db, "Ольга Ветрова")
    archive = tmp_path / "one.tar.gz"
    make_backup(db, database_url, uploads, archive, now=NOW, program=program)
    if not db.is_sqlite:
        return_to = database_url  # an empty schema of the same database stands for the new machine
        with db.writing() as session:
            session.connection().exec_driver_sql("DROP SCHEMA public CASCADE")
            session.connection().exec_driver_sql("CREATE SCHEMA public")
    else:
        return_to = f"sqlite:///{tmp_path}/elsewhere/auftakt.db"
    db.close()
    restore(archive, return_to, tmp_path / "elsewhere" / "uploads")
    restored = open_database(return_to)
    assert names(restored) == ["Ольга Ветрова"]
    assert (tmp_path / "elsewhere" / "uploads" / "ab" / "abcd").exists()
    restored.close()


def test_a_missing_program_is_named_with_the_cure(db, database_url, uploads, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    target = tmp_path / "one.tar.gz"
    if db.is_sqlite:
        make_backup(db, database_url, uploads, target, now=NOW)
        assert target.exists()
        return
    with pytest.raises(BackupFailed, match="pg_dump is not installed"):
        make_backup(db, database_url, uploads, target, now=NOW)
    assert not target.exists()


def test_a_failed_restore_leaves_everything_as_it_was(postgresql_copies, uploads, tmp_path):
    """PostgreSQL only: on SQLite a checked file is put in place, there is no loading that could fail."""

    def broken(name: str) -> str:
        return shutil.which("false") or "/bin/false"

    with postgresql_copies() as url:
        db = open_database(url)
        add(db, "Ольга Ветрова")
        archive = tmp_path / "one.tar.gz"
        make_backup(db, url, uploads, archive, now=NOW, program=program)
        db.close()
        with pytest.raises(BackupFailed, match="false failed"):
            restore_backup(archive, url, uploads, now=NOW, wall_now=NOW, program=broken)
        assert names(db) == ["Ольга Ветрова"]
        with db.reading() as session:
            assert verify(session, uploads, now=NOW).ok
        db.close()


def test_whoever_is_connected_to_postgresql_is_not_pulled_from_under(postgresql_copies, uploads, tmp_path):
    """PostgreSQL only: a server without its bot holds no lease there."""
    with postgresql_copies() as url:
        db = open_database(url)
        archive = tmp_path / "one.tar.gz"
        make_backup(db, url, uploads, archive, now=NOW, program=program)
        with db.reading() as session:
            heads_of(session)  # the pool keeps this connection
        with pytest.raises(BackupFailed, match="are connected"):
            restore(archive, url, uploads)
        db.close()
        restore(archive, url, uploads)


def test_what_could_not_be_done_is_said_in_the_language_of_the_installation(tmp_path):
    other = tmp_path / "letter.txt"
    other.write_text("no archive")
    folder = {"AUFTAKT_DATA_DIR": str(tmp_path / "var"), "AUFTAKT_DATABASE_URL": "", "AUFTAKT_LANGUAGE": "ru"}
    done = subprocess.run(
        [sys.executable, "-m", "tracker.cli", "restore", str(other)],
        env={**os.environ, **folder},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (1, f"{other} — не архив Auftakt или не весь архив")
