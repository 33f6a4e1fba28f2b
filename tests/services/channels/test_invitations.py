"""Inviting a person: by a Telegram link and a private page."""

import pytest
from sqlmodel import select

from tests.worlds.house import KEY, LATER, NOBODY, NOW, by
from tracker.domain.errors import Forbidden, NotFound
from tracker.domain.terms import Scope
from tracker.services.access import tokens
from tracker.services.channels import invitations
from tracker.services.house.installation import keep_bot_username
from tracker.tables import Membership, Person


def find(db, scope, secret, now=NOW):
    with db.reading() as session:
        return tokens.find_token(session, scope, secret, now=now)


def invite(db, actor, project, whom, now=NOW):
    with db.writing() as session:
        return invitations.invite(session, actor, project, whom, key=KEY, public_url="https://auftakt.example", now=now)


def test_an_invitation_opens_telegram_and_the_page_and_lets_the_person_be_written_to(db, house):
    with db.writing() as session:
        keep_bot_username(session, "len_bot", now=NOW)
    made = invite(db, by(house.marina), house.len, house.timur)
    assert made.telegram_url == f"https://t.me/len_bot?start={made.start}"
    assert find(db, Scope.START, made.start).person_id == house.timur
    assert find(db, Scope.PAGE, made.my_url.removeprefix("https://auftakt.example/my/")).person_id == house.timur
    with db.reading() as session:
        assert session.get_one(Person, house.timur).knows_bot
        assert session.exec(select(Membership.invited_at).where(Membership.person_id == house.timur)).one() == NOW


def test_inviting_twice_keeps_the_page_and_gives_a_fresh_start(db, house):
    one, two = (invite(db, by(house.marina), house.len, house.timur, now) for now in (NOW, LATER))
    assert one.my_url == two.my_url and one.start != two.start
    assert one.telegram_url is None


def test_invitations_by_role_outsider_and_nonsense(db, house):
    for who in (house.olga, house.petr, house.vera):
        with pytest.raises(Forbidden):
            invite(db, by(who), house.len, house.timur)
    for who, project, whom in [
        (house.gleb, house.len, house.timur),
        (house.marina, house.len, house.stas),
        (house.marina, house.len, NOBODY),
        (house.marina, NOBODY, house.timur),
    ]:
        with pytest.raises(NotFound):
            invite(db, by(who), project, whom)
