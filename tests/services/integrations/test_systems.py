"""Systems: who sees them, who edits them, and where they are joined."""

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.services.access.loading import standing
from tracker.services.integrations.passports import set_systems
from tracker.services.integrations.systems import (
    SystemInput,
    archive_system,
    create_system,
    edit_system,
    find_system,
    systems_of,
)
from tracker.tables import Event


def kinds(session, object_type="integration"):
    return [event.kind for event in session.exec(select(Event).where(Event.object_type == object_type))]


def test_systems_are_seen_by_their_party_and_where_they_are_joined(db, world):
    with db.writing() as session:
        anna = by(world.anna)
        site = create_system(session, anna, world.project, SystemInput("Сайт", owner_party=world.studio), now=NOW).id
        bank = create_system(session, anna, world.project, SystemInput("Банк"), now=NOW).id
        set_systems(session, anna, world.form, [bank, site, bank], now=NOW)
        set_systems(session, anna, world.form, [bank, site], now=NOW)
    with db.reading() as session:
        assert [one.id for one in systems_of(session, standing(session, by(world.gleb), world.project))] == [bank, site]
        assert systems_of(session, standing(session, by(world.lena), world.project)) == []
        with pytest.raises(NotFound):
            find_system(session, by(world.lena), bank)
        with pytest.raises(NotFound):
            find_system(session, by(world.stas), bank)
        assert kinds(session).count("integration.changed") == 1


def test_a_system_is_edited_and_put_away_by_the_conductor_only(db, world):
    with db.writing() as session:
        site = create_system(
            session, by(world.anna), world.project, SystemInput("Сайт", owner_party=world.studio), now=NOW
        ).id
    with db.writing() as session:
        with pytest.raises(Forbidden):
            edit_system(session, by(world.ira), site, 1, {"name": "x"}, now=NOW)
        with pytest.raises(Invalid):
            edit_system(session, by(world.anna), site, 1, {"owner_party": 10_000}, now=NOW)
        with pytest.raises(NotFound):
            edit_system(session, by(world.anna), 10_000, 1, {"name": "x"}, now=NOW)
        edit_system(session, by(world.anna), site, 1, {"current_version": "2.1"}, now=NOW)
        edit_system(session, by(world.anna), site, 2, {"current_version": "2.1"}, now=NOW)
        archive_system(session, by(world.anna), site, now=NOW)
    with db.reading() as session:
        assert systems_of(session, standing(session, by(world.anna), world.project)) == []
        assert kinds(session, "system") == ["system.created", "system.changed", "system.archived"]


def test_unknown_systems_are_not_joined(db, world):
    with db.writing() as session, pytest.raises(Invalid):
        set_systems(session, by(world.anna), world.form, [10_000], now=NOW)
