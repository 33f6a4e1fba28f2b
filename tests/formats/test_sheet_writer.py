"""Sheets that people take away: nothing in them is computed, whatever somebody typed."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tracker.formats.sheet_writer import Cell, as_csv, as_xlsx

FORMULA = '=HYPERLINK("http://evil.example","счёт")'
TABLE: list[list[Cell]] = [
    ["№", "Что нужно"],
    [1, FORMULA],
    [2, "обычный текст; с точкой"],
    [3, date(2026, 11, 23)],
    [4, None],
]


@pytest.mark.parametrize("start", ["=1+1", "+7 900", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_compute_is_text_in_csv(start):
    assert as_csv(iter([[start]]), for_excel=False).decode().startswith(("'", "\"'"))


def test_csv_for_excel_has_a_mark_and_semicolons():
    content = as_csv(iter(TABLE), for_excel=True)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0] == "№;Что нужно" and lines[2] == '2;"обычный текст; с точкой"' and lines[3] == "3;2026-11-23"
    assert as_csv(iter(TABLE), for_excel=False).decode().splitlines()[2] == "2,обычный текст; с точкой"


def test_a_workbook_holds_texts_dates_and_no_formula():
    content = as_xlsx(iter(TABLE))
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows == [["№", "Что нужно"], [1, FORMULA], [2, "обычный текст; с точкой"], [3, date(2026, 11, 23)], [4, ""]]
    with zipfile.ZipFile(BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
