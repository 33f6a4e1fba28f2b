"""Rows of the register as HTML, kept as long as what they are drawn from stays: half of a page's time otherwise."""

from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

from markupsafe import Markup

from tracker.services.register.rows import Context, RegisterRow, row_of, stands_until
from tracker.web.http.templates import macro

TEMPLATE = "register/_row.html"
LIMIT = 10_000
"""Rows that are kept at most: some 3 kB each."""
LONGEST = timedelta(days=1)


class RowContext(NamedTuple):
    """What a row's HTML depends on besides the row: nothing of the reader is in it but what stands here."""

    context: Context
    key: str
    columns: tuple[str, ...]
    language: str
    today: date


class Drawn(NamedTuple):
    stored: tuple[Any, ...]
    until: datetime
    html: bytes


_drawn: dict[RowContext, dict[int, Drawn]] = {}
_lock = Lock()


def drawn_rows(rows: Any, place: RowContext, now: datetime) -> list[Drawn]:
    """The rows as the register shows them, in UTF-8, and until when each is right."""
    kept = _drawn.get(place)
    if kept is None:
        kept = _drawn.setdefault(place, {})
    found = []
    for row in rows:
        stored = tuple(row)
        one = kept.get(stored[0])
        if one is None or one.stored != stored or one.until <= now:
            html = row_html(row_of(row, place.context, now), *place[1:])
            until = stands_until(row, place.context, now) or now + LONGEST
            one = kept[stored[0]] = Drawn(stored, until, html.encode())
        found.append(one)
    if sum(map(len, _drawn.values())) > LIMIT:
        _forget_half()
    return found


def _forget_half() -> None:
    """The places not looked at for longest stand first, and in them the rows first drawn."""
    with _lock:
        spare = sum(map(len, list(_drawn.values()))) - LIMIT // 2
        for place in list(_drawn):
            for task_id in list(_drawn[place])[: max(spare, 0)]:
                _drawn[place].pop(task_id, None)
                spare -= 1
            if not _drawn[place]:
                del _drawn[place]


def row_html(row: RegisterRow, key: str, columns: tuple[str, ...], language: str, today: date) -> Markup:
    """The row with links to its edit forms."""
    return Markup(macro(TEMPLATE, "row", language)(row, key, columns, today))


def row_being_edited(
    row: RegisterRow, key: str, columns: tuple[str, ...], language: str, today: date, cell: str, form: str
) -> str:
    """The same row with a form in one of its cells."""
    drawn: Any = macro(TEMPLATE, "row", language)(row, key, columns, today, (cell, Markup(form)))
    return str(drawn)
