"""The one order of what waits for a conductor."""

from collections import Counter

from tracker.domain.needs import APPROVAL, LATE_DEADLOCK, OPEN_MEETING, ORDER, place_of
from tracker.domain.terms import CardKind


def test_each_kind_of_need_stands_in_the_order_once():
    assert Counter(ORDER) == Counter([*CardKind, LATE_DEADLOCK, OPEN_MEETING, APPROVAL])


def test_a_call_for_help_comes_first_and_a_person_who_is_flooded_beside_a_question_without_an_answer():
    assert place_of(CardKind.HELP) == 0
    assert place_of(CardKind.OVERLOAD) == place_of(CardKind.ESCALATION) + 1


def test_a_kind_that_nobody_knows_stands_last():
    assert all(place_of("new") > place_of(kind) for kind in ORDER)
