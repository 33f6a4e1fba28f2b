"""Sheets to read, sound and broken."""

import io
import zipfile
from collections.abc import Sequence

import pytest
import xlsxwriter

from tests.places import DATA
from tracker.domain.errors import Invalid
from tracker.domain.sheets.columns import SYNONYMS, Column, Sheet
from tracker.formats.sheet_reader import read_sheet

REGISTER = ("№", "Интеграция", "Что нужно", "От кого", "Ответственный", "Статус", "Срок", "Комментарий")
COLUMNS = tuple(column for column in SYNONYMS if column is not Column.DONE_MEANS)
HEADER = "Что нужно;От кого;Статус\n"


def shipped(name: str) -> Sheet:
    return read_sheet((DATA / name).read_bytes(), name)


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd.mm.yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return file.getvalue()


def repacked(content: bytes, name: str, replaced: bytes) -> bytes:
    """The archive with another text in one of its entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, replaced if entry == name else old.read(entry))
    return file.getvalue()


def refusal(content: bytes, name: str = "register.csv") -> Invalid:
    with pytest.raises(Invalid) as refused:
        read_sheet(content, name)
    return refused.value
