"""Opening the database, and what happens to what is open when it stops answering."""

import pytest
import sqlalchemy as sa

from tracker.db import Database, does_not_answer
from tracker.services.ground.opening import open_database


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
