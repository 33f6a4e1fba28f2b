"""Persons: who sees whom, who changes what, and what a change sets off."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.worlds.house import LATER, NOBODY, NOW, by
from tests.worlds.refused import codes
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tracker.services.ground.journal import HOUSE
from tracker.services.people import memberships
from tracker.services.people import persons as people
from tracker.services.people.persons import PersonInput
from tracker.tables import Event, EventPayload, Person, SignIn, Token


def test_an_edit_is_journaled_without_contacts_where_the_project_reads_it(db, house):
    with db.writing() as session:
        edited = people.edit_person(
            session,
            by(house.marina),
            house.olga,
            1,
            {"name": "Ольга Викторовна Ветрова", "phone": "+79000000000"},
            now=LATER,
        )
        assert (edited.version, edited.updated_at) == (2, LATER)
    with db.reading() as session:
        bodies = {
            event.project_id: payload.body["changes"]
            for event, payload in session.exec(
                select(Event, EventPayload)
                .join(EventPayload, EventPayload.event_id == Event.id)
                .where(Event.kind == "person.changed")
            )
        }
    assert set(bodies[HOUSE]) == {"name", "phone"}
    assert set(bodies[house.len]) == {"name"}


def test_an_edit_that_changes_nothing_leaves_no_trace(db, house):
    with db.writing() as session:
        assert (
            people.edit_person(session, by(house.olga), house.olga, 1, {"name": "Ольга Ветрова"}, now=LATER).version
            == 1
        )
    with db.reading() as session:
        assert session.exec(select(Event).where(Event.kind == "person.changed")).all() == []


def test_a_stale_edit_merges_unless_the_field_has_changed(db, house):
    with db.writing() as session:
        people.edit_person(session, by(house.marina), house.olga, 1, {"name": "Ольга В."}, now=NOW)
    with db.writing() as session:
        people.edit_person(session, by(house.marina), house.olga, 1, {"salutation": "Ольга Викторовна"}, now=NOW)
    with db.writing() as session, pytest.raises(Conflict) as caught:
        people.edit_person(session, by(house.marina), house.olga, 1, {"name": "О. Ветрова"}, now=NOW)
    assert caught.value.both == {"name": ("Ольга В.", "О. Ветрова")}


def test_a_conductor_does_not_take_over_the_account_of_somebody_who_signs_in_elsewhere(db, house):
    with db.writing() as session:
        memberships.add_member(
            session, by(house.gleb), house.other, PersonInput("", "olga@shop.example"), memberships.Place(), now=NOW
        )
        people.set_password(session, by(house.olga), house.olga, "hash", now=NOW)
        with pytest.raises(Forbidden):
            people.edit_person(session, by(house.gleb), house.olga, None, {"email": "gleb@else.example"}, now=NOW)
        with pytest.raises(Forbidden):
            people.set_password(session, by(house.gleb), house.olga, "another", now=NOW)


def test_nobody_makes_themself_a_founder(db, house):
    with db.writing() as session:
        with pytest.raises(Forbidden):
            people.edit_person(session, by(house.gleb), house.gleb, None, {"may_found": True}, now=NOW)
        people.edit_person(session, by(house.marina), house.olga, None, {"may_found": True}, now=NOW)
        assert session.get_one(Person, house.olga).may_found


def test_an_address_belongs_to_one_person(db, house):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        people.edit_person(session, by(house.olga), house.olga, 1, {"email": "Timur@studio.example"}, now=NOW)
    assert codes(caught) == {("email", "taken")}


def test_a_deputy_is_somebody_of_the_same_project(db, house):
    with db.writing() as session:
        for wrong in (house.stas, house.timur, NOBODY):
            with pytest.raises(Invalid) as caught:
                people.edit_person(session, by(house.timur), house.timur, None, {"deputy": wrong}, now=NOW)
            assert codes(caught) == {("deputy", "not_a_member")}
        people.edit_person(session, by(house.timur), house.timur, None, {"deputy": house.petr}, now=NOW)
        assert session.get_one(Person, house.timur).deputy_id == house.petr


def test_knowing_of_the_bot_is_said_by_who_conducts_or_by_themself(db, house):
    with db.writing() as session:
        assert people.mark_knows_bot(session, by(house.marina), house.timur, True, now=NOW).knows_bot
        assert not people.mark_knows_bot(session, by(house.timur), house.timur, False, now=NOW).knows_bot
        with pytest.raises(Forbidden):
            people.mark_knows_bot(session, by(house.petr), house.timur, True, now=NOW)
        with pytest.raises(NotFound):
            people.mark_knows_bot(session, by(house.gleb), house.timur, True, now=NOW)


def test_somebody_with_a_place_is_not_archived_and_without_one_all_their_doors_close(db, house):
    with db.writing() as session:
        with pytest.raises(Refused, match="still_a_member"):
            people.archive_person(session, by(house.marina), house.vera, now=NOW)
        memberships.remove_member(session, by(house.marina), house.len, house.vera, now=NOW)
        session.add(SignIn(token_sha256="x", person_id=house.vera, created_at=NOW, seen_at=NOW, expires_at=LATER))
        session.add(Token(person_id=house.vera, scope="page", nonce="n", sha256="y", created_at=NOW))
        session.flush()
        people.archive_person(session, by(house.marina), house.vera, now=LATER)
        people.archive_person(session, by(house.marina), house.vera, now=LATER + timedelta(hours=1))
    with db.reading() as session:
        assert session.get_one(Person, house.vera).archived_at == LATER
        assert session.exec(select(SignIn.revoked_at)).all() == [LATER]
        assert session.exec(select(Token.revoked_at)).all() == [LATER]
    with db.writing() as session:
        assert people.restore_person(session, by(house.marina), house.vera, now=LATER).archived_at is None


def test_nobody_archives_themself_or_by_no_right(db, house):
    with db.writing() as session:
        for who in (house.olga, house.timur):
            with pytest.raises(Forbidden):
                people.archive_person(session, by(who), house.olga, now=NOW)
        with pytest.raises(NotFound):
            people.archive_person(session, by(house.stas), house.olga, now=NOW)
