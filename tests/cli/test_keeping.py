"""Backups and checks by command."""

import os
from datetime import UTC, datetime

import pytest

from tests.worlds.postgresql import programs
from tracker.services.house.leases import SERVER, release, take


@pytest.mark.own_database
def test_backup_restore_and_resume(project, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(programs()), prepend=os.pathsep)
    archive = str(tmp_path / "one.tar.gz")
    made = project.json("backup", archive)
    project.run("project", "add", "--name", "Позже", "--key", "LATER")
    db = project.reading()
    with db.writing() as session:
        take(session, SERVER, "somebody", now=datetime.now(UTC))
    assert "is running" in project.says("restore", archive, status=1)
    with db.writing() as session:
        release(session, SERVER, "somebody")
    db.close()
    back = project.json("restore", archive)
    assert (back["heads"], back["sending"]) == (made["heads"], "paused")
    assert [row["key"] for row in project.json("project", "list")] == ["LEN"]
    doctor = {row["check"]: row["ok"] for row in project.json("doctor", status=1)}
    assert not doctor["sending"] and doctor["schema"]
    assert project.json("resume") == {"sending": "on", "was_paused": True}
    assert project.json("resume")["was_paused"] is False
    assert project.json("verify") == {"ok": True, "checked": project.json("verify")["checked"], "problems": []}


def test_a_failed_backup_is_told_and_remembered(project, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("")
    project.run("backup", str(tmp_path / "folder"), status=2)
    project.says("restore", str(tmp_path / "text"), status=1)


def test_verify_and_doctor_find_what_is_wrong(project):
    assert project.json("doctor")[0]["check"] == "data_dir"
    db = project.reading()
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE project_chain SET seq = seq + 1 WHERE project_id > 0")
    db.close()
    found = project.json("verify", status=1)
    assert not found["ok"] and found["problems"][0]["rule"] == "journal.missing"
