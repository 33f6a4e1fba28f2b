"""The two questions and the launch gate."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracker
from tracker.domain.acceptance import (
    GateCheck,
    LaunchFacts,
    SignerFacts,
    missing_to_launch,
    questions,
    readiness,
)
from tracker.domain.terms import CheckResult

PASSED = GateCheck(1, True, "Заявка видна", 7, "passed", shown=1)
READY = LaunchFacts(3, True, True, (PASSED,), (SignerFacts(3, True), SignerFacts(4, True)), ())


def codes(facts):
    return [missing.code for missing in missing_to_launch(facts)]


def test_with_every_condition_met_nothing_is_missing():
    assert missing_to_launch(READY) == []
    assert questions(READY) == (True, True)
    assert readiness(READY) == (6, 6)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accountable": None}, "no_accountable"),
        ({"agreed": False}, "accountable_not_agreed"),
        ({"list_confirmed": False}, "list_unconfirmed"),
        ({"checks": (PASSED._replace(tester=None),)}, "no_required_check"),
        ({"checks": (PASSED._replace(expected=" "),)}, "no_required_check"),
        ({"checks": (PASSED._replace(required=False),)}, "no_required_check"),
        ({"checks": ()}, "no_required_check"),
        ({"checks": (PASSED, GateCheck(2, True, "", None, "pending"))}, "check_open"),
        ({"checks": (PASSED._replace(shown=0),)}, "check_without_evidence"),
        ({"checks": (PASSED._replace(result="failed"),)}, "check_failed"),
        ({"checks": (PASSED._replace(result="not_applicable", reason="нет телефона"),)}, "check_open"),
        ({"checks": (PASSED._replace(result="waived", waived_by=None, reason="мелочь"),)}, "check_open"),
        ({"checks": (PASSED._replace(result="waived", waived_by=3, reason=" "),)}, "check_open"),
        ({"signers": (SignerFacts(3, True), SignerFacts(4, False))}, "unsigned"),
        ({"signers": (SignerFacts(3, True), SignerFacts(None, False))}, "no_customer_decider"),
        ({"signers": ()}, "no_signers"),
        ({"open_deadlocks": (9,)}, "open_deadlock"),
    ],
)
def test_each_condition_alone_keeps_the_gate_shut(change, code):
    facts = READY._replace(**change)
    assert codes(facts) == [code]
    assert readiness(facts).done == readiness(facts).of - 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"accountable": None}, (False, True)),
        ({"agreed": False}, (False, True)),
        ({"list_confirmed": False}, (True, False)),
        ({"checks": (PASSED._replace(tester=None),)}, (True, False)),
    ],
)
def test_each_of_the_two_questions_is_answered_by_word_and_by_name(change, expected):
    assert questions(READY._replace(**change)) == expected


def test_a_waiver_of_before_does_not_outlive_a_failure():
    failed = PASSED._replace(result="failed", waived_by=3, reason="Проверим в марте")
    assert codes(READY._replace(checks=(failed,))) == ["check_failed"]


def test_a_waiver_by_a_named_person_with_a_reason_opens_it():
    waived = PASSED._replace(result="waived", shown=0, waived_by=3, reason="Проверим в марте")
    assert codes(READY._replace(checks=(waived,))) == []


def test_an_optional_check_does_not_hold_the_launch_up():
    assert codes(READY._replace(checks=(PASSED, GateCheck(2, False, "", None, "failed")))) == []


@given(
    st.booleans(),
    st.booleans(),
    st.sampled_from(CheckResult),
    st.integers(0, 2),
    st.booleans(),
    st.lists(st.integers(1, 5), max_size=2),
)
def test_what_is_done_and_what_is_missing_make_the_whole(agreed, confirmed, result, shown, signed, deadlocks):
    facts = LaunchFacts(
        3, agreed, confirmed, (PASSED._replace(result=result, shown=shown),), (SignerFacts(3, signed),), deadlocks
    )
    whole = readiness(facts)
    assert whole.done + len(missing_to_launch(facts)) == whole.of


def test_only_one_function_may_assign_live():
    """Comparing with *live* is free; any other use of the word in a function could set it."""
    found = []
    for path in Path(tracker.__file__).parent.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                compared = {
                    id(part) for node in ast.walk(function) if isinstance(node, ast.Compare) for part in ast.walk(node)
                }
                found += [
                    f"{path.stem}.{function.name}"
                    for node in ast.walk(function)
                    if isinstance(node, ast.Attribute)
                    and (node.attr, getattr(node.value, "id", "")) == ("LIVE", "IntegrationState")
                    and id(node) not in compared
                ]
    assert found == ["launch.go_live"]
