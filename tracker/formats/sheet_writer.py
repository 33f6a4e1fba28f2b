"""A project's register as a sheet that people take away: CSV or XLSX, and never a formula."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import xlsxwriter
from sqlmodel import Session

from tracker.domain.permissions import Standing
from tracker.services.register.filters import Filters
from tracker.services.register.page import register_page
from tracker.services.register.rows import RegisterRow
from tracker.tables import Project
from tracker.wording.fields import label
from tracker.wording.words import word

Cell = str | int | date | None

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet compute a cell of a CSV file."""


COLUMNS = ("number", "integration", "title", "party", "owner", "status", "turn", "needed_by", "promised_on", "waiting",
           "waiting_since", "done_means")  # fmt: skip
"""Then the project's own ones, and behind everything the version: read again, the sheet undoes nothing that was changed
here since it was taken away."""


def register_table(
    session: Session, project: Project, mine: Standing, language: str, *, now: datetime
) -> Iterator[list[Cell]]:
    """A header and every row that the reader may see, in the order of numbers."""
    own = [(place, name) for place, name in enumerate(project.own_columns) if name]
    yield [
        *(label(language, name, "sheet") for name in COLUMNS),
        *(name for _, name in own),
        f"{label(language, 'version', 'sheet')} {project.key}",
    ]
    after: int | None = None
    while True:
        page = register_page(session, project, mine, Filters(after=after), now)
        for row in page.rows:
            yield [*_cells(row, language), *(row.own[place] for place, _ in own), row.version]
        if page.more is None:
            return
        after = page.more


def _cells(row: RegisterRow, language: str) -> list[Cell]:
    status = word(language, "status", row.status)
    return [
        row.number,
        row.integration,
        row.title,
        row.party,
        row.owner,
        status,
        row.turn,
        row.needed_by,
        row.promised_on,
        row.waiting,
        row.waiting_since,
        row.done_means,
    ]


def as_csv(table: Iterator[list[Cell]], *, for_excel: bool) -> bytes:
    """UTF-8 with commas; `for_excel`: a mark at the start and semicolons, as Excel in Russian opens it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if for_excel else ",")
    for row in table:
        writer.writerow([_harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig" if for_excel else "utf-8")


def _harmless(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def as_xlsx(table: Iterator[list[Cell]]) -> bytes:
    """One sheet with a fixed header; texts are texts, whatever they begin with."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet()
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy"})
        last: Sequence[Cell] = ()
        for number, row in enumerate(table):
            for place, cell in enumerate(row):
                if number == 0:
                    sheet.write_string(number, place, str(cell), head)
                elif isinstance(cell, date):
                    sheet.write_datetime(number, place, datetime.combine(cell, datetime.min.time()), day)
                elif isinstance(cell, int):
                    sheet.write_number(number, place, cell)
                elif cell:
                    sheet.write_string(number, place, cell)
            last = row
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(last) - 1, 0), 20)
    return content.getvalue()
