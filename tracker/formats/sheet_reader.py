"""Reads a register out of a file or a paste: CSV, TSV and XLSX as people and their programs write them."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime, time
from pathlib import PurePath
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from tracker.domain.errors import Invalid
from tracker.domain.sheets.columns import Row, Sheet, header_row, named_columns, register

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_UNPACKED = 64 * 1024 * 1024
MAX_CELLS = MAX_ROWS * MAX_COLUMNS

# Its own limit would be told as a quotation mark without its pair; how much we read is said above.
csv.field_size_limit(MAX_BYTES)

Reader = Any  # the type of what csv.reader returns has a public name from Python 3.12 on

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_sheet(content: bytes, file_name: str) -> Sheet:
    """The register in a file. Raises `Invalid` with one of the codes `sheet_…` when there is none to be read."""
    name = PurePath(file_name).stem
    if len(content) > MAX_BYTES:
        raise Invalid(code="sheet_too_large", limit=MAX_BYTES // 1024 // 1024)
    if not content.strip():
        raise Invalid(code="sheet_empty")
    if content.startswith(b"PK\x03\x04"):
        return read_workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        # One container holds both an encrypted XLSX and the XLS of before 2007, which we do not read.
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise Invalid(code="sheet_password" if locked else "sheet_old_format")
    return read_pasted(decoded(content), name)


def read_pasted(text: str, name: str = "") -> Sheet:
    """The register in a text whose cells are divided by tabs, semicolons or commas."""
    if not text.strip():
        raise Invalid(code="sheet_empty")
    grid = grid_of(text.replace("\r\n", "\n").replace("\r", "\n"))
    if max(len(row.cells) for row in grid) < 2:
        raise Invalid(code="sheet_not_table")
    return chosen([(name, grid)])


def chosen(grids: Iterable[tuple[str, list[Row]]]) -> Sheet:
    """The first grid with a register's header; else the first whose content is one; else the reason why none is."""
    seen: list[tuple[str, list[Row]]] = []
    for name, grid in grids:
        if len(grid) > MAX_ROWS:
            raise Invalid(code="sheet_too_many_rows", rows=len(grid), limit=MAX_ROWS)
        if max((len(row.cells) for row in grid), default=0) > MAX_COLUMNS:
            raise Invalid(code="sheet_too_wide", limit=MAX_COLUMNS)
        if header_row(grid) is not None and (sheet := register(name, grid)) is not None:
            return sheet
        seen.append((name, grid))
    if not any(cell for _, grid in seen for row in grid for cell in row.cells):
        raise Invalid(code="sheet_empty")
    for name, grid in seen:
        # A header that names other things («Имя; Почта») is not content: better no register than a wrong one.
        first = next((row.cells for row in grid if any(row.cells)), ())
        columns = [cell for cell, column in zip(first, named_columns(first), strict=True) if column is not None]
        if len(columns) > 1:
            raise Invalid(code="sheet_no_title", columns=", ".join(columns))
        if not columns and (sheet := register(name, grid)) is not None:
            return sheet
    raise Invalid(code="sheet_not_table")


CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decoded(content: bytes) -> str:
    encoding = next((name for mark, name in BOMS if content.startswith(mark)), None)
    if encoding != "utf-16" and CONTROLS.search(content.decode("latin-1")):
        raise Invalid(code="sheet_binary")
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise Invalid(code="sheet_encoding") from error
        return windows_1251(content)
    if CONTROLS.search(text):
        raise Invalid(code="sheet_binary")
    return text


def windows_1251(content: bytes) -> str:
    """Text of a Russian Excel. Nearly every byte is a letter there, so the letters have to look like Russian."""
    try:
        text = content.decode("cp1251")
    except UnicodeDecodeError as error:
        raise Invalid(code="sheet_encoding") from error
    letters = re.findall(r"[а-яё]", text.casefold())
    # These ten are two thirds of any Russian text, and a third of one in KOI8 or DOS letters that is misread so.
    common = sum(letter in "оеаинтсрвл" for letter in letters)
    mixed = re.findall(r"[a-z][а-яё]|[а-яё][a-z]", text.casefold())  # «cafй»: a Western encoding
    others = re.findall(r"[^\x00-\x7fа-яёА-ЯЁ«»„“”‘’–—…•№°±·©®\xa0§™]", text)
    if len(letters) > 20 and common < 0.45 * len(letters):
        raise Invalid(code="sheet_encoding")
    if len(mixed) + len(others) > 0.1 * len(letters) + 3:
        raise Invalid(code="sheet_encoding")
    return text


