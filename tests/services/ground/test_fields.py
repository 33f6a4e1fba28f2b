"""Typed values of an input, cleaned; all that is wrong is told together."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.domain.errors import FieldError, Invalid
from tracker.services.ground import fields
from tracker.tables import Party

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def codes(errors):
    return [(one.field, one.code) for one in errors]


def test_a_line_loses_what_no_screen_shows_and_a_text_keeps_its_lines():
    errors: list[FieldError] = []
    assert fields.one_line(errors, "title", " Поле\t\u00a0«телефон»\n\x00 ") == "Поле «телефон»"
    assert (
        fields.long_text(errors, "note", "Раз\r\n\x07Два \U0001f469\u200d\U0001f527\r")
        == "Раз\nДва \U0001f469\u200d\U0001f527"
    )
    assert errors == []


def test_an_empty_and_an_endless_text_are_told_by_their_field():
    errors: list[FieldError] = []
    fields.one_line(errors, "title", " \x00 ", required=True)
    fields.one_line(errors, "place", "щ" * (fields.LINE + 1))
    fields.long_text(errors, "note", "щ" * fields.TEXT)
    assert codes(errors) == [("title", "required"), ("place", "too_long")]
    with pytest.raises(Invalid):
        fields.refuse(errors)


@pytest.mark.parametrize("text", ["https://a.example/x?y=1", "http://127.0.0.1:8000", "https://пример.рф/"])
def test_an_address_of_the_web_is_a_link(text):
    assert fields.is_link(text)


@pytest.mark.parametrize(
    "text",
    ["a.example", "javascript:alert(1)", "https://", "https://u:p@a.example", "https://a b.example", "http://[1"],
)
def test_what_is_no_address_or_holds_a_password_is_no_link(text):
    assert not fields.is_link(text)


def test_a_day_is_within_ten_years_of_today():
    today = NOW.date()
    errors: list[FieldError] = []
    for day in (None, today + fields.YEARS_OFF, today - fields.YEARS_OFF):
        assert fields.day(errors, "needed_by", day, NOW) == day
    assert errors == []
    fields.day(errors, "needed_by", today + fields.YEARS_OFF + timedelta(days=1), NOW)
    fields.day(errors, "promised_on", date.min, NOW)
    assert codes(errors) == [("needed_by", "date_out_of_range"), ("promised_on", "date_out_of_range")]


def test_only_what_differs_is_set_and_raises_the_version():
    row = Party(project_id=1, name="Студия", kind="vendor", version=3, created_at=NOW, updated_at=NOW)
    later = NOW + timedelta(hours=1)
    assert fields.apply(row, {"name": "Студия", "kind": "vendor"}, later) == {}
    assert (row.version, row.updated_at) == (3, NOW)
    assert fields.apply(row, {"name": "Мастерская", "kind": "vendor"}, later) == {"name": ("Студия", "Мастерская")}
    assert (row.name, row.version, row.updated_at) == ("Мастерская", 4, later)
