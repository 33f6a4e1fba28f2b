"""Checks, signatures and the way to *live*."""

import pytest
from sqlmodel import select

from tests.worlds.checking import fail_check, pass_check, reset_check, skip_check, waive_check
from tests.worlds.integrations import LATER, NOW, by, lay, members_of
from tracker.domain.acceptance import missing_to_launch, questions, readiness
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tracker.services.integrations.check_evidence import evidence_of
from tracker.services.integrations.checks import (
    CheckInput,
    add_check,
    add_checks,
    archive_check,
    checks_of,
    edit_check,
    find_check,
)
from tracker.services.integrations.deadlocks import DeadlockInput, decide, open_deadlock
from tracker.services.integrations.launch import (
    accept_accountability,
    agree_to_checks,
    bypass,
    facts_of_launch,
    go_live,
    mark_inherited,
)
from tracker.services.integrations.passports import edit_integration
from tracker.services.integrations.signatures import (
    default_signers,
    set_signers,
    sign,
    sign_by_letter,
    signatures_of,
    signers_of,
)
from tracker.tables import Check, Event, Integration, Membership

SHOT = "https://shots.example/1"


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def check(db, world):
    """Pavel is to answer for the form; one required line, tested by Gleb."""
    with db.writing() as session:
        edit_integration(session, by(world.anna), world.form, 1, {"accountable": world.pavel}, now=NOW)
        given = CheckInput("Телефон доходит до CRM", expected="Номер виден в заявке", tester=world.gleb)
        return add_check(session, by(world.anna), world.form, given, now=NOW).id


def facts(session, world):
    return facts_of_launch(session, session.get_one(Integration, world.form))


def missing(session, world):
    return [one.code for one in missing_to_launch(facts(session, world))]


def kinds(session, object_type):
    query = select(Event.kind).where(Event.object_type == object_type).order_by(Event.id)
    return [kind for kind in session.exec(query) if kind.startswith(object_type)]


def make_ready(session, world, check):
    accept_accountability(session, by(world.pavel), world.form, now=NOW)
    agree_to_checks(session, by(world.pavel), world.form, now=NOW)
    pass_check(session, by(world.gleb), check, url=SHOT, now=NOW)
    sign(session, by(world.pavel), world.form, now=NOW)
    sign(session, by(world.anna, behalf=world.olga), world.form, now=NOW)


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


def test_a_check_is_passed_with_evidence_only(db, world, check):
    with db.writing() as session:
        for url, code in (
            ("", "required"),
            ("ок", "not_a_link"),
            ("javascript:alert(1)", "not_a_link"),
            ("file:///etc/passwd", "not_a_link"),
        ):
            with pytest.raises(Invalid) as refused:
                pass_check(session, by(world.gleb), check, url=url, now=NOW)
            assert refused.value.errors[0].code == code
        pass_check(session, by(world.gleb), check, url=SHOT, caption="заявка 12", now=NOW)
        pass_check(session, by(world.gleb), check, url=SHOT, now=LATER)
    with db.reading() as session:
        row = session.get_one(Check, check)
        assert (row.result, row.result_by_id, row.result_at) == ("passed", world.gleb, NOW)
        shown = evidence_of(session, check)
        assert [(one.url, one.caption, one.by_id, one.way) for one in shown] == [(SHOT, "заявка 12", world.gleb, "web")]
        assert kinds(session, "check") == ["check.created", "check.passed"]


def test_who_may_say_how_a_check_went(db, world, check):
    with db.writing() as session:
        for act in (
            lambda who: pass_check(session, who, check, url=SHOT, now=NOW),
            lambda who: fail_check(session, who, check, "x", now=NOW),
            lambda who: skip_check(session, who, check, "x", now=NOW),
            lambda who: reset_check(session, who, check, now=NOW),
            lambda who: waive_check(session, who, check, "x", now=NOW),
        ):
            for person, refusal in (
                (world.ira, Forbidden),
                (world.vera, Forbidden),
                (world.lena, NotFound),
                (world.stas, NotFound),
            ):
                with pytest.raises(refusal):
                    act(by(person))
        with pytest.raises(NotFound):
            pass_check(session, by(world.anna), 9999, url=SHOT, now=NOW)
        with pytest.raises(NotFound):
            find_check(session, by(world.stas), check)
        with pytest.raises(Forbidden):
            pass_check(session, by(world.gleb, behalf=world.pavel), check, url=SHOT, now=NOW)
        with pytest.raises(Forbidden):
            waive_check(session, by(world.gleb), check, "мелочь", now=NOW)
        with pytest.raises(Invalid):
            pass_check(session, by(world.anna, behalf=world.stas), check, url=SHOT, now=NOW)
        pass_check(session, by(world.anna, behalf=world.gleb), check, url=SHOT, now=NOW)
        assert session.get_one(Check, check).result_by_id == world.gleb


def test_failed_and_not_applicable_say_why_and_a_waiver_names_who(db, world, check):
    with db.writing() as session:
        for verb in (fail_check, skip_check, waive_check):
            with pytest.raises(Invalid) as refused:
                verb(session, by(world.pavel), check, "  ", now=NOW)
            assert refused.value.errors[0].field == "reason"
        skip_check(session, by(world.gleb), check, "Телефона нет в форме", now=NOW)
        assert "check_open" in missing(session, world), "a required line does not end by itself"
        waive_check(session, by(world.pavel), check, "Проверим в марте", now=NOW)
        waive_check(session, by(world.pavel), check, "Проверим в марте", now=LATER)
        row = session.get_one(Check, check)
        assert (row.result, row.reason, row.waived_by_id, row.result_at) == (
            "waived",
            "Проверим в марте",
            world.pavel,
            NOW,
        )
        assert "check_open" not in missing(session, world)
        reset_check(session, by(world.gleb), check, now=LATER)
        assert "check_open" in missing(session, world)


