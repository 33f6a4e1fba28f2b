"""What a status means that somebody typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.sheets.statuses import MEANING, WAITING, WrittenStatus, is_status, read_status
from tracker.domain.terms import Status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", Status.OPEN),
        ("—", Status.OPEN),
        ("не начато", Status.OPEN),
        ("In progress", Status.IN_PROGRESS),
        ("в  работе.", Status.IN_PROGRESS),
        ("На проверке", Status.REVIEW),
        ("ГОТОВО!", Status.DONE),
        ("✔️", Status.DONE),
        ("+", Status.DONE),
        ("отменено", Status.DROPPED),
        ("won't do", Status.DROPPED),
        ("?", Status.DRAFT),
        ("???", Status.DRAFT),
        ("неясно", Status.DRAFT),
        ("in_progress", Status.IN_PROGRESS),
    ],
)
def test_a_known_word_is_a_status(text: str, status: Status) -> None:
    assert read_status(text) == WrittenStatus(status, waits=False, known=True)


@pytest.mark.parametrize("text", ["ждём", "Ждем", "ждём.", "waiting", "ожидаем ответа"])
def test_waiting_is_work_that_waits_for_the_person_of_the_row(text: str) -> None:
    assert read_status(text) == WrittenStatus(Status.IN_PROGRESS, waits=True, known=True)


def test_words_after_a_known_beginning_are_kept_by_the_caller() -> None:
    assert read_status("ждём ответа от банка") == WrittenStatus(Status.IN_PROGRESS, waits=True, known=False)
    assert read_status("в работе, 50 %") == WrittenStatus(Status.IN_PROGRESS, waits=False, known=False)


@pytest.mark.parametrize("text", ["готово на 80 %", "почти готово", "не готово", "созвонились", "на паузе", "1"])
def test_an_unknown_text_is_open_and_never_done(text: str) -> None:
    assert read_status(text) == WrittenStatus(Status.OPEN, waits=False, known=False)


def test_no_word_has_two_meanings() -> None:
    assert not WAITING & set(MEANING)


def test_an_empty_cell_says_no_status() -> None:
    assert is_status("ждём")
    assert not is_status("")
    assert not is_status("Анна Белова")


@given(st.text(max_size=30))
def test_only_the_listed_words_close_a_task(text: str) -> None:
    if read_status(text).status in {Status.DONE, Status.DROPPED}:
        assert read_status(text).known
