"""Deadlocks: who is wanting, who decides, when it is late."""

from datetime import date

from tracker.domain.deadlocks import DeadlockFacts, decider_of, is_late, missing_sides, missing_to_decide


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


def test_the_oldest_open_deadlock_with_a_decider_decides():
    decided = DeadlockFacts(1, "block", 7, True, {5})
    nobody = DeadlockFacts(2, "block", None, False, {5})
    second = DeadlockFacts(4, "block", 9, False, {5})
    first = DeadlockFacts(3, "contradiction", 8, False, {5, 6})
    assert decider_of(5, [decided, nobody, second, first]) == 8
    assert decider_of(7, [first]) is None
