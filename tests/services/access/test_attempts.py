"""Counting against guessing: a stranger slows down themself, never the owner; networks count, known browsers don't."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.domain.errors import Invalid, Slower
from tracker.domain.terms import Way
from tracker.services.access import attempts, sessions
from tracker.services.access.passwords import require_strong
from tracker.services.ground.journal import Actor
from tracker.services.people.persons import PersonInput, make_person, set_password

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CLI = Actor(None, Way.CLI)
PASSWORD, KEY = "двенадцать знаков", b"k" * 40
HASHED = sessions.hash_password(PASSWORD)
HOME, ELSEWHERE = "198.51.100.7", "192.0.2.1"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """What is tried here is the counting: a hash takes its time by design."""
    monkeypatch.setattr(sessions, "password_fits", lambda kept, password: password == PASSWORD)


@pytest.fixture
def olga(db) -> int:
    with db.writing() as session:
        person = make_person(session, CLI, PersonInput("Ольга Ветрова", "olga@shop.example"), now=NOW)
        set_password(session, CLI, person.id, HASHED, now=NOW)
        return person.id


def enter(db, address=HOME, password=PASSWORD, *, mark="", email="olga@shop.example", now=NOW):
    return sessions.sign_in(db, email, password, address=address, agent="", now=now, key=KEY, mark=mark)


def guess(db, address, times, **more):
    """How many of so many guesses at once were looked at."""
    tried = 0
    for _ in range(times):
        try:
            enter(db, address, "another password", **more)
        except Invalid:
            tried += 1
        except Slower:
            pass
    return tried


def test_a_strangers_guesses_do_not_shut_the_owner_out(db, olga):
    assert guess(db, ELSEWHERE, 60) == 5
    assert enter(db, HOME).person_id == olga


def test_guesses_through_a_whole_provider_shut_out_no_browser_that_is_known(db, olga):
    mark = enter(db, HOME).mark
    for number in range(40):
        guess(db, f"203.0.{number}.1", 5)
    with pytest.raises(Slower):
        enter(db, HOME)
    assert enter(db, HOME, mark=mark).person_id == olga


def test_against_all_networks_at_once_the_owner_waits_for_seconds_only(db, olga):
    for number in range(40):
        guess(db, f"203.0.{number}.1", 5)
    with pytest.raises(Slower) as caught:
        enter(db, HOME)
    assert caught.value.wait <= 16
    assert enter(db, HOME, now=NOW + timedelta(seconds=16)).person_id == olga


@pytest.mark.parametrize("network", ["192.0.2.{}", "2001:db8:1:2::{}"])
def test_the_addresses_of_one_network_are_one_guesser(db, olga, network):
    assert sum(guess(db, network.format(number), 1) for number in range(1, 46)) == 5


def test_the_networks_that_a_provider_gives_away_count_together(db):
    tried = sum(guess(db, f"2001:db8:1:{number:x}::1", 5, email=f"{number}@shop.example") for number in range(80))
    assert tried == attempts.FREE_TRIES["provider"]


def test_what_tells_no_address_is_one_network(db, olga):
    assert guess(db, "unknown", 4) + guess(db, "", 4) + guess(db, "[nonsense", 4) == 5


def test_a_mark_is_good_for_its_person_its_key_and_its_password(db, olga):
    mark = enter(db, HOME).mark
    assert attempts.known_browser(KEY, mark, olga, HASHED, now=NOW)
    assert not attempts.known_browser(KEY, mark, olga + 1, HASHED, now=NOW)
    assert not attempts.known_browser(b"x" * 40, mark, olga, HASHED, now=NOW)
    assert not attempts.known_browser(KEY, mark, olga, "another hash", now=NOW)
    assert not attempts.known_browser(KEY, mark, olga, HASHED, now=NOW + attempts.KNOWN_FOR)
    for wrong in ("", ".", "1.2.3.4", "ы", mark[:-1], f"{olga}.{mark}", mark.replace(".", "..", 1)):
        assert not attempts.known_browser(KEY, wrong, olga, HASHED, now=NOW), wrong
    assert not attempts.known_browser(b"", attempts.browser_mark(b"", olga, HASHED, now=NOW), olga, HASHED, now=NOW)


def test_a_stolen_mark_is_no_way_to_guess_without_end(db, olga):
    mark = enter(db, HOME).mark
    assert guess(db, ELSEWHERE, 60, mark=mark) == attempts.FREE_TRIES["browser"]


def test_a_success_gives_back_what_it_took_and_no_more(db, olga):
    guess(db, ELSEWHERE, 4)
    for _ in range(40):
        enter(db, ELSEWHERE)
    assert guess(db, ELSEWHERE, 60) == 5


def test_what_opens_nothing_can_not_be_set(db, olga):
    from tracker.demo.sign_in import published_passwords

    for password in published_passwords():
        with pytest.raises(Invalid):
            require_strong(password)
    with pytest.raises(Invalid, match="sign_in_failed"):
        sessions.sign_in(
            db, "olga@shop.example", PASSWORD, address=HOME, agent="", now=NOW, published=frozenset({PASSWORD})
        )
