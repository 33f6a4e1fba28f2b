"""One row of a sheet as a task: which texts it holds, what they mean, and why it may be no task at all."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from tracker.domain.dates import Understood, understand
from tracker.domain.sheets.columns import Column, Row, Sheet
from tracker.domain.sheets.statuses import WrittenStatus, read_status


class Note(NamedTuple):
    """A line of the report: a code, and the facts of its sentence."""

    code: str
    facts: Mapping[str, Any] = {}


class Cells(NamedTuple):
    """The texts of a row under the columns that the sheet has; `remarks` are its notes, unknown columns included.

    `has_remarks`: the sheet has columns for them, so that none means none.
    """

    row: int
    texts: Mapping[Column, str]
    remarks: tuple[str, ...]
    has_remarks: bool
    shown: tuple[str, ...] = ()
    """What our own export only showed: kept with a row that is new."""

    def text(self, column: Column) -> str:
        return self.texts.get(column, "")


class Meaning(NamedTuple):
    """What the texts of a row say, before anybody looks whether parties and people of these names exist."""

    status: WrittenStatus
    due: Understood


TOTALS = re.compile(r"(?:итого|всего|итог|total|totals|sum|сумма)\b.*")
NOBODY = frozenset({"", "-", "–", "—", "?", "??", "???", "нет", "не назначен", "не назначено", "n/a", "none", "tbd"})


def cells_of(sheet: Sheet, row: Row) -> Cells:
    texts: dict[Column, str] = {}
    remarks: list[str] = []
    shown: list[str] = []
    for word, column, cell in zip(sheet.header, sheet.columns, row.cells, strict=True):
        if column is None and cell:
            remarks.append(f"{word}: {cell}" if word else cell)
        elif column is Column.SHOWN:
            shown += [f"{word}: {cell}"] if cell else []
        elif column is Column.NOTES and cell:
            remarks.append(cell)
        elif column is not None and column is not Column.NOTES:
            texts[column] = cell
    for column in (Column.TITLE, Column.INTEGRATION, Column.PARTY, Column.OWNER):
        if column in texts:  # names and titles are one line
            texts[column] = " ".join(texts[column].split())
    return Cells(row.number, texts, tuple(remarks), Column.NOTES in sheet.columns or bool(sheet.unknown), tuple(shown))


def no_task(sheet: Sheet, row: Row, cells: Cells) -> str | None:
    """Why this row is no task: empty, totals, header_again, no_title; None when it is one."""
    filled = [cell for cell in row.cells if cell]
    if not filled:
        return "empty"
    if any(sheet.header) and row.cells == sheet.header:
        return "header_again"
    if TOTALS.fullmatch(folded(filled[0])) and all(re.fullmatch(r"[\d\s.,%]+", cell) for cell in filled[1:]):
        return "totals"
    return None if cells.text(Column.TITLE) else "no_title"


def meaning_of(cells: Cells, today: date) -> Meaning:
    return Meaning(read_status(cells.text(Column.STATUS)), understand(cells.text(Column.DUE), today))


def folded(text: str) -> str:
    """What two spellings of one name have in common: case, ё, quotes, dashes and arrows (cp1251 has no →) aside."""
    plain = text.casefold().replace("ё", "е")
    plain = re.sub(r"\s*(?:→|⟶|➔|=+>|[-–—]+>)\s*", " -> ", plain)
    plain = re.sub(r"[«»„“”\"'’]", "", plain)
    plain = re.sub(r"[–—−]", "-", plain)
    return " ".join(plain.split()).strip(" .,:;")


def is_somebody(written: str) -> bool:
    """Whether an owner's cell names anybody at all."""
    return folded(written) not in NOBODY
