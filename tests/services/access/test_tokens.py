"""Private addresses: made again without being stored, found by nobody else, ended at once."""

import re
from datetime import timedelta

import pytest

from tests.worlds.house import CLI, KEY, LATER, NOBODY, NOW, by
from tracker.domain.errors import Forbidden, Gone, Invalid, NotFound
from tracker.domain.terms import Scope, Way
from tracker.services.access import tokens
from tracker.services.channels import invitations
from tracker.services.ground.journal import Actor
from tracker.services.people.memberships import remove_member
from tracker.services.people.persons import archive_person
from tracker.tables import Token

ENGINE = Actor(None, Way.ENGINE)


def issue(db, who, scope=Scope.API, actor=None, **more):
    with db.writing() as session:
        return tokens.issue(session, actor or by(who), who, scope, key=KEY, now=NOW, **more)


def find(db, scope, secret, now=NOW):
    with db.reading() as session:
        return tokens.find_token(session, scope, secret, now=now)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_secret_opens_its_scope_as_its_person_and_no_other(db, house, scope):
    made = issue(db, house.olga, scope)
    found = find(db, scope, made.secret)
    assert (found.person_id, found.name, found.scope) == (house.olga, "Ольга Ветрова", scope)
    for other in set(Scope) - {scope}:
        with pytest.raises(NotFound):
            find(db, other, made.secret)
    for wrong in ("", "x", made.secret[:-1], made.secret + "A"):
        with pytest.raises(NotFound):
            find(db, scope, wrong)


def test_a_secret_fits_into_a_telegram_link_and_is_not_in_the_database(db, house):
    made = issue(db, house.olga, Scope.START)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", made.secret)
    with db.reading() as session:
        row = session.get_one(Token, made.id)
        assert made.secret not in row.model_dump_json()
        assert tokens.address_of(row, key=KEY) == made.secret
        assert tokens.address_of(row, key=b"another key") is None


def test_two_tokens_of_one_person_differ(db, house):
    assert issue(db, house.olga).secret != issue(db, house.olga).secret


def test_a_link_works_on_after_the_key_was_lost_and_the_next_one_is_a_new_one(db, house):
    with db.writing() as session:
        old = tokens.standing_address(session, ENGINE, house.olga, Scope.PAGE, key=KEY, now=NOW)
        assert tokens.standing_address(session, ENGINE, house.olga, Scope.PAGE, key=KEY, now=LATER) == old
        new = tokens.standing_address(session, ENGINE, house.olga, Scope.PAGE, key=b"another key", now=LATER)
        assert new != old
    assert find(db, Scope.PAGE, old).person_id == find(db, Scope.PAGE, new).person_id == house.olga


def test_a_link_in_a_message_has_time_before_it(db, house):
    lives = tokens.LIVES[Scope.PAGE]
    with db.writing() as session:
        old = tokens.standing_address(session, ENGINE, house.olga, Scope.PAGE, key=KEY, now=NOW)
        late = NOW + lives * 2 / 3
        new = tokens.standing_address(session, ENGINE, house.olga, Scope.PAGE, key=KEY, now=late)
    assert new != old
    assert find(db, Scope.PAGE, old, late).person_id == house.olga
    assert find(db, Scope.PAGE, old, NOW + lives - timedelta(seconds=1)).person_id == house.olga
    with pytest.raises(NotFound):
        find(db, Scope.PAGE, old, NOW + lives)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_revoked_token_opens_nothing_and_a_calendar_says_so(db, house, scope):
    made = issue(db, house.olga, scope)
    with db.writing() as session:
        tokens.revoke(session, by(house.olga), made.id, now=NOW)
        tokens.revoke(session, by(house.olga), made.id, now=LATER)
        assert session.get_one(Token, made.id).revoked_at == NOW
    with pytest.raises(Gone if scope is Scope.CALENDAR else NotFound):
        find(db, scope, made.secret)


def test_the_tokens_of_an_archived_person_are_dead(db, house):
    made = issue(db, house.vera, Scope.PAGE)
    with db.writing() as session:
        remove_member(session, by(house.marina), house.len, house.vera, now=NOW)
        archive_person(session, by(house.marina), house.vera, now=NOW)
    with pytest.raises(NotFound):
        find(db, Scope.PAGE, made.secret)


def test_only_oneself_and_the_house_are_given_a_token(db, house):
    assert issue(db, house.olga, actor=CLI).id
    for who in (house.marina, house.timur):
        with pytest.raises(Forbidden):
            issue(db, house.olga, actor=by(who))
    for who, whom in [(house.gleb, house.olga), (house.marina, NOBODY)]:
        with pytest.raises(NotFound):
            issue(db, whom, actor=by(who))
    with pytest.raises(Invalid):
        issue(db, house.olga, expires_at=NOW)
    with pytest.raises(Invalid):
        issue(db, house.olga, label="x" * 101)


def test_a_conductor_ends_private_addresses_without_reading_them_but_no_api_keys(db, house):
    page, api = issue(db, house.olga, Scope.PAGE), issue(db, house.olga, Scope.API, label="Выгрузка")
    with db.reading() as session:
        assert [one.id for one in tokens.tokens_of(session, by(house.olga), house.olga, now=NOW)] == [api.id, page.id]
        listed = tokens.tokens_of(session, by(house.marina), house.olga, now=NOW)
        assert [one.id for one in listed] == [page.id]
        assert page.secret not in str(listed)
        assert tokens.tokens_of(session, by(house.gleb), house.olga, now=NOW) == []
    with db.writing() as session:
        for who, which in [(house.marina, api.id), (house.timur, page.id), (house.gleb, page.id), (house.olga, NOBODY)]:
            with pytest.raises(NotFound):
                tokens.revoke(session, by(who), which, now=NOW)
        tokens.revoke(session, by(house.marina), page.id, now=NOW)


def test_use_is_noted(db, house):
    made = issue(db, house.olga)
    assert find(db, Scope.API, made.secret).unseen
    with db.writing() as session:
        tokens.touch(session, made.id, now=NOW)
    assert not find(db, Scope.API, made.secret, NOW + timedelta(seconds=59)).unseen
    assert find(db, Scope.API, made.secret, NOW + timedelta(seconds=60)).unseen


def test_addresses_by_scope():
    site = "https://auftakt.example"
    assert tokens.url_of(Scope.CALENDAR, "s", site) == f"{site}/cal/s.ics"
    assert tokens.url_of(Scope.PAGE, "s", site) == f"{site}/my/s"
    assert tokens.url_of(Scope.API, "s", site) is None


def test_the_private_page_is_one_address(db, house):
    with db.writing() as session:
        made = [
            invitations.private_page(session, house.olga, key=KEY, public_url="https://auftakt.example", now=now)
            for now in (NOW, LATER)
        ]
    assert made[0] == made[1] and made[0].startswith("https://auftakt.example/my/")
