"""What an import would do, row by row, and why. Nothing is written here: a dry run is a plan that is only shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from functools import partial
from typing import Any

from sqlmodel import Session

from tracker.domain.permissions import require_conductor
from tracker.domain.sheets.columns import Column, Sheet
from tracker.domain.sheets.own_export import OWN, SHOWN, claimed, is_own_export
from tracker.domain.sheets.rows import Note, cells_of, folded, no_task
from tracker.domain.terms import TaskKind
from tracker.domain.turns.progress import status_for_want_of_owner
from tracker.services.access.loading import project_by_id
from tracker.services.ground.journal import Actor
from tracker.services.ground.versions import changed_since
from tracker.services.imports.changes import Since, changes_of, changes_of_ours
from tracker.services.imports.rows import Reading, read_row, shortened, wait_note, waits_for, written
from tracker.services.imports.world import Index, KnownTask, SheetWorld, load_world
from tracker.services.tasks.fields import LINE_LIMIT, TEXT_LIMIT

ALIKE = 0.75
"""How alike two titles under one № of a sheet are, at least, for one to be the other, mended."""


class RowAction(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class PlannedRow:
    """What becomes of one row.

    `values`: fields of `TaskInput` for a new task, or the changes of a known one. A party or integration stands there
    by its name (applying finds or makes it), a wait by its kind beside `for_person`, `for_party` or `for_note`.
    """

    row: int
    action: RowAction
    notes: tuple[Note, ...] = ()
    title: str = ""
    task_id: int | None = None
    number: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[str, Any] = field(default_factory=dict)
    """What was read, kept so that the next import knows which cells changed in the sheet."""


@dataclass(frozen=True)
class Plan:
    """`notes` are about the sheet as a whole; `unmatched`: written name -> rows left without an owner by it."""

    project_id: int
    header_number: int | None
    notes: tuple[Note, ...]
    lines: tuple[PlannedRow, ...]
    parties: tuple[str, ...]
    integrations: tuple[str, ...]
    unmatched: Mapping[str, tuple[int, ...]]
    import_id: int | None = None
    """Once applied."""

    def count(self, action: RowAction) -> int:
        return sum(line.action is action for line in self.lines)


def plan(session: Session, actor: Actor, project_id: int, sheet: Sheet, *, now: datetime) -> Plan:
    """Raises NotFound, Forbidden. Relative dates count from `now` in the project's zone."""
    project, mine = project_by_id(session, actor, project_id)
    require_conductor(mine)
    return Planner(load_world(session, project, now), sheet, partial(changed_since, session, "task")).plan()


