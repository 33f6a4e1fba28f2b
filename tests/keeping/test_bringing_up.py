"""Bringing a database up: its journal is sealed, and tells a migration's own changes from those of somebody else."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests.worlds.shop import lay
from tests.worlds.soundness import unsaid, unsound
from tests.worlds.tampering import KEYS, OTHER_KEYS
from tracker.keeping import bringing_up
from tracker.keeping.bringing_up import bring_up
from tracker.migrations import newest
from tracker.services.ground.journal_keys import keys_of
from tracker.services.ground.opening import open_database
from tracker.tables import Event

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
pytestmark = pytest.mark.own_database


@pytest.fixture
def house(database_url):
    database = open_database(database_url, keys=KEYS)
    world = lay(database)
    assert bring_up(database_url, KEYS, now=NOW).problems is None
    yield database, world
    database.close()


def found(database):
    return {(one.rule, one.object) for one in unsound(database)}


def run(database, *statements):
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.fixture
def next_version(monkeypatch):
    """A version to come, whose migration runs these statements."""

    def of(database, *statements):
        monkeypatch.setattr(bringing_up, "newest", lambda: "9999")
        monkeypatch.setattr(bringing_up, "upgrade", lambda _url: run(database, *statements))

    return of


def test_an_empty_place_gets_a_schema_and_a_sealed_journal(tmp_path):
    url = f"sqlite:///{tmp_path}/new.db"
    done = bring_up(url, KEYS, now=NOW)
    assert (done.before, done.after, done.problems) == ("", newest(), 0)
    again = bring_up(url, KEYS, now=NOW)
    assert (again.before, again.problems) == (newest(), None)
    database = open_database(url, keys=KEYS)
    assert unsound(database) == []
    with database.reading() as session:
        assert [(row.kind, row.key_id) for row in session.exec(select(Event))] == [("journal.keyed", KEYS.current)]
    database.close()


def test_what_a_migration_changes_is_told_of_and_what_was_changed_before_it_stays_found(
    house, database_url, next_version
):
    database, world = house
    run(database, f"UPDATE task SET notes = 'x' WHERE id = {world.tasks[2]}")
    next_version(
        database, "UPDATE person SET country = 'KZ'", "DELETE FROM deadlocktask", "UPDATE task SET own_1 = title"
    )
    bring_up(database_url, KEYS, now=NOW)
    assert found(database) == {("state.differs", f"task:{world.tasks[2]}")}
    with database.reading() as session:
        kinds = [row.kind for row in session.exec(select(Event).where(Event.project_id == 0).order_by(Event.seq))]
    assert kinds[-1] == "journal.migrated" and unsaid(database) == 0


def test_a_column_that_only_the_new_schema_has_changes_nothing(house, database_url, next_version):
    database, world = house
    for table, name in (("task", "muted"), ("party", "note"), ("task", "priority")):
        run(database, f"ALTER TABLE {table} DROP COLUMN {name}")
    run(database, f"UPDATE task SET notes = 'x' WHERE id = {world.tasks[2]}")
    next_version(
        database,
        "ALTER TABLE task ADD COLUMN muted BOOLEAN NOT NULL DEFAULT false",
        "ALTER TABLE party ADD COLUMN note VARCHAR NOT NULL DEFAULT ''",
        "ALTER TABLE task ADD COLUMN priority VARCHAR NOT NULL DEFAULT 'normal'",
    )
    # One of its tasks was of a high priority, which the column took along when it went.
    bring_up(database_url, KEYS, now=NOW)
    assert found(database) == {
        ("state.differs", f"task:{world.tasks[2]}"), ("state.differs", f"task:{world.tasks[4]}")
    }  # fmt: skip


def test_a_key_that_is_changed_along_with_the_version_hides_nothing(house, database_url, next_version):
    database, world = house
    run(database, f"UPDATE task SET notes = 'x' WHERE id = {world.tasks[2]}")
    next_version(database, "UPDATE person SET country = 'KZ'")
    keys = keys_of([OTHER_KEYS.key.decode(), KEYS.key.decode()])
    assert bring_up(database_url, keys, now=NOW).problems == 0
    after = open_database(database_url, keys=keys)
    assert found(after) == {("state.differs", f"task:{world.tasks[2]}")}
    after.close()
