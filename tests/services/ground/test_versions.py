"""Putting away and bringing back: alike for whatever has an archive."""

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by, lay
from tracker.domain.errors import NotFound
from tracker.services.access.loading import find_row
from tracker.services.ground.versions import bring_back, put_away
from tracker.tables import Card, Deadlock, Event, Integration, Meeting, Party


@pytest.mark.parametrize(("table", "name"), [(Party, "crm"), (Integration, "form")])
def test_a_row_is_put_away_once_and_comes_back_once(db, table, name):
    with db.writing() as session:
        world = lay(session)
        row, mine = find_row(session, by(world.anna), table, getattr(world, name), lock=True)
        assert mine.runs
        news = [put_away(session, by(world.anna), row, NOW) for _ in range(2)]
        assert news == [True, False] and row.archived_at == NOW
        news = [bring_back(session, by(world.anna), row, NOW) for _ in range(2)]
        assert news == [True, False] and row.archived_at is None
    with db.reading() as session:
        noun = table.__tablename__
        assert list(session.exec(select(Event.kind).order_by(Event.id))) == [f"{noun}.archived", f"{noun}.restored"]


@pytest.mark.parametrize("table", [Card, Deadlock, Integration, Meeting, Party])
def test_what_is_not_there_is_not_found_under_its_own_name(db, table):
    with db.writing() as session:
        world = lay(session)
    with db.reading() as session, pytest.raises(NotFound) as told:
        find_row(session, by(world.anna), table, 10**6)
    assert told.value.facts["thing"] == table.__tablename__


@pytest.mark.parametrize(("table", "name"), [(Party, "crm"), (Integration, "form")])
def test_to_an_outsider_the_row_is_not_there_and_no_word_is_said_of_a_project(db, table, name):
    with db.writing() as session:
        world = lay(session)
    with db.reading() as session, pytest.raises(NotFound) as told:
        find_row(session, by(world.stas), table, getattr(world, name))
    assert told.value.facts["thing"] == table.__tablename__
