"""`verify` finds what is missing in the database and among the files."""

from datetime import UTC, datetime

import pytest

from tracker.domain.terms import Way
from tracker.keeping.verifying import verify
from tracker.services.ground.journal import Actor
from tracker.services.ground.uploads import keep_file, name_upload, path_of
from tracker.services.people.persons import PersonInput, add_person
from tracker.services.people.projects import ProjectInput, create_project

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CLI = Actor(None, Way.CLI)
pytestmark = pytest.mark.own_database


def add(db, name):
    with db.writing() as session:
        return add_person(session, CLI, PersonInput(name), now=NOW).id


def test_verify_finds_what_is_missing(db, uploads):
    add(db, "Ольга Ветрова")
    with db.reading() as session:
        assert verify(session, uploads, now=NOW).ok
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE project_chain SET seq = seq + 1")
    with db.reading() as session:
        found = verify(session, uploads, now=NOW)
    assert not found.ok
    assert [problem.rule for problem in found.problems] == ["journal.missing"]


def test_verify_reads_the_files_too(db, uploads):
    def rules():
        with db.reading() as session:
            return [problem.rule for problem in verify(session, uploads, now=NOW).problems]

    kept = keep_file(uploads, b"a picture", "one.png")
    project = create_project_in(db)
    with db.writing() as session:
        name_upload(session, CLI, kept, project_id=project, now=NOW)
    assert rules() == []
    path_of(uploads, kept.sha256).write_bytes(b"another picture")
    assert rules() == ["upload.changed"]
    path_of(uploads, kept.sha256).unlink()
    assert rules() == ["upload.missing"]


def create_project_in(db) -> int:
    with db.writing() as session:
        return create_project(session, CLI, ProjectInput("Лён", "LEN"), now=NOW).id
