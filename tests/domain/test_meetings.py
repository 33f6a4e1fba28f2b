"""A meeting ends with next steps."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.domain.meetings import (
    ClosingItem,
    MissingStep,
    doubts,
    is_confirmed,
    is_soon,
    missing_to_close,
    missing_to_drop,
    raises_sequence,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    "item",
    [
        ClosingItem(1, "step", "Прислать поля формы", 7, FRIDAY),
        ClosingItem(1, "moved"),
        ClosingItem(1, "no_step", reason="Уже работает"),
    ],
)
def test_an_item_is_left_with_a_step_moved_on_or_with_a_reason(item):
    assert missing_to_close([item]) == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (ClosingItem(1, None), "no_outcome"),
        (ClosingItem(1, None, "Прислать", 7, FRIDAY), "no_outcome"),
        (ClosingItem(1, "step", " ", 7, FRIDAY), "step_without_title"),
        (ClosingItem(1, "step", "Прислать", None, FRIDAY), "step_without_owner"),
        (ClosingItem(1, "step", "Прислать", 7, None), "step_without_date"),
        (ClosingItem(1, "no_step", reason="  "), "no_reason"),
    ],
)
def test_an_item_without_an_end_is_named(item, code):
    assert missing_to_close([ClosingItem(5, "moved"), item]) == [MissingStep(1, code)]


def test_an_empty_agenda_does_not_close_a_meeting():
    assert missing_to_close([]) == [MissingStep(None, "no_items")]


def test_a_meeting_that_was_not_held_says_why():
    assert missing_to_drop(" ") == [MissingStep(None, "no_reason")]
    assert missing_to_drop("Болеет заказчик") == []


def test_calendars_notice_time_place_people_and_state_only():
    for field in ("starts_at", "minutes", "place", "people", "state"):
        assert raises_sequence({field, "title"})
    assert not raises_sequence({"title", "notes", "items"})


def test_a_change_is_told_at_once_within_24_hours_to_the_second():
    day = timedelta(hours=24)
    assert is_soon(NOW, NOW + day)
    assert not is_soon(NOW, NOW + day + timedelta(seconds=1))
    assert not is_soon(NOW, NOW - timedelta(seconds=1))
    assert not is_soon(NOW, NOW), "it has begun: who is there knows"
    assert is_soon(NOW, NOW + 9 * day, NOW + timedelta(hours=1)), "moved away from soon is told as well"


def test_a_step_for_somebody_absent_is_unconfirmed():
    assert is_confirmed(7, {7, 8})
    assert not is_confirmed(7, {8})


def test_too_many_people_or_nobody_who_decides_is_a_doubt():
    assert doubts(3, 1) == []
    assert doubts(5, 1) == []
    assert doubts(6, 1) == ["many_people"]
    assert doubts(3, 0) == ["no_decider"]
    assert doubts(0, 0) == []