def test_other_words_for_what_is_expected_are_a_check_still_to_be_made(db, world, check):
    with db.writing() as session:
        pass_check(session, by(world.gleb), check, url=SHOT, now=NOW)
        edit_check(session, by(world.anna), check, None, {"title": "Телефон"}, now=LATER)
        assert session.get_one(Check, check).result == "passed"
        edit_check(session, by(world.anna), check, None, {"expected": "Номер с +7"}, now=LATER)
        assert session.get_one(Check, check).result == "pending"
        assert len(evidence_of(session, check)) == 1


def test_the_list_is_the_conductors_and_testers_come_onto_the_integration(db, world, check):
    with db.writing() as session:
        for act in (
            lambda: add_check(session, by(world.gleb), world.form, CheckInput("x"), now=NOW),
            lambda: edit_check(session, by(world.gleb), check, 1, {"title": "x"}, now=NOW),
            lambda: archive_check(session, by(world.vera), check, now=NOW),
        ):
            with pytest.raises(Forbidden):
                act()
        edit_check(session, by(world.anna), check, None, {"tester": world.lena}, now=NOW)
        assert world.lena in members_of(session, world.form)
    with db.writing() as session:
        with pytest.raises(Conflict):
            edit_check(session, by(world.anna), check, 1, {"tester": world.ira}, now=NOW)
        for changes, code in (
            ({"title": ""}, "required"),
            ({"tester": world.vera}, "observes_only"),
            ({"x": 1}, "unknown_field"),
        ):
            with pytest.raises(Invalid) as refused:
                edit_check(session, by(world.anna), check, None, changes, now=NOW)
            assert refused.value.errors[0].code == code
        assert add_checks(session, by(world.anna), world.form, [], now=NOW) == []


def test_a_line_taken_out_is_no_longer_recorded(db, world, check):
    with db.writing() as session:
        archive_check(session, by(world.anna), check, now=NOW)
        archive_check(session, by(world.anna), check, now=NOW)
        assert checks_of(session, world.form) == []
        with pytest.raises(NotFound):
            pass_check(session, by(world.gleb), check, url=SHOT, now=NOW)


def test_the_accountable_person_and_the_customers_decider_sign_by_default(db, world, check):
    with db.reading() as session:
        integration = session.get_one(Integration, world.form)
        assert [one.person for one in signers_of(session, integration)] == [world.pavel, world.olga]
    assert default_signers(7, 7) == [7]
    assert default_signers(7, None) == [7, None]
    assert default_signers(None, 8) == [8]


def test_without_a_decider_at_the_customers_nobody_signs_alone(db, world, check):
    with db.writing() as session:
        place = session.exec(select(Membership).where(Membership.person_id == world.olga)).one()
        place.can_decide = False
        session.add(place)
        assert "no_customer_decider" in missing(session, world)
        with pytest.raises(Invalid):
            sign(session, by(world.pavel), world.form, now=NOW)


def test_who_may_sign(db, world, check):
    with db.writing() as session:
        for actor, refusal in (
            (by(world.ira), Forbidden), (by(world.anna), Forbidden), (by(world.pavel, behalf=world.olga), Forbidden),
            (by(world.lena), NotFound), (by(world.stas), NotFound),
        ):  # fmt: skip
            with pytest.raises(refusal):
                sign(session, actor, world.form, now=NOW)
        sign(session, by(world.pavel), world.form, now=NOW)
        sign(session, by(world.pavel), world.form, now=LATER)
        assert [one.signed_at for one in signatures_of(session, world.form)] == [NOW, None]
        assert world.olga in members_of(session, world.form), "who is to sign sees what they sign"
    with db.reading() as session:
        assert kinds(session, "integration").count("integration.signed") == 1


def test_named_signers_and_a_vendors_letter(db, world, check):
    with db.writing() as session:
        with pytest.raises(Forbidden):
            set_signers(session, by(world.pavel), world.form, [world.pavel], now=NOW)
        with pytest.raises(Invalid):
            set_signers(session, by(world.anna), world.form, [world.stas], now=NOW)
        set_signers(session, by(world.anna), world.form, [world.pavel, world.lena], now=NOW)
        sign(session, by(world.pavel), world.form, now=NOW)
        with pytest.raises(Invalid):
            sign_by_letter(session, by(world.anna), world.form, world.lena, now=NOW)
        with pytest.raises(Invalid):
            sign_by_letter(session, by(world.anna), world.form, world.olga, url=SHOT, now=NOW)
        with pytest.raises(Forbidden):
            sign_by_letter(session, by(world.pavel), world.form, world.lena, url=SHOT, now=NOW)
        sign_by_letter(session, by(world.anna), world.form, world.lena, url=SHOT, now=NOW)
        rows = signatures_of(session, world.form)
        assert [(one.person_id, one.noted_by_id, one.letter_id is not None) for one in rows] == [
            (world.pavel, None, False), (world.lena, world.anna, True),
        ]  # fmt: skip
        assert "unsigned" not in missing(session, world)
        set_signers(session, by(world.anna), world.form, [world.pavel], now=LATER)
        assert [one.signed_at for one in signatures_of(session, world.form)] == [NOW]
        set_signers(session, by(world.anna), world.form, [], now=LATER)
        integration = session.get_one(Integration, world.form)
        assert [one.signed for one in signers_of(session, integration)] == [False, False], "back to the default"


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
            "bypassed", world.olga, "Чёрная пятница", NOW,
        )  # fmt: skip
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
