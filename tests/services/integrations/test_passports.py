"""Integrations: who sees them, who edits them, and what two editors do to one another."""

from datetime import date

import pytest
from sqlmodel import select

from tests.worlds.integrations import LATER, NOW, by, members_of, put_task
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound
from tracker.domain.permissions import may_see_integration
from tracker.services.access.loading import standing
from tracker.services.integrations.passports import (
    IntegrationInput,
    archive_integration,
    create_integration,
    edit_integration,
    find_integration,
    integrations_of,
    people_of_integration,
    restore_integration,
    set_systems,
)
from tracker.services.integrations.systems import (
    SystemInput,
    create_system,
)
from tracker.tables import Event, Integration, IntegrationSystem


def kinds(session, object_type="integration"):
    return [event.kind for event in session.exec(select(Event).where(Event.object_type == object_type))]


def test_the_conductor_makes_an_integration_with_its_systems_and_its_accountable_person(db, world):
    with db.writing() as session:
        site = create_system(
            session, by(world.anna), world.project, SystemInput("Сайт", owner_party=world.studio), now=NOW
        )
        given = IntegrationInput(
            " Корзина  → CRM ", launch_on=date(2026, 12, 10), accountable=world.olga, systems=[site.id]
        )
        made = create_integration(session, by(world.anna), world.project, given, now=NOW).id
    with db.reading() as session:
        row = session.get_one(Integration, made)
        assert (row.name, row.launch_on, row.accountable_id, row.state) == (
            "Корзина → CRM",
            date(2026, 12, 10),
            world.olga,
            "planned",
        )
        assert members_of(session, made) == [world.olga]
        assert session.exec(select(IntegrationSystem.system_id)).all() == [site.id]
        assert "integration.created" in kinds(session)


@pytest.mark.parametrize("who", ["olga", "pavel", "ira", "vera"])
def test_nobody_else_makes_one(db, world, who):
    with db.writing() as session, pytest.raises(Forbidden):
        create_integration(session, by(getattr(world, who)), world.project, IntegrationInput("Ещё"), now=NOW)


def test_an_outsider_finds_neither_the_project_nor_the_integration(db, world):
    with db.writing() as session:
        for act in (
            lambda: create_integration(session, by(world.stas), world.project, IntegrationInput("Ещё"), now=NOW),
            lambda: find_integration(session, by(world.stas), world.form),
            lambda: edit_integration(session, by(world.stas), world.form, 1, {"purpose": "x"}, now=NOW),
            lambda: find_integration(session, by(world.anna), 10_000),
            lambda: edit_integration(session, by(world.lena), world.bank, 1, {"purpose": "x"}, now=NOW),
        ):
            with pytest.raises(NotFound):
                act()


def test_an_edit_that_changes_nothing_is_no_event(db, world):
    for _ in range(2):
        with db.writing() as session:
            edit_integration(session, by(world.anna), world.form, None, {"purpose": "Телефон в заявке"}, now=NOW)
    with db.reading() as session:
        assert kinds(session) == ["integration.changed"]
        assert session.get_one(Integration, world.form).version == 2


def test_a_member_sees_it_and_may_not_edit_it(db, world):
    with db.writing() as session, pytest.raises(Forbidden):
        edit_integration(session, by(world.ira), world.form, 1, {"purpose": "x"}, now=NOW)


def test_stale_edits_of_different_fields_merge_and_of_the_same_field_conflict(db, world):
    with db.writing() as session:
        edit_integration(session, by(world.anna), world.form, 1, {"purpose": "Заявки с телефоном"}, now=NOW)
    with db.writing() as session:
        edit_integration(session, by(world.anna), world.form, 1, {"impact": "Не перезвонят"}, now=LATER)
    with db.writing() as session, pytest.raises(Conflict) as refused:
        edit_integration(session, by(world.anna), world.form, 2, {"impact": "Ничего", "purpose": "x"}, now=LATER)
    assert refused.value.both == {"impact": ("Не перезвонят", "Ничего")}
    assert refused.value.version == 3


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": "  "}, "name", "required"),
        ({"name": "оплата"}, "name", "taken"),
        ({"name": "я" * 301}, "name", "too_long"),
        ({"state": "live"}, "state", "unknown_word"),
        ({"state": "bypassed"}, "state", "unknown_word"),
        ({"state": "inherited"}, "state", "unknown_word"),
        ({"accountable": 10_000}, "accountable", "not_a_member"),
        ({"color": "red"}, "color", "unknown_field"),
    ],
)
def test_what_can_not_be_taken_is_told_by_its_field(db, world, changes, field, code):
    with db.writing() as session, pytest.raises(Invalid) as refused:
        edit_integration(session, by(world.anna), world.form, 1, changes, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_somebody_of_another_project_or_who_only_observes_can_not_answer_for_it(db, world):
    for person in (world.stas, world.vera):
        with db.writing() as session, pytest.raises(Invalid):
            edit_integration(session, by(world.anna), world.form, 1, {"accountable": person}, now=NOW)


def test_put_away_and_brought_back(db, world):
    for verb in (archive_integration, archive_integration):
        with db.writing() as session:
            verb(session, by(world.anna), world.form, now=NOW)
    with db.reading() as session:
        mine = standing(session, by(world.anna), world.project)
        assert [one.id for one in integrations_of(session, mine)] == [world.bank]
        assert len(integrations_of(session, mine, archived=True)) == 2
        assert kinds(session) == ["integration.archived"]
    with db.writing() as session:
        restore_integration(session, by(world.anna), world.form, now=NOW)
    with db.reading() as session:
        assert len(integrations_of(session, standing(session, by(world.anna), world.project))) == 2


def test_it_is_seen_by_members_leads_of_its_parties_observers_and_conductors(db, world):
    with db.writing() as session:
        put_task(session, world, world.lena, integration=world.bank, party=world.studio)
        system = create_system(
            session, by(world.anna), world.project, SystemInput("CRM", owner_party=world.crm), now=NOW
        )
        set_systems(session, by(world.anna), world.bank, [system.id], now=NOW)
    both, form, none = {world.form, world.bank}, {world.form}, set[int]()
    expected = {
        world.anna: both,
        world.vera: both,
        world.pavel: both,
        world.ira: form,
        world.gleb: form,
        world.olga: none,
        world.lena: none,
    }
    with db.reading() as session:
        for person, seen in expected.items():
            mine = standing(session, by(person), world.project)
            assert {one.id for one in integrations_of(session, mine)} == seen, "the scope"
            rows = [session.get_one(Integration, one) for one in both]
            assert {row.id for row in rows if may_see_integration(mine, people_of_integration(session, row))} == seen, (
                "the rule says the same"
            )
