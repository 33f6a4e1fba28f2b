"""Deadlocks: who is wanting, who decides, when it is late."""

from datetime import date

from tracker.domain.deadlocks import Blocked, deciders_of, is_late, missing_sides, missing_to_decide


def test_a_contradiction_is_between_two_parties_and_a_block_stands_at_one():
    assert missing_sides("contradiction", []) == 2
    assert missing_sides("contradiction", [4, 4]) == 1
    assert missing_sides("contradiction", [4, 5, 6]) == 0
    assert missing_sides("block", [4]) == 0


def test_it_ends_with_words():
    assert missing_to_decide(" ") == ["decision"]
    assert missing_to_decide("Одна кнопка") == []


def test_it_is_late_from_the_day_after():
    day = date(2026, 11, 27)
    assert not is_late(day, False, day)
    assert is_late(day, False, date(2026, 11, 28))
    assert not is_late(day, True, date(2026, 11, 28))
    assert not is_late(None, False, day)


def test_the_oldest_open_deadlock_decides_and_the_conductor_where_it_has_no_decider():
    blocked = [Blocked(4, 5, 9), Blocked(3, 5, 8), Blocked(3, 6, 8), Blocked(2, 7, None), Blocked(9, 7, 8)]
    assert deciders_of(blocked, 1) == {5: 8, 6: 8, 7: 1}
    assert deciders_of([], 1) == {}
