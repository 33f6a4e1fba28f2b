"""A person and their Telegram, on both databases: linking, losing, leaving off."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from tests.worlds.integrations import NOW, by
from tracker.domain.errors import NotFound
from tracker.domain.terms import Scope, Way
from tracker.services.access.tokens import issue
from tracker.services.channels.invitations import invite
from tracker.services.channels.telegram import (
    forget_updates,
    is_taken,
    known_chats,
    link,
    lose_telegram,
    move_chat,
    opt_in,
    opt_out,
    person_of,
    read_offer,
    regain_telegram,
    take_update,
)
from tracker.services.ground.journal import Actor
from tracker.services.house.journal_check import verify_journal
from tracker.tables import Card, Event, Person, TelegramUpdate

KEY = b"k" * 32


def linked(db, world, person_id, telegram_id):
    with db.writing() as session:
        start = invite(
            session, by(world.anna), world.project, person_id, key=KEY, public_url="https://a.example", now=NOW
        )
        offer = read_offer(session, start.start, now=NOW)
        assert offer.person_id == person_id
        link(session, offer.token_id, telegram_id, telegram_id, "Имя", now=NOW)
    return start.start


def person(db, person_id):
    with db.reading() as session:
        return session.get_one(Person, person_id)


def cards(db):
    with db.reading() as session:
        return session.exec(select(Card).order_by(col(Card.id))).all()


def test_an_offer_names_the_person_the_party_and_who_conducts(db, world):
    with db.writing() as session:
        start = invite(
            session, by(world.anna), world.project, world.ira, key=KEY, public_url="https://a.example", now=NOW
        )
        offer = read_offer(session, start.start, now=NOW)
    assert (offer.name, offer.party, offer.project, offer.conductor) == ("Ira", "Студия", "LAVKA", "Anna")


def test_ids_wider_than_32_bits_are_kept(db, world):
    linked(db, world, world.ira, 2**51)
    assert person(db, world.ira).telegram_id == 2**51
    with db.reading() as session:
        known = person_of(session, 2**51, now=NOW)
        assert known is not None and known.person_id == world.ira
        assert known_chats(session) == [(2**51, "Ira")]
        assert person_of(session, 1, now=NOW) is None


def test_a_link_is_spent_and_only_a_start_token_links(db, world):
    payload = linked(db, world, world.ira, 100)
    with db.writing() as session:
        with pytest.raises(NotFound):
            read_offer(session, payload, now=NOW)
        page = issue(session, by(world.gleb), world.gleb, Scope.PAGE, key=KEY, now=NOW)
        with pytest.raises(NotFound):
            link(session, page.id, 200, 200, "Чужой", now=NOW)
        with pytest.raises(NotFound):
            link(session, 9999, 200, 200, "Чужой", now=NOW)


def test_an_offer_does_not_outlive_its_term_between_question_and_answer(db, world):
    with db.writing() as session:
        start = invite(
            session, by(world.anna), world.project, world.ira, key=KEY, public_url="https://a.example", now=NOW
        )
        offer = read_offer(session, start.start, now=NOW)
        with pytest.raises(NotFound):
            link(session, offer.token_id, 100, 100, "Имя", now=NOW + timedelta(days=31))


def test_a_person_who_was_put_away_is_a_stranger(db, world):
    linked(db, world, world.ira, 100)
    with db.writing() as session:
        row = session.get_one(Person, world.ira)
        row.archived_at = NOW
        session.add(row)
    with db.reading() as session:
        assert person_of(session, 100, now=NOW) is None


def test_losing_twice_tells_once_and_regaining_settles(db, world):
    linked(db, world, world.ira, 100)
    for _ in range(2):
        with db.writing() as session:
            lose_telegram(session, world.ira, "blocked", now=NOW)
    [card] = cards(db)
    assert (card.kind, card.project_id, card.facts["reason"]) == ("unreachable", world.project, "blocked")
    for _ in range(2):
        with db.writing() as session:
            regain_telegram(session, world.ira, now=NOW)
    assert cards(db)[0].settled_at == NOW
    with db.reading() as session:
        kinds = [event.kind for event in session.exec(select(Event).where(Event.project_id == world.project))]
        assert (kinds.count("person.unreachable"), kinds.count("person.reachable")) == (1, 1)
        assert verify_journal(session).problems == []


def test_a_chat_that_moved_is_found_under_its_new_id(db, world):
    linked(db, world, world.ira, 100)
    with db.writing() as session:
        assert move_chat(session, 100, -1001, now=NOW)
        assert not move_chat(session, 100, -1001, now=NOW)
    assert person(db, world.ira).telegram_chat_id == -1001


def test_opting_out_and_in_is_told_once_each(db, world):
    linked(db, world, world.ira, 100)
    actor = Actor(world.ira, Way.TELEGRAM)
    with db.writing() as session:
        assert [opt_out(session, actor, now=NOW), opt_out(session, actor, now=NOW)] == [True, False]
        assert [opt_in(session, actor, now=NOW), opt_in(session, actor, now=NOW)] == [True, False]
    assert [(card.kind, card.settled_how) for card in cards(db)] == [("opt_out", "resumed")]


def test_an_update_is_taken_once_and_forgotten_in_time(db):
    with db.writing() as session:
        take_update(session, 2**40, now=NOW)
        take_update(session, 2**40, now=NOW)
        assert is_taken(session, 2**40)
        forget_updates(session, NOW)
        assert is_taken(session, 2**40), "the boundary is still kept"
        forget_updates(session, NOW + timedelta(seconds=1))
    with db.reading() as session:
        assert session.exec(select(TelegramUpdate)).all() == []
