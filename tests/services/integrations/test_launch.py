"""The gate before *live*: what shuts it, and the ways round it."""

import pytest

from tests.services.integrations.launching import facts, kinds, make_ready, missing
from tests.telling.checks import fail_check
from tests.worlds.integrations import LATER, NOW, by
from tracker.domain.acceptance import questions, readiness
from tracker.domain.errors import Forbidden, Invalid, NotFound, Refused
from tracker.services.integrations.checks import CheckInput, add_check, archive_check, checks_of, edit_check
from tracker.services.integrations.deadlocks import DeadlockInput, decide, open_deadlock
from tracker.services.integrations.launch import (
    accept_accountability,
    agree_to_checks,
    bypass,
    go_live,
    mark_inherited,
)
from tracker.services.integrations.passports import edit_integration
from tracker.services.integrations.signatures import (
    signatures_of,
)
from tracker.tables import Integration


def test_the_gate_says_everything_that_is_missing_and_opens_when_nothing_is(db, world, check):
    with db.writing() as session:
        with pytest.raises(Refused) as refused:
            go_live(session, by(world.anna), world.form, now=NOW)
        assert refused.value.missing == [
            {"code": "accountable_not_agreed", "person": world.pavel},
            {"code": "list_unconfirmed"},
            {"code": "check_open", "check": check},
            {"code": "unsigned", "person": world.pavel},
            {"code": "unsigned", "person": world.olga},
        ]
        assert readiness(facts(session, world)) == (1, 6)
        assert questions(facts(session, world)) == (False, False)
        make_ready(session, world, check)
        assert questions(facts(session, world)) == (True, True)
    with db.writing() as session:
        go_live(session, by(world.anna), world.form, now=LATER)
        go_live(session, by(world.anna), world.form, now=LATER)
    with db.reading() as session:
        row = session.get_one(Integration, world.form)
        assert (row.state, row.live_at) == ("live", LATER)
        assert kinds(session, "integration").count("integration.went_live") == 1


@pytest.mark.parametrize("way", ["check", "deadlock", "list", "accountable"])
def test_each_thing_undone_shuts_the_gate_again(db, world, check, way):
    with db.writing() as session:
        make_ready(session, world, check)
        assert missing(session, world) == []
        if way == "check":
            fail_check(session, by(world.gleb), check, "Номер без +7", now=LATER)
        elif way == "deadlock":
            given = DeadlockInput("Одна кнопка или две", integration=world.form, parties=[world.studio, world.crm])
            opened = open_deadlock(session, by(world.anna), world.project, given, now=LATER).id
        elif way == "list":
            add_check(session, by(world.anna), world.form, CheckInput("Ещё", required=False), now=LATER)
        else:
            edit_integration(session, by(world.anna), world.form, None, {"accountable": world.lena}, now=LATER)
        shut = {
            "check": ["check_failed"],
            "deadlock": ["open_deadlock"],
            "list": ["list_unconfirmed", "unsigned", "unsigned"],
            "accountable": ["accountable_not_agreed", "list_unconfirmed", "unsigned"],
        }
        assert missing(session, world) == shut[way]
        with pytest.raises(Refused):
            go_live(session, by(world.anna), world.form, now=LATER)
        if way == "deadlock":
            decide(session, by(world.anna), opened, "Одна", now=LATER)
            assert missing(session, world) == []
        if way == "accountable":
            assert {one.person_id for one in signatures_of(session, world.form)} == {world.lena, world.olga}


def test_only_the_named_person_takes_it_on_or_the_conductor_in_their_words(db, world, check):
    with db.writing() as session:
        for actor in (by(world.ira), by(world.anna), by(world.vera), by(world.anna, behalf=world.olga)):
            with pytest.raises((Forbidden, NotFound)):
                accept_accountability(session, actor, world.form, now=NOW)
        with pytest.raises(NotFound):
            accept_accountability(session, by(world.stas), world.form, now=NOW)
        with pytest.raises(NotFound):
            accept_accountability(session, by(world.anna), 9999, now=NOW)
        accept_accountability(session, by(world.anna, behalf=world.pavel), world.form, now=NOW)
        accept_accountability(session, by(world.pavel), world.form, now=LATER)
        row = session.get_one(Integration, world.form)
        assert (row.accountable_at, row.accountable_way) == (NOW, "behalf")
        assert "accountable_not_agreed" not in missing(session, world)


def test_a_list_without_a_testable_line_is_not_agreed_to(db, world, check):
    with db.writing() as session:
        edit_check(session, by(world.anna), check, None, {"tester": None}, now=NOW)
        with pytest.raises(Refused) as refused:
            agree_to_checks(session, by(world.pavel), world.form, now=NOW)
        assert refused.value.missing == [{"code": "no_required_check"}]
        with pytest.raises(Forbidden):
            agree_to_checks(session, by(world.gleb), world.form, now=NOW)


@pytest.mark.parametrize("change", ["edit", "add", "archive"])
def test_any_change_of_the_list_asks_for_agreement_again(db, world, check, change):
    with db.writing() as session:
        agree_to_checks(session, by(world.pavel), world.form, now=NOW)
        if change == "edit":
            edit_check(session, by(world.anna), check, None, {"plain_title": "Телефон виден"}, now=LATER)
        elif change == "add":
            add_check(session, by(world.anna), world.form, CheckInput("Ещё"), now=LATER)
        else:
            archive_check(session, by(world.anna), check, now=LATER)
        assert session.get_one(Integration, world.form).checks_agreed_at is None


def test_no_change_at_all_keeps_the_agreement(db, world, check):
    with db.writing() as session:
        second = add_check(session, by(world.anna), world.form, CheckInput("Ещё"), now=NOW).id
        agree_to_checks(session, by(world.pavel), world.form, now=NOW)
        edit_check(session, by(world.anna), second, None, {"title": " Ещё "}, now=LATER)
        assert [one.id for one in checks_of(session, world.form)] == [check, second]
        assert session.get_one(Integration, world.form).checks_agreed_at == NOW


def test_reality_is_stronger_than_the_gate_and_is_never_accepted(db, world, check):
    with db.writing() as session:
        for act in (
            lambda: bypass(session, by(world.pavel), world.form, world.pavel, "Чёрная пятница", now=NOW),
            lambda: mark_inherited(session, by(world.gleb), world.form, now=NOW),
            lambda: go_live(session, by(world.gleb), world.form, now=NOW),
        ):
            with pytest.raises(Forbidden):
                act()
        with pytest.raises(Invalid) as refused:
            bypass(session, by(world.anna), world.form, None, " ", now=NOW)
        assert [error.field for error in refused.value.errors] == ["person", "reason"]
        bypass(session, by(world.anna), world.form, world.olga, "Чёрная пятница", now=NOW)
        bypass(session, by(world.anna), world.form, world.olga, "Чёрная пятница", now=LATER)
        row = session.get_one(Integration, world.form)
        assert (row.state, row.bypass_by_id, row.bypass_reason, row.live_at) == (
            "bypassed",
            world.olga,
            "Чёрная пятница",
            NOW,
        )
        with pytest.raises(Refused):
            go_live(session, by(world.anna), world.form, now=NOW)
        mark_inherited(session, by(world.anna), world.form, now=NOW)
        assert (row.state, row.bypass_by_id) == ("inherited", None)
        make_ready(session, world, check)
        go_live(session, by(world.pavel), world.form, now=LATER)
        for act in (
            lambda: mark_inherited(session, by(world.anna), world.form, now=NOW),
            lambda: bypass(session, by(world.anna), world.form, world.olga, "x", now=NOW),
        ):
            with pytest.raises(Invalid):
                act()
