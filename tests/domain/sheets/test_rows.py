"""One row of a sheet as a task: what its cells hold, and why it may be no task at all."""

import pytest

from tracker.domain.sheets.columns import Column, Row, Sheet
from tracker.domain.sheets.rows import cells_of, folded, is_somebody, no_task

HEADER = ("Что нужно", "Ответственный", "Заметки", "Цвет", "Чей ход")
COLUMNS = (Column.TITLE, Column.OWNER, Column.NOTES, None, Column.SHOWN)


def sheet(*cells: str, columns: tuple[Column | None, ...] = COLUMNS) -> tuple[Sheet, Row]:
    row = Row(7, cells)
    return Sheet("register.csv", (), HEADER, columns, (row,)), row


def test_names_and_titles_are_one_line_and_what_nobody_asked_for_is_a_remark():
    given, row = sheet(" Поле\nформы ", "Анна\nБелова", "Срочно", "зелёный", "Анна")
    cells = cells_of(given, row)
    assert cells.row == 7
    assert cells.texts == {Column.TITLE: "Поле формы", Column.OWNER: "Анна Белова"}
    assert cells.remarks == ("Срочно", "Цвет: зелёный") and cells.has_remarks
    assert cells.shown == ("Чей ход: Анна",)
    assert cells.text(Column.DUE) == ""


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("", "", "", "", ""), "empty"),
        (HEADER, "header_again"),
        (("Итого:", "12", "", "3,5 %", ""), "totals"),
        (("Итого", "12", "Анна", "", ""), None),
        (("", "Анна", "", "", ""), "no_title"),
        (("Поле формы", "", "", "", ""), None),
    ],
)
def test_a_row_says_why_it_is_no_task(cells, why):
    given, row = sheet(*cells)
    assert no_task(given, row, cells_of(given, row)) == why


def test_two_spellings_of_one_name_are_one():
    same = ["Форма → CRM", "форма -> CRM", "«Форма» ⟶ crm.", " ФОРМА  => CRM :"]
    assert {folded(text) for text in same} == {"форма -> crm"}
    assert folded("Ёлка – 2") == folded("елка - 2") != folded("елка 2")


@pytest.mark.parametrize(("written", "somebody"), [("Анна", True), ("", False), (" — ", False), ("Не назначен", False)])
def test_a_dash_names_nobody(written, somebody):
    assert is_somebody(written) is somebody
