"""Parties: edited, their lead, their rights, and who of them stays."""

import pytest

from tests.worlds.house import LATER, NOBODY, NOW, by
from tests.worlds.refused import codes
from tracker.domain.errors import Forbidden, Invalid, NotFound, Refused
from tracker.domain.terms import WaitKind
from tracker.services.access.loading import standing
from tracker.services.people import parties
from tracker.services.people.parties import PartyInput
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.services.tasks.fields import WaitInput
from tracker.tables import Party, Task


def test_a_party_is_edited_once_and_its_name_is_its_own(db, house):
    with db.writing() as session:
        edited = parties.edit_party(
            session, by(house.marina), house.studio, 1, {"name": "Студия «Лист»", "kind": "freelancer"}, now=LATER
        )
        assert (edited.name, edited.kind, edited.version) == ("Студия «Лист»", "freelancer", 2)
        assert (
            parties.edit_party(session, by(house.marina), house.studio, 2, {"kind": "freelancer"}, now=LATER).version
            == 2
        )
        for changes, wrong in [
            ({"name": "лен  и нить"}, {("name", "taken")}),
            ({"name": ""}, {("name", "required")}),
            ({"kind": "guild"}, {("kind", "unknown_word")}),
            ({"lead": house.stas}, {("lead", "not_a_member")}),
            ({"lead": house.vera}, {("lead", "observes_only")}),
            ({"colour": "red"}, {("colour", "unknown_field")}),
        ]:
            with pytest.raises(Invalid) as caught:
                parties.edit_party(session, by(house.marina), house.studio, None, changes, now=NOW)
            assert codes(caught) == wrong


def test_a_new_lead_takes_over_what_waits_for_the_party(db, house):
    with db.writing() as session:
        wait = WaitInput(WaitKind.PARTY, party_id=house.studio)
        task = create_task(
            session, by(house.marina), house.len, TaskInput("Форма", owner=house.olga, waiting=wait), now=NOW
        )
        assert task.turn_id == house.petr  # its member with the role of lead
        parties.edit_party(session, by(house.marina), house.studio, None, {"lead": house.timur}, now=LATER)
        assert session.get_one(Task, task.id).turn_id == house.timur


def test_a_party_with_people_stays(db, house):
    with db.writing() as session:
        with pytest.raises(Refused) as caught:
            parties.archive_party(session, by(house.marina), house.studio, now=NOW)
        assert [row["person"] for row in caught.value.missing] == ["Пётр Соколов", "Тимур Азаров"]
        empty = parties.create_party(session, by(house.marina), house.len, PartyInput("Банк"), now=NOW)
        assert parties.archive_party(session, by(house.marina), empty.id, now=NOW).archived_at == NOW
        assert parties.archive_party(session, by(house.marina), empty.id, now=LATER).archived_at == NOW
        mine = standing(session, by(house.timur), house.len)
        assert [party.name for party in parties.parties_of(session, mine)] == ["Лён и нить", "Студия"]
        assert len(parties.parties_of(session, mine, archived=True)) == 3
        assert parties.restore_party(session, by(house.marina), empty.id, now=LATER).archived_at is None


@pytest.mark.parametrize("verb", ["edit", "archive", "restore"])
def test_parties_by_role_outsider_and_nonsense(db, house, verb):
    def act(who, party):
        with db.writing() as session:
            if verb == "edit":
                parties.edit_party(session, by(who), party, None, {"note": "x"}, now=NOW)
            elif verb == "archive":
                parties.archive_party(session, by(who), party, now=NOW)
            else:
                parties.restore_party(session, by(who), party, now=NOW)

    for who in (house.olga, house.petr, house.vera):
        with pytest.raises(Forbidden):
            act(who, house.shop)
    for who, party in [(house.gleb, house.shop), (house.marina, NOBODY)]:
        with pytest.raises(NotFound):
            act(who, party)
    with db.reading() as session:
        assert session.get_one(Party, house.shop).version == 1


def test_a_party_whose_name_was_taken_meanwhile_stays_away(db, house):
    with db.writing() as session:
        bank = parties.create_party(session, by(house.marina), house.len, PartyInput("Банк"), now=NOW)
        parties.archive_party(session, by(house.marina), bank.id, now=NOW)
        other = parties.create_party(session, by(house.marina), house.len, PartyInput("банк"), now=NOW)
        with pytest.raises(Invalid) as caught:
            parties.restore_party(session, by(house.marina), bank.id, now=NOW)
        assert codes(caught) == {("name", "taken")}
        parties.edit_party(session, by(house.marina), other.id, None, {"name": "Другой банк"}, now=NOW)
        assert parties.restore_party(session, by(house.marina), bank.id, now=NOW).archived_at is None
