"""What a button carries: 64 bytes at most, and nothing else is ever read back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.buttons import LIMIT, Action, answers, base36, day_arg, day_of, read, written

NUMBERS = some.integers(min_value=0, max_value=2**53)


@given(some.sampled_from(["done", "on", "inbox", "myhours"]), NUMBERS, NUMBERS, some.dates())
def test_what_is_written_is_read_again_and_fits(act, number, guard, day):
    action = Action(act, number, guard, day_arg(day))
    data = written(action)
    assert len(data.encode()) <= LIMIT
    assert read(data) == action
    assert day_of(action.arg) == day


@given(some.text(max_size=80))
def test_other_data_is_no_button_or_one_within_bounds(data):
    action = read(data)
    assert action is None or (action.id < 36**12 and action.guard < 36**12)


@given(NUMBERS)
def test_numbers_are_written_in_base_36(number):
    assert int(base36(number), 36) == number


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("ask", ["", "n1_needed", "n2"])
def test_a_keyboard_has_six_answers_two_in_a_row(language, ask):
    keyboard = answers(language, 2**40, 99, ask=ask, needed_by=date(2026, 12, 31))
    assert [len(row) for row in keyboard] == [2, 2, 2]
    assert all(len(button.action.encode()) <= LIMIT for row in keyboard for button in row)
    acts = {action.act for row in keyboard for button in row if (action := read(button.action))}
    assert {"done", "help", "no", "later", "date"} <= acts
