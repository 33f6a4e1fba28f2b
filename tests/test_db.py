"""Opening the database, and what happens to what is open when it stops answering."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tracker.db import Database, chunks, does_not_answer, upsert
from tracker.services.ground.opening import open_database
from tracker.tables import Lease

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def note(database: Database) -> None:
    with database.writing() as session:
        session.execute(sa.text("DELETE FROM pulse"))
        session.execute(sa.text("DELETE FROM lease"))


def test_a_mended_file_is_used_again_by_whoever_comes_next(sqlite_template, tmp_path):
    file = tmp_path / "own.db"
    file.write_bytes(whole := sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{file}")
    try:
        with database.writing() as session:
            session.execute(sa.text("SELECT 1 FROM pulse"))
        file.write_bytes(b"no database" * (len(whole) // 11))
        with pytest.raises(sa.exc.DatabaseError) as told:
            note(database)
        assert does_not_answer(told.value)
        file.write_bytes(whole)
        note(database)
    finally:
        database.close()


def test_what_is_there_already_is_kept_or_renewed_on_both_databases(db):
    def kept(holder, **conflict):
        with db.writing() as session:
            put = upsert(session, Lease).values(name="clock", holder=holder, until=NOON)
            put = put.on_conflict_do_update(**conflict) if conflict else put.on_conflict_do_nothing()
            session.connection().execute(put)
            return session.exec(select(Lease.holder)).one()

    assert kept("first") == kept("second") == "first"
    assert kept("third", index_elements=["name"], set_={"holder": "third"}) == "third"


def test_long_lists_of_ids_are_asked_in_parts_that_both_databases_take():
    parts = list(chunks(reversed(range(1, 1201))))
    assert [len(part) for part in parts] == [500, 500, 200]
    assert [one for part in parts for one in part] == list(range(1, 1201))
    assert list(chunks([])) == []