def grid_of(text: str) -> list[Row]:
    """The cells of a text, by the delimiter that makes a register of it, else the one that stands most evenly."""
    parsed: dict[str, list[Row]] = {}
    for delimiter in "\t;,":
        if delimiter not in text:
            continue
        head = rows_of(csv.reader(io.StringIO(text[:20_000]), delimiter=delimiter), forgiving=True)
        if header_row(head) is not None:
            return records(text, delimiter)
        parsed[delimiter] = head[:-1] or head
    if not parsed:
        return records(text, ";")

    def evenness(delimiter: str) -> float:
        widths = [len(row.cells) for row in parsed[delimiter] if any(row.cells)]
        usual = max(set(widths), key=widths.count, default=1)
        return widths.count(usual) / len(widths) if usual > 1 else 0

    return records(text, max(parsed, key=evenness))


def records(text: str, delimiter: str) -> list[Row]:
    try:
        return rows_of(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except Invalid:
        if delimiter != "\t":
            raise
        # A cell copied out of a web page's table begins with a quotation mark because its text does.
        return rows_of(csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE))


def rows_of(reader: Reader, forgiving: bool = False) -> list[Row]:
    rows: list[Row] = []
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            if forgiving:
                return rows
            raise Invalid(code="sheet_quotes", line=line) from error
        rows.append(Row(len(rows) + 1, tuple(map(cleaned, cells))))
        line = reader.line_num + 1
        if len(rows) > MAX_ROWS + 100:
            raise Invalid(code="sheet_too_many_rows", rows=len(rows), limit=MAX_ROWS)


def cleaned(cell: str) -> str:
    """Without what can't be seen: controls, marks of direction and width, no-break spaces; line breaks stay."""
    if not cell.isprintable():
        cell = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
        kept = (
            c for c in cell if c == "\n" or c == "\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"}
        )
        cell = "".join(" " if unicodedata.category(c) == "Zs" else c for c in kept)
    return unicodedata.normalize("NFC", cell).strip()


def read_workbook(content: bytes) -> Sheet:
    check_archive(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [sheet.name for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
        return chosen((name, worksheet(book, name)) for name in sheets)
    except PasswordError as error:
        raise Invalid(code="sheet_password") from error
    except CalamineError as error:
        raise Invalid(code="sheet_corrupt") from error


def worksheet(book: CalamineWorkbook, name: str) -> list[Row]:
    sheet = book.get_sheet_by_name(name)
    rows = [[as_text(cell) for cell in cells] for cells in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and bottom < len(rows):  # one integration merged over its tasks is said of each of them
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return [Row(number, tuple(cells)) for number, cells in enumerate(rows, 1)]


def as_text(value: object) -> str:
    match value:
        case str():
            return cleaned(value)
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ")
        case bool():
            return str(value).casefold()
        case _:
            return str(value)


def check_archive(content: bytes) -> None:
    """Refuse what would unpack into far more than it seems; every entry is unpacked once, its length is not believed.

    The reader lays a worksheet out as a full rectangle, so two cells in opposite corners would take all the memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
                raise Invalid(code="sheet_binary")
            if len(entries) > 2_000 or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise Invalid(code="sheet_too_large", limit=MAX_BYTES // 1024 // 1024)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise Invalid(code="sheet_password")
                unpacked = archive.read(entry)  # no more than file_size, then the checksum tells
                width, height = extent(unpacked) if entry.filename.casefold().endswith(".xml") else (0, 0)
                if width * height > MAX_CELLS:
                    raise Invalid(code="sheet_too_many_rows", rows=height, limit=MAX_ROWS)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Invalid(code="sheet_corrupt") from error


# A cell that is only coloured: people paint whole columns down to the last row of the sheet.
EMPTY_CELL = re.compile(rb"""<(?:\w+:)?c(?:\s+[\w:]+="[^"<>]*")*\s*/>""")
PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""", re.IGNORECASE)
CELL_WITHOUT_PLACE = re.compile(rb"""<(?:\w+:)?c(?:\s(?![^<>]*\br\s*=)[^<>]*)?>""")
ROW = re.compile(rb"""<(?:\w+:)?row\b(?:[^<>]*\br\s*=\s*["']([0-9]{1,7})["'])?""")


def extent(xml: bytes) -> tuple[int, int]:
    """The width and height that the filled cells of a worksheet span, or a little more."""
    xml = EMPTY_CELL.sub(b"", xml)
    places = {(found[1].upper(), int(found[2])) for found in PLACE.finditer(xml)}
    width = max((column_number(letters) for letters in {letters for letters, _ in places}), default=0)
    height = max((row for _, row in places), default=0)
    if CELL_WITHOUT_PLACE.search(xml):  # then cells are counted: a filled one has three tags at least
        width = max(width, *(part.count(b"<") // 3 + 1 for part in ROW.split(xml)[2::2]), 0)
        rows = [int(found[1] or 0) for found in ROW.finditer(xml)]
        height = max(height, len(rows), *rows, 0)
    return width, height


def column_number(letters: bytes) -> int:
    """A is 1, XFD is 16,384."""
    return sum((byte - 64) * 26**power for power, byte in enumerate(reversed(letters)))
