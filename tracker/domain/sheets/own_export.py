"""Our own register coming back from a spreadsheet: which of its columns say something, and which only showed it."""

from collections.abc import Sequence

from tracker.domain.sheets.columns import Column, Row, Sheet
from tracker.domain.sheets.rows import folded
from tracker.domain.terms import OWN_COLUMNS

SHOWN = frozenset(
    {"чей ход", "ориентир", "ждем", "ждем с", "whose turn", "promised for", "waiting on", "waiting since"}
)
"""Derived here, or named by a person: a sheet never sets them."""
VERSION = ("версия ", "version ")
"""Before the project's key: the numbers of another project's sheet mean other tasks."""
MARKS = ({"чей ход", "ждем с"}, {"whose turn", "waiting since"})
"""What no register but ours has side by side, in each language."""
OWN = tuple(Column(name) for name in OWN_COLUMNS)
COMPUTED = ("=", "+", "-", "@")


def is_own_export(sheet: Sheet) -> bool:
    words = {folded(word) for word in sheet.header}
    return Column.TITLE in sheet.columns and any(mark <= words for mark in MARKS)


def claimed(sheet: Sheet, own_columns: Sequence[str], key: str) -> Sheet:
    """The sheet with the project's own columns known by their names; and if it is our own export, what else it holds:
    the task's number and version instead of a reference, and what is only shown."""
    ours = is_own_export(sheet)
    own = {folded(name): column for name, column in zip(own_columns, OWN, strict=False) if name}
    columns: list[Column | None] = []
    for word, column in zip(sheet.header, sheet.columns, strict=True):
        name = folded(word)
        if column is None and name in own and own[name] not in columns:
            columns.append(own[name])
        elif ours and column is Column.REFERENCE:
            columns.append(Column.NUMBER)
        elif ours and column is None and name in {word + folded(key) for word in VERSION}:
            columns.append(Column.VERSION)
        elif ours and column is None and (name in SHOWN or name.startswith(VERSION)):
            columns.append(Column.SHOWN)
        else:
            columns.append(column)
    rows = tuple(Row(row.number, tuple(map(_plain, row.cells))) for row in sheet.rows) if ours else sheet.rows
    return sheet._replace(columns=tuple(columns), rows=rows)


def _plain(cell: str) -> str:
    """Without the sign that keeps a spreadsheet from computing a text (see `formats.sheet_writer`)."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in COMPUTED else cell
