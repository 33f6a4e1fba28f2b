"""What a form says, as typed values; each wrong one is told by its field."""

from datetime import date, time

import pytest

from tracker.domain.errors import Invalid
from tracker.web.http.forms import count_of, day_of, id_of, sent, time_of_day, typed
from tracker.web.http.request import Form

TODAY = date(2026, 11, 23)


def form(**values: str) -> Form:
    return Form({name: [text] for name, text in values.items()})


def code(read, *given):
    with pytest.raises(Invalid) as refused:
        read(*given)
    return refused.value.errors[0].code


def test_what_a_form_leaves_out_stays_as_it_is():
    half = form(title="Поле", note="")
    assert sent(half, ["title", "note", "owner"]) == {"title": "Поле", "note": ""}
    assert typed(half, "title", "owner") == {"title": "Поле", "owner": ""}
    assert typed(half) == {"title": "Поле", "note": ""}


def test_a_day_is_taken_from_a_date_field_and_from_a_hand():
    assert day_of(form(day="2026-11-27"), "day", TODAY) == date(2026, 11, 27)
    assert day_of(form(day="к пятнице"), "day", TODAY) == date(2026, 11, 27)
    assert day_of(form(day="  "), "day", TODAY) is None
    assert code(day_of, form(day="когда-нибудь"), "day", TODAY) == "not_a_date"


def test_a_time_has_hours_and_minutes_and_no_zone():
    assert time_of_day(form(at=" 11:05 "), "at") == time(11, 5)
    assert time_of_day(form(at="11:05:30.5+03:00"), "at") == time(11, 5, 30)
    assert code(time_of_day, form(at="одиннадцать"), "at") == "not_a_time"
    assert code(time_of_day, form(), "at") == "required"


def test_a_count_is_a_number():
    assert count_of(form(minutes="30"), "minutes") == 30
    assert code(count_of, form(minutes="полчаса"), "minutes") == "not_a_number"
    assert code(count_of, form(minutes=" "), "minutes") == "required"


def test_an_id_is_one_or_nobodys():
    assert (id_of(form(owner="7"), "owner"), id_of(form(owner=" "), "owner"), id_of(form(), "owner")) == (7, None, None)
    assert code(id_of, form(owner="Анна"), "owner") == "unknown_choice"
