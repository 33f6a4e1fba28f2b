"""The acceptance list: its lines, who may say how a check went, and with what."""

import pytest

from tests.services.integrations.launching import SHOT, kinds, missing
from tests.telling.checks import fail_check, pass_check, reset_check, skip_check, waive_check
from tests.worlds.integrations import LATER, NOW, by, members_of
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound
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
from tracker.tables import Check


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
