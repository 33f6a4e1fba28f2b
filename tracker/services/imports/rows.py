"""One row of a sheet, read with the project's names in view: its owner, party, dates, and what stays in the notes."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from tracker.domain.names import is_persons
from tracker.domain.sheets.columns import Column, Sheet
from tracker.domain.sheets.rows import Cells, Meaning, Note, folded, is_somebody, meaning_of
from tracker.domain.terms import WaitKind
from tracker.services.ground.fields import YEARS_OFF
from tracker.services.imports.world import NO_OWNER, Owner, SheetWorld
from tracker.services.tasks.fields import TEXT_LIMIT, TITLE_LIMIT
from tracker.wording.fields import label

NAME_LIMIT = 300


class Reading(NamedTuple):
    """A row that is a task. `party` and `integration` are names, empty where the row has none; `text`: its notes."""

    cells: Cells
    meaning: Meaning
    owner: Owner
    party: str
    integration: str
    notes: tuple[Note, ...]
    text: str
    asked: Column = Column.OWNER
    """Which cell names the owner."""

    @property
    def whoever(self) -> str:
        """As the row names the owner, whether anybody knows them or not."""
        return self.cells.text(self.asked)


def read_row(world: SheetWorld, sheet: Sheet, cells: Cells) -> Reading:
    meaning = meaning_of(cells, world.today)
    if meaning.due.date is not None and abs(meaning.due.date - world.today) > YEARS_OFF:
        meaning = meaning._replace(due=meaning.due._replace(date=None, exact=False))
    notes: list[Note] = []
    names = {column: _name(cells.text(column), notes) for column in (Column.PARTY, Column.INTEGRATION)}
    owner, party, asked = _owner(world, cells, names[Column.PARTY], notes)
    kept = [column for column, name in names.items() if is_somebody(cells.text(column)) and not name]
    if not meaning.status.known:
        kept.append(Column.STATUS)
        notes.append(Note("status_unknown", {"written": cells.text(Column.STATUS)}))
    if meaning.due.text and not meaning.due.exact:
        kept.append(Column.DUE)
        read = {"written": meaning.due.text, "date": meaning.due.date}
        notes.append(
            Note("date_counted", read) if meaning.due.date else Note("date_unread", {"written": meaning.due.text})
        )
    if owner.id is None and owner.notes:
        kept.append(asked)
    lines = [*cells.remarks, *(_labelled(world, sheet, cells, column) for column in kept)]
    if len(cells.text(Column.TITLE)) > TITLE_LIMIT:
        lines.insert(0, cells.text(Column.TITLE))
        notes.append(Note("title_shortened", {"limit": TITLE_LIMIT}))
    text = "\n".join(lines)
    if max(len(text), len(cells.text(Column.DONE_MEANS))) > TEXT_LIMIT:
        notes.append(Note("text_shortened", {"limit": TEXT_LIMIT}))
    return Reading(cells, meaning, owner, party, names[Column.INTEGRATION], tuple(notes), text[:TEXT_LIMIT], asked)


def _name(name: str, notes: list[Note]) -> str:
    if len(name) <= NAME_LIMIT:
        return name if is_somebody(name) else ""
    notes.append(Note("name_too_long", {"limit": NAME_LIMIT}))
    return ""


def _owner(world: SheetWorld, cells: Cells, party: str, notes: list[Note]) -> tuple[Owner, str, Column]:
    """The owner, the name of the party, and the cell that names the owner.

    «От кого» may name a person: then it is theirs, and their party's. A person whom nobody knows is made no party of:
    of the three columns of a simple sheet it is the one that says who.
    """
    owner, asked = NO_OWNER, Column.OWNER
    if party and folded(party) not in world.parties:
        somebody, theirs = world.party_of_person(party)
        if somebody.id is not None:
            if theirs:
                notes.append(Note("party_taken", {"written": party, "name": somebody.name, "party": theirs}))
            owner, party, asked = somebody, theirs, Column.PARTY
        elif not is_somebody(cells.text(Column.OWNER)) and (_fits_several(somebody) or is_persons(party)):
            return somebody, "", Column.PARTY
    written = cells.text(Column.OWNER)
    if (owner.id is None or is_somebody(written)) and Column.OWNER in cells.texts:
        owner, asked = world.owner(written, party), Column.OWNER
    return owner, party, asked


def _fits_several(owner: Owner) -> bool:
    return any(note.code == "owner_several" for note in owner.notes)


def labelled(world: SheetWorld, sheet: Sheet, task: Reading, columns: Collection[Column]) -> list[str]:
    """Of these columns the texts that could not be understood, each under its word."""
    unread = {
        Column.STATUS: not task.meaning.status.known,
        Column.DUE: bool(task.meaning.due.text) and not task.meaning.due.exact,
        Column.OWNER: task.owner.id is None and bool(task.owner.notes),
    }
    return [_labelled(world, sheet, task.cells, one) for one in unread if one in columns and unread[one]]


def _labelled(world: SheetWorld, sheet: Sheet, cells: Cells, column: Column) -> str:
    """A text that stays in the notes, under the sheet's own word for its column."""
    word = next((w for w, c in zip(sheet.header, sheet.columns, strict=True) if c is column), "")
    return f"{word or _own_word(column, world.project.language)}: {cells.text(column)}"


def _own_word(column: Column, language: str) -> str:
    return label(language, "needed_by" if column is Column.DUE else column, "sheet")


def waits_for(reading: Reading) -> dict[str, Any]:
    """Whom «ждём» waits for: the person of the row, else the party, else what is written there."""
    if reading.owner.id is not None:
        return {"waiting": WaitKind.PERSON, "for_person": reading.owner.id}
    if reading.party:
        return {"waiting": WaitKind.PARTY, "for_party": reading.party}
    return {"waiting": WaitKind.OUTSIDE, "for_note": reading.whoever or reading.cells.text(Column.STATUS)}


def wait_note(reading: Reading) -> Note:
    whom = reading.owner.name or reading.party or reading.whoever or reading.cells.text(Column.STATUS)
    return Note("waits", {"name": whom})


def written(reading: Reading, before: Mapping[str, Any]) -> dict[str, Any]:
    """The row as the next import compares it: two files that say the same are equal, whatever their format.

    Columns that this sheet lacks stay as the one before had them. `owner`: None if somebody was named who is not to be
    found, 0 if nobody was.
    """
    cells = {str(column): folded(text) for column, text in reading.cells.texts.items()}
    due = reading.meaning.due
    if due.exact and due.date is not None:
        cells[Column.DUE] = due.date.isoformat()
    owner = reading.owner.id if reading.owner.notes else 0
    return {
        "cells": {**before.get("cells", {}), **cells},
        "remarks": list(reading.cells.remarks) if reading.cells.has_remarks else before.get("remarks", []),
        "notes": reading.text if reading.cells.has_remarks else before.get("notes", reading.text),
        "owner": owner if reading.asked in reading.cells.texts else before.get("owner", owner),
    }


def shortened(title: str) -> str:
    return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1].rstrip() + "…"
