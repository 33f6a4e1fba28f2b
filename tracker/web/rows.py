"""Rows of the register as HTML, kept as long as their tuple is the same: half of a page's time otherwise."""

from datetime import date
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from tracker.services.register import RegisterRow
from tracker.templates import macro

TEMPLATE = "register/_row.html"


@lru_cache(maxsize=5000)
def row_html(row: RegisterRow, key: str, columns: tuple[str, ...], language: str, today: date) -> Markup:
    """The row with links to its edit forms; nothing of the reader is in it but what the tuple says."""
    return Markup(macro(TEMPLATE, "row", language)(row, key, columns, today))


def row_being_edited(
    row: RegisterRow, key: str, columns: tuple[str, ...], language: str, today: date, cell: str, form: str
) -> str:
    """The same row with a form in one of its cells."""
    drawn: Any = macro(TEMPLATE, "row", language)(row, key, columns, today, (cell, Markup(form)))
    return str(drawn)
