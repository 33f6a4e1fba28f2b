"""Signing in: one answer for all failures, a new token each time, slower after failures, revocable."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import col, select

from tracker.domain.errors import Forbidden, Invalid, NotFound, Slower
from tracker.domain.terms import Way
from tracker.services.access import attempts, entrance, sessions
from tracker.services.ground.journal import HOUSE, Actor
from tracker.services.house.journal_check import verify_journal
from tracker.services.people.persons import PersonInput, archive_person, make_person, set_password
from tracker.tables import Attempt, Event, Person, SignIn

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CLI = Actor(None, Way.CLI)
PASSWORD = "двенадцать знаков"


@pytest.fixture(scope="module")
def hashed():
    return sessions.hash_password(PASSWORD)


@pytest.fixture
def olga(db, hashed) -> int:
    with db.writing() as session:
        person = make_person(session, CLI, PersonInput("Ольга Ветрова", "Olga@Shop.example"), now=NOW)
        set_password(session, CLI, person.id, hashed, now=NOW)
        return person.id


def enter(db, email="olga@shop.example", password=PASSWORD, now=NOW, address="192.0.2.0", previous=""):
    return sessions.sign_in(db, email, password, address=address, agent="Firefox", now=now, previous=previous)


def who(db, token, now=NOW):
    with db.reading() as session:
        return entrance.enter(session, token, "", now, demo=False).person


def test_the_right_password_opens_a_session(db, olga):
    opened = enter(db, " OLGA@shop.EXAMPLE ")
    signed = who(db, opened.token)
    assert (signed.person_id, signed.name, signed.language) == (olga, "Ольга Ветрова", "ru")
    with db.reading() as session:
        row = session.get(SignIn, opened.id)
        assert opened.token not in row.token_sha256 and row.agent == "Firefox"
        assert verify_journal(session).problems == []


def test_every_failure_says_the_same(db, olga, hashed):
    with db.writing() as session:
        make_person(session, CLI, PersonInput("Без Пароля", "nopass@shop.example"), now=NOW)
        gone = make_person(session, CLI, PersonInput("Лев Гринберг", "lev@shop.example"), now=NOW)
        set_password(session, CLI, gone.id, hashed, now=NOW)
        archive_person(session, CLI, gone.id, now=NOW)
    said = set()
    for email, password in [
        ("olga@shop.example", "another password"),
        ("olga@shop.example", "x" * 5000),
        ("nobody@shop.example", PASSWORD),
        ("nopass@shop.example", PASSWORD),
        ("nopass@shop.example", ""),
        ("lev@shop.example", PASSWORD),
        ("", ""),
    ]:
        with pytest.raises(Invalid) as caught:
            enter(db, email, password)
        said.add((caught.value.code, tuple(caught.value.errors), tuple(caught.value.facts)))
    assert said == {("sign_in_failed", (), ())}


def test_each_sign_in_has_a_new_token_and_ends_the_one_it_came_with(db, olga):
    first = enter(db)
    second = enter(db, previous=first.token)
    assert first.token != second.token
    assert who(db, first.token) is None
    assert who(db, second.token).person_id == olga


def test_a_token_that_a_stranger_planted_opens_nothing(db, olga):
    enter(db, previous="chosen by somebody else")
    assert who(db, "chosen by somebody else") is None
    assert who(db, "") is None


def test_a_session_ends_after_two_idle_weeks_or_sixty_days(db, olga):
    opened = enter(db)
    second = timedelta(seconds=1)
    assert who(db, opened.token, NOW + sessions.IDLE - second) is not None
    assert who(db, opened.token, NOW + sessions.IDLE) is None
    for day in range(10, 60, 10):
        with db.writing() as session:
            sessions.touch(session, opened.id, now=NOW + timedelta(days=day))
    assert who(db, opened.token, NOW + sessions.LONGEST - second) is not None
    assert who(db, opened.token, NOW + sessions.LONGEST) is None


def test_being_seen_is_noted_once_a_minute(db, olga):
    opened = enter(db)
    assert not who(db, opened.token, NOW + timedelta(seconds=59)).unseen
    assert who(db, opened.token, NOW + timedelta(seconds=60)).unseen
    with db.writing() as session:
        sessions.touch(session, opened.id, now=NOW + timedelta(seconds=60))
    assert not who(db, opened.token, NOW + timedelta(seconds=100)).unseen


def test_five_failures_are_free_then_each_one_costs_a_longer_wait(db, olga):
    for _ in range(5):
        with pytest.raises(Invalid):
            enter(db, password="another password")
    with pytest.raises(Slower) as caught:
        enter(db, now=NOW)
    assert caught.value.wait >= 1
    with pytest.raises(Invalid):
        enter(db, password="another password", now=NOW + timedelta(seconds=2))
    with pytest.raises(Slower):
        enter(db, now=NOW + timedelta(seconds=3))
    assert enter(db, now=NOW + timedelta(seconds=5)).person_id == olga
    enter(db, now=NOW + timedelta(seconds=5))


def test_one_account_is_slowed_down_without_the_others(db, olga, hashed):
    with db.writing() as session:
        lev = make_person(session, CLI, PersonInput("Лев Гринберг", "lev@shop.example"), now=NOW)
        set_password(session, CLI, lev.id, hashed, now=NOW)
    for _ in range(5):
        with pytest.raises(Invalid):
            enter(db, password="another password", address="192.0.2.1")
    with pytest.raises(Slower):
        enter(db, address="192.0.2.1")
    assert enter(db, "lev@shop.example").person_id == lev.id


def test_unknown_accounts_are_slowed_down_alike(db):
    for _ in range(5):
        with pytest.raises(Invalid):
            enter(db, "nobody@shop.example")
    with pytest.raises(Slower):
        enter(db, "nobody@shop.example")


def test_an_address_that_tries_many_accounts_is_slowed_down(db, olga):
    with db.writing() as session:
        session.add_all([Attempt(key="network:192.0.2.0/24", at=NOW) for _ in range(30)])
    with pytest.raises(Slower):
        enter(db)
    assert enter(db, address="192.0.3.1").person_id == olga
    assert enter(db, now=NOW + attempts.WINDOW).person_id == olga


def test_a_success_takes_back_its_own_attempt_only(db, olga):
    with pytest.raises(Invalid):
        enter(db, "nobody@shop.example")
    enter(db)
    with db.reading() as session:
        keys = sorted(row.key.split(":")[0] for row in session.exec(select(Attempt)))
    assert keys == ["account", "network", "pair"]


def test_an_archived_person_is_signed_out_at_once(db, olga):
    opened = enter(db)
    with db.writing() as session:
        archive_person(session, CLI, olga, now=NOW)
    assert who(db, opened.token) is None


def test_sign_out_and_revoke_end_one_session_and_twice_is_once(db, olga):
    one, two = enter(db), enter(db)
    me = Actor(olga, Way.WEB)
    with db.writing() as session:
        sessions.sign_out(session, me, one.token, now=NOW)
        sessions.sign_out(session, me, one.token, now=NOW)
        sessions.revoke_session(session, me, two.id, now=NOW)
        sessions.revoke_session(session, me, two.id, now=NOW)
    assert who(db, one.token) is None and who(db, two.token) is None
    with db.reading() as session:
        assert sessions.sessions_of(session, olga, current_id=None, now=NOW) == []


def test_only_ones_own_sessions_are_found(db, olga):
    opened = enter(db)
    with db.writing() as session:
        stranger = make_person(session, CLI, PersonInput("Лев Гринберг"), now=NOW)
        with pytest.raises(NotFound):
            sessions.revoke_session(session, Actor(stranger.id, Way.WEB), opened.id, now=NOW)
        with pytest.raises(NotFound):
            sessions.revoke_session(session, Actor(olga, Way.WEB), 10**6, now=NOW)
        with pytest.raises(Forbidden):
            sessions.revoke_all(session, Actor(stranger.id, Way.WEB), olga, now=NOW)
    assert who(db, opened.token) is not None


def test_signing_out_everywhere_may_leave_this_browser_in(db, olga):
    old, here = enter(db), enter(db)
    with db.writing() as session:
        assert sessions.revoke_all(session, Actor(olga, Way.WEB), olga, now=NOW, except_id=here.id) == 1
    assert who(db, old.token) is None
    with db.reading() as session:
        listed = sessions.sessions_of(session, olga, current_id=here.id, now=NOW)
    assert [(one.id, one.current) for one in listed] == [(here.id, True)]


def test_an_outdated_hash_is_renewed_at_sign_in(db, olga):
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with db.writing() as session:
        set_password(session, CLI, olga, weaker, now=NOW)
    enter(db)
    with db.reading() as session:
        kept = session.get(Person, olga).password_hash
    assert kept != weaker and "m=19456,t=2,p=1" in kept
    assert enter(db).person_id == olga


@pytest.mark.parametrize(("password", "code"), [("x" * 11, "too_short"), ("x" * 201, "too_long")])
def test_a_password_has_a_sensible_length(password, code):
    with pytest.raises(Invalid) as caught:
        sessions.hash_password(password)
    assert caught.value.errors[0].code == code


def test_sign_ins_stand_in_the_journal_of_the_house(db, olga):
    opened = enter(db)
    with db.reading() as session:
        kinds = list(session.exec(select(Event.kind).where(Event.project_id == HOUSE).order_by(col(Event.seq))))
    assert kinds == ["person.created", "person.password_set", "session.opened"]
    assert opened.expires_at == NOW + sessions.LONGEST