class Planner:
    """Goes through a sheet once; holds what earlier rows decide for later ones."""

    def __init__(self, world: SheetWorld, sheet: Sheet, since: Since) -> None:
        self.world = world
        self.ours = is_own_export(sheet)
        self.sheet = sheet = claimed(sheet, world.project.own_columns, world.project.key)
        self.since = since
        self.index = Index(world, Column.INTEGRATION in sheet.columns)
        self.names: dict[str, dict[str, str]] = {"party": {}, "integration": {}}
        """Names that have to be made, by their folded form."""
        self.unmatched: dict[str, list[int]] = {}

    def plan(self) -> Plan:
        lines: dict[int, PlannedRow] = {}
        tasks: dict[int, Reading] = {}
        first: dict[tuple[str, str, str], int] = {}
        for row in self.sheet.rows:
            cells = cells_of(self.sheet, row)
            title = cells.text(Column.TITLE)
            key = folded(cells.text(Column.INTEGRATION)), folded(title), cells.text(Column.NUMBER)
            if why := no_task(self.sheet, row, cells):
                lines[row.number] = PlannedRow(row.number, RowAction.SKIPPED, (Note(why),), title)
            elif key in first:
                repeated = Note("repeated", {"row": first[key]})
                lines[row.number] = PlannedRow(row.number, RowAction.SKIPPED, (repeated,), title)
            else:
                first[key] = row.number
                tasks[row.number] = read_row(self.world, self.sheet, cells)
        for number, (task, known) in self._matched(tasks).items():
            lines[number] = self._create(task) if known is None else self._update(task, known)
        return Plan(
            self.world.project.id,
            self.sheet.header_number,
            self._about_columns(),
            tuple(lines[row.number] for row in self.sheet.rows),
            tuple(self.names["party"].values()),
            tuple(self.names["integration"].values()),
            {name: tuple(rows) for name, rows in self.unmatched.items()},
        )

    def _about_columns(self) -> tuple[Note, ...]:
        shown = [
            word
            for word, column in zip(self.sheet.header, self.sheet.columns, strict=True)
            if column is Column.SHOWN and folded(word) in SHOWN
        ]
        found = [Note("columns_shown", {"names": ", ".join(shown)})] if shown else []
        return (*found, *(Note("column_to_notes", {"name": name}) for name in self.sheet.unknown))

    def _matched(self, tasks: Mapping[int, Reading]) -> dict[int, tuple[Reading, KnownTask | None]]:
        """Each row with the task that it means. Titles go first: a sheet whose rows were renumbered stays the same."""
        found: dict[int, tuple[Reading, KnownTask | None]] = {}
        taken: set[int] = set()
        by_number = {row: self._numbered(task) for row, task in tasks.items()} if self.ours else {}
        taken |= {known.id for known in by_number.values() if known is not None}
        for number, task in tasks.items():
            if (numbered := by_number.get(number)) is not None:
                found[number] = task, numbered
                continue
            title = folded(shortened(task.cells.text(Column.TITLE)))
            ref = folded(task.cells.text(Column.REFERENCE))
            known = self.index.by_title(folded(task.integration), title, ref)
            known = None if known is not None and known.id in taken else known
            taken |= {known.id} if known is not None else set()
            found[number] = task, known
        for number, (task, known) in found.items():
            ref = folded(task.cells.text(Column.REFERENCE))
            if known is None and ref:
                title = folded(task.cells.text(Column.TITLE))
                for one in self.index.by_ref(folded(task.integration), ref):
                    if one.id not in taken and alike(folded(one.title), title):
                        taken.add(one.id)
                        found[number] = task, one
                        break
        return found

    def _numbered(self, task: Reading) -> KnownTask | None:
        """The task of that number. Where the sheet does not say whose export it is, the title has to be alike."""
        known = self.index.by_number.get(task.cells.text(Column.NUMBER))
        if known is None or Column.VERSION in self.sheet.columns:
            return known
        return known if alike(folded(known.title), folded(shortened(task.cells.text(Column.TITLE)))) else None

    def _create(self, task: Reading) -> PlannedRow:
        cells, status = task.cells, task.meaning.status
        notes = [Note("new"), *task.notes, *task.owner.notes, *self._new_names(task)]
        values: dict[str, Any] = {
            "title": shortened(cells.text(Column.TITLE)),
            "kind": TaskKind.QUESTION if cells.text(Column.TITLE).rstrip(' »"”').endswith("?") else TaskKind.TASK,
            "status": status.status,
            "integration": task.integration,
            "party": task.party,
            "owner": task.owner.id,
            "needed_by": task.meaning.due.date,
            "notes": "\n".join(part for part in (task.text, *cells.shown) if part)[:TEXT_LIMIT],
            **{str(own): cells.text(own)[:LINE_LIMIT] for own in OWN if own in cells.texts},
            "done_means": cells.text(Column.DONE_MEANS)[:TEXT_LIMIT],
            "sheet_ref": (cells.text(Column.REFERENCE) or cells.text(Column.NUMBER))[:LINE_LIMIT],
        }
        if status.waits:
            values |= waits_for(task)
            notes.append(wait_note(task))
        if status_for_want_of_owner(status.status, task.owner.id, 1 if task.party else None) != status.status:
            notes.append(Note("unclear_without_owner"))
        self._list_unmatched(task)
        read = {} if self.ours else written(task, {})
        return PlannedRow(cells.row, RowAction.CREATED, tuple(notes), values["title"], values=values, written=read)

    def _update(self, task: Reading, known: KnownTask) -> PlannedRow:
        if known.archived_at is not None:
            note = Note("archived", {"number": known.number})
            return PlannedRow(task.cells.row, RowAction.SKIPPED, (note,), known.title, known.id, known.number)
        notes: list[Note] = []
        if self.ours:
            changes = changes_of_ours(self.world, self.sheet, task, known, self.since, notes)
        else:
            changes = changes_of(self.world, task, known, notes)
        read = {} if self.ours else written(task, self.world.written.get(known.id, {}))
        if not changes:
            note = Note("unchanged", {"number": known.number})
            kept = {} if read == self.world.written.get(known.id) else read
            return PlannedRow(
                task.cells.row, RowAction.SKIPPED, (note, *notes), known.title, known.id, known.number, written=kept
            )
        new_names = self._new_names(
            task._replace(
                party=task.party if "party" in changes else "",
                integration=task.integration if "integration" in changes else "",
            )
        )
        said = [
            Note(
                "changed",
                {"number": known.number, "fields": tuple(name for name in changes if not name.startswith("for_"))},
            ),
            *task.notes,
            *notes,
            *new_names,
        ]
        if "owner" in changes:
            said += task.owner.notes
            self._list_unmatched(task)
        return PlannedRow(
            task.cells.row, RowAction.UPDATED, tuple(said), known.title, known.id, known.number, changes, read
        )

    def _new_names(self, task: Reading) -> list[Note]:
        """Parties and integrations that the sheet names first; people are never made of a cell."""
        notes: list[Note] = []
        known = {"party": self.world.parties, "integration": self.world.integrations}
        for kind, name in (("party", task.party), ("integration", task.integration)):
            key = folded(name)
            if key and key not in known[kind] and key not in self.names[kind]:
                self.names[kind][key] = name
                notes.append(Note(f"new_{kind}", {"name": name}))
        return notes

    def _list_unmatched(self, task: Reading) -> None:
        if task.owner.id is None and task.owner.notes:
            self.unmatched.setdefault(task.whoever, []).append(task.cells.row)


def alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
