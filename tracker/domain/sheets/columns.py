"""What the columns of a sheet hold: by the words of its header, or, without one, by what stands in them."""

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from tracker.domain.dates import date_of
from tracker.domain.sheets.statuses import is_status


class Column(StrEnum):
    REFERENCE = "reference"
    INTEGRATION = "integration"
    TITLE = "title"
    PARTY = "party"
    OWNER = "owner"
    STATUS = "status"
    DUE = "due"
    DONE_MEANS = "done_means"
    NOTES = "notes"
    OWN_1 = "own_1"
    OWN_2 = "own_2"
    OWN_3 = "own_3"
    # Of our own export (see `own_export`):
    NUMBER = "number"
    VERSION = "version"
    SHOWN = "shown"


class Row(NamedTuple):
    """`number` as the spreadsheet counts: from 1, the lines above the header included."""

    number: int
    cells: tuple[str, ...]


class Sheet(NamedTuple):
    """A register as somebody kept it: `rows` are all rows below the header, empty ones too.

    `header` and `columns` are as long as the widest row; a pasted table without a header has empty words there, and
    no `header_number`.
    """

    name: str
    titles: tuple[str, ...]
    header: tuple[str, ...]
    columns: tuple[Column | None, ...]
    rows: tuple[Row, ...]
    header_number: int | None = None

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the columns are called that nobody knows: by their word, or without one by their place («9»)."""
        return tuple(
            self.header[place] or str(place + 1)
            for place, column in enumerate(self.columns)
            if column is None and any(row.cells[place] for row in self.rows)
        )


SYNONYMS = {
    Column.REFERENCE: "№; #; n; no; nr; номер; № п/п; n п/п; п/п; пп; id; ид; код; number; num; ref; reference; key",
    Column.INTEGRATION: "интеграция; стык; связка; направление; раздел; блок; модуль; система; поток; integration; "
    "joint; system; area; section; stream; module",
    Column.TITLE: "что нужно; что надо; что нужно сделать; что сделать; что требуется; что; задача; задачи; задание; "
    "вопрос; задача/вопрос; название; наименование; суть; пункт; тема; what; what is needed; what we need; task; "
    "title; name; issue; item; summary; subject; to do; todo; action; question",
    Column.PARTY: "от кого; от кого нужно; от кого ждем; сторона; чья сторона; компания; организация; подрядчик; "
    "контрагент; команда; party; side; company; organisation; organization; contractor; vendor; from; from whom; team",
    Column.OWNER: "ответственный; ответственная; ответственные; ответственное лицо; исполнитель; исполнители; кто; "
    "кто делает; кто отвечает; владелец; owner; assignee; assigned to; responsible; who; person; executor",
    Column.STATUS: "статус; состояние; стадия; status; state; stage",
    Column.DUE: "срок; срок исполнения; срок сдачи; крайний срок; сроки; дедлайн; нужно к; к какому числу; к сроку; "
    "когда; дата; плановая дата; due; due date; due by; deadline; needed by; needed; by when; when; date; target date",
    Column.DONE_MEANS: "как поймем, что готово; как поймем что готово; критерий готовности; критерии готовности; "
    "критерий приемки; критерии приемки; how we will know; how we will know it is done; done when; done means; "
    "definition of done; acceptance criteria",
    Column.NOTES: "комментарий; комментарии; коммент; примечание; примечания; прим; заметки; заметка; описание; "
    "подробности; детали; notes; note; comment; comments; remark; remarks; description; details",
}
COLUMN_OF = {word: column for column, words in SYNONYMS.items() for word in words.split("; ")}
HEADER_WITHIN = 30  # rows: what stands above a header is a title, a date, a logo, not a table


def recognise(word: str) -> Column | None:
    folded = " ".join(re.sub(r"\([^)]*\)", " ", word.casefold().replace("ё", "е")).split()).strip(" .:;*?!")
    return COLUMN_OF.get(folded)


def named_columns(cells: Sequence[str]) -> tuple[Column | None, ...]:
    """Each column once, the first wins; only notes may stand in several."""
    found: list[Column | None] = []
    for cell in cells:
        column = recognise(cell)
        found.append(None if column in found and column is not Column.NOTES else column)
    return tuple(found)


def header_row(grid: Sequence[Row]) -> int | None:
    """The place in `grid` of the first row that names what is needed and one column more."""
    for place, row in enumerate(grid[:HEADER_WITHIN]):
        columns = set(named_columns(row.cells)) - {None}
        if Column.TITLE in columns and len(columns) > 1:
            return place
    return None


def register(name: str, grid: Sequence[Row]) -> Sheet | None:
    """The register in a grid of cells, None when there is none."""
    grid = [Row(row.number, without_empty_end(row.cells)) for row in grid]
    place = header_row(grid)
    titles: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    below = grid
    if place is None:
        columns = columns_by_content([row.cells for row in grid])
        # Two columns of any texts are not yet a register: something has to say how far it is, or by when.
        if Column.TITLE not in columns or not {Column.STATUS, Column.DUE} & set(columns):
            return None
    else:
        titles = tuple(" ".join(cell for cell in row.cells if cell) for row in grid[:place] if row.cells)
        header, below = grid[place].cells, grid[place + 1 :]
        columns = named_columns(header)
    width = max(len(cells) for cells in (header, columns, *(row.cells for row in below)))
    return Sheet(
        name,
        titles,
        tuple(" ".join(word.split()) for word in header) + ("",) * (width - len(header)),
        columns + (None,) * (width - len(columns)),
        tuple(Row(row.number, row.cells + ("",) * (width - len(row.cells))) for row in below),
        None if place is None else grid[place].number,
    )


def without_empty_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


ANY_DAY = date(2000, 1, 1)  # whether a cell holds a date does not depend on today
PERSON = re.compile(r"[^\W\d_][\w’'-]*\.?(?: [^\W\d_][\w’'-]*\.?){1,2}")


def columns_by_content(rows: Sequence[tuple[str, ...]]) -> tuple[Column | None, ...]:
    """Statuses and dates are known by themselves, names by their form; the longest texts are what is needed."""
    texts = [[cell for cell in cells if cell] for cells in zip_longest(*rows, fillvalue="")]
    found: list[Column | None] = [None] * len(texts)

    def mostly(place: int, share: float) -> bool:
        return share >= 0.6 * len(texts[place]) > 0

    for place, cells in enumerate(texts):
        if mostly(place, sum(map(is_status, cells))) and Column.STATUS not in found:
            found[place] = Column.STATUS
        elif mostly(place, sum(date_of(cell, ANY_DAY) is not None for cell in cells)) and Column.DUE not in found:
            found[place] = Column.DUE
        elif place == 0 and mostly(place, sum(cell.isdecimal() for cell in cells)):
            found[place] = Column.REFERENCE
    free = [place for place, column in enumerate(found) if column is None and texts[place]]
    if not free:
        return tuple(found)
    title = max(free, key=lambda place: sum(map(len, texts[place])) / len(texts[place]))
    found[title] = Column.TITLE
    people = {p: sum(PERSON.fullmatch(cell) is not None for cell in texts[p]) for p in free if p != title}
    owner = max(people, key=lambda place: people[place] / len(texts[place]), default=None)
    if owner is not None and mostly(owner, people[owner]):
        found[owner] = Column.OWNER
    # What is left is read by its place: the joint stands before what is needed, the side behind it, then remarks.
    for place in free:
        if found[place] is None:
            wanted = Column.INTEGRATION if place < title else Column.PARTY
            found[place] = Column.NOTES if wanted in found else wanted
    return tuple(found)
