"""The cards of the podium: one press does what they ask for."""

import pytest
from sqlmodel import select

from tests.telling.answers import need_help, not_mine, wait_on
from tests.worlds.shop import NOW
from tracker.domain.terms import CardKind, WaitKind, Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.cards import open_card
from tracker.services.tasks.fields import WaitInput
from tracker.tables import Card, Task


def of(person):
    return Actor(person, Way.WEB)


def card(db, **where):
    with db.reading() as session:
        return session.exec(select(Card).filter_by(**where)).one()


def test_one_press_passes_the_turn_to_who_can_help(vera, world, db):
    with db.writing() as session:
        need_help(session, of(world.pete), world.tasks[1], "нет доступа", world.mary, now=NOW)
    asks = card(db, kind=CardKind.HELP)
    assert "Pass the turn on: Марина Ким" in vera.get("/").text
    for _ in range(2):
        assert vera.post(f"/cards/{asks.id}/act", data={"act": "pass"}).headers["location"] == "/"
    with db.reading() as session:
        assert session.get_one(Task, world.tasks[1]).turn_id == world.mary
    assert "Nothing asks for your decision now." in vera.get("/").text
    assert card(db, id=asks.id).settled_how == "passed_on"


def test_one_press_lets_a_wait_over_to_another_party(vera, world, db):
    with db.writing() as session:
        wait = WaitInput(WaitKind.PERSON, person_id=world.mary)
        wait_on(session, of(world.pete), world.tasks[1], wait, now=NOW)
    asks = card(db, kind=CardKind.HANDOVER)
    assert "Pass the turn on: Марина Ким" in vera.get("/").text
    vera.post(f"/cards/{asks.id}/act", data={"act": "pass"})
    with db.reading() as session:
        assert session.get_one(Task, world.tasks[1]).turn_id == world.mary


def test_one_press_takes_a_task_on(vera, world, db):
    with db.writing() as session:
        not_mine(session, of(world.mary), world.tasks[3], "", now=NOW)
    asks = card(db, kind=CardKind.NOT_MINE)
    vera.post(f"/cards/{asks.id}/act", data={"act": "take"})
    with db.reading() as session:
        assert session.get_one(Task, world.tasks[3]).owner_id == world.conductor
    assert card(db, id=asks.id).settled_at == NOW


def test_an_act_that_does_not_fit_changes_nothing(vera, world, db):
    with db.writing() as session:
        made = open_card(session, of(world.conductor), world.project, CardKind.INBOX, now=NOW, note="привет").id
    for act in ("take", "pass", "", "x"):
        assert vera.post(f"/cards/{made}/act", data={"act": act}).status_code == 422
    assert card(db, id=made).settled_at is None
    assert vera.post(f"/cards/{made}/act", data={"act": "settle"}).status_code == 303
    assert card(db, id=made).settled_at == NOW


@pytest.mark.parametrize(("who", "code"), [("pete", 404), ("mary", 404), ("lev", 404), ("stranger", 404)])
def test_only_who_conducts_the_project_acts_on_its_cards(sign_in, world, db, who, code):
    with db.writing() as session:
        made = open_card(session, of(world.conductor), world.project, CardKind.INBOX, now=NOW, note="привет").id
    assert sign_in(who).post(f"/cards/{made}/act", data={"act": "settle"}).status_code == code
    assert card(db, id=made).settled_at is None
