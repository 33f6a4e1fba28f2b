"""Members of an integration: they come by what they do, and go by hand."""

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by
from tracker.domain.errors import NotFound
from tracker.services.integrations.passports import add_guest, find_integration, remove_member
from tracker.tables import Event


def kinds(session, object_type="integration"):
    return [event.kind for event in session.exec(select(Event).where(Event.object_type == object_type))]


def test_a_guest_sees_it_until_removed_by_hand(db, world):
    with db.writing() as session:
        add_guest(session, by(world.anna), world.bank, world.lena, now=NOW)
        add_guest(session, by(world.anna), world.bank, world.lena, now=NOW)
    with db.writing() as session:
        assert find_integration(session, by(world.lena), world.bank).integration.id == world.bank
        assert kinds(session) == ["integration.member_joined"]
        remove_member(session, by(world.anna), world.bank, world.lena, now=NOW)
        remove_member(session, by(world.anna), world.bank, world.lena, now=NOW)
    with db.reading() as session, pytest.raises(NotFound):
        find_integration(session, by(world.lena), world.bank)
