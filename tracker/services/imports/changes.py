"""What a row changes of a task that is there: of a sheet kept by others, and of our own export that came back."""

from collections.abc import Callable, Mapping
from typing import Any

from tracker.domain.sheets.columns import Column, Sheet
from tracker.domain.sheets.own_export import OWN
from tracker.domain.sheets.rows import Cells, Note, folded
from tracker.domain.terms import Status
from tracker.services.imports.rows import Reading, labelled, shortened, wait_note, waits_for, written
from tracker.services.imports.world import KnownTask, SheetWorld
from tracker.services.tasks.fields import EDITABLE, LINE_LIMIT, TEXT_LIMIT, column_of

FIELDS = frozenset(EDITABLE)
FIELD_OF = {Column.DUE: "needed_by"}
Since = Callable[[int, int], set[str] | None]
"""(task, version) -> the columns changed by later versions."""
KEPT_IN_NOTES = {Column.TITLE, Column.INTEGRATION, Column.PARTY, Column.OWNER, Column.STATUS, Column.DUE}
"""What stands in the notes, too, if it is not understood."""


def changes_of(world: SheetWorld, task: Reading, known: KnownTask, notes: list[Note]) -> dict[str, Any]:
    """Only what changed in the sheet since it was last read: what people did here meanwhile is not undone."""
    before = world.written.get(known.id, {})
    old: Mapping[str, str] = before.get("cells", {})
    read = written(task, {})["cells"]
    moved = {Column(name) for name, text in read.items() if (old[name] != text if name in old else text != "")}
    cells = task.cells
    changes: dict[str, Any] = {}
    if Column.TITLE in moved:
        changes["title"] = shortened(cells.text(Column.TITLE))
    if Column.REFERENCE in moved:
        changes["sheet_ref"] = task.cells.text(Column.REFERENCE)[:LINE_LIMIT]
    if Column.INTEGRATION in moved:
        changes["integration"] = task.integration
    if Column.PARTY in moved and task.party:
        changes["party"] = task.party
    found_later = before.get("owner", 0) is None and known.owner_id is None and task.owner.id is not None
    if Column.OWNER in moved or found_later:
        changes["owner"] = task.owner.id
    if Column.DUE in moved:
        changes["needed_by"] = task.meaning.due.date
    if Column.DONE_MEANS in moved:
        changes["done_means"] = task.cells.text(Column.DONE_MEANS)[:TEXT_LIMIT]
    changes |= {str(own): cells.text(own)[:LINE_LIMIT] for own in OWN if own in moved}
    if Column.STATUS in moved:
        _change_status(task, known, changes, notes)
    remarked = task.cells.has_remarks and list(task.cells.remarks) != before.get("remarks", [])
    if remarked or found_later or moved & KEPT_IN_NOTES:
        # A sheet without a column for notes adds to them, and takes nothing away.
        changes["notes"] = merged(known.notes, before.get("notes", "") if task.cells.has_remarks else "", task.text)
    return _new(world, known, changes)


def changes_of_ours(
    world: SheetWorld, sheet: Sheet, task: Reading, known: KnownTask, since: Since, notes: list[Note]
) -> dict[str, Any]:
    """What was changed in our own export after it was taken away; what was changed here meanwhile is not undone."""
    cells, now = task.cells, world.shown(known)
    moved = {one for one, text in cells.texts.items() if one in now and folded(text) != folded(now[one])}
    if task.meaning.due.date == known.needed_by and task.meaning.due.exact:
        moved.discard(Column.DUE)
    if task.meaning.status.known and task.meaning.status.status == known.status:
        moved.discard(Column.STATUS)
    changes: dict[str, Any] = {}
    if Column.STATUS in moved:
        _change_status(task, known, changes, notes)
    said: dict[Column, Any] = {
        Column.TITLE: shortened(cells.text(Column.TITLE)),
        Column.INTEGRATION: task.integration,
        Column.PARTY: task.party,
        Column.OWNER: task.owner.id,
        Column.DUE: task.meaning.due.date,
        Column.DONE_MEANS: cells.text(Column.DONE_MEANS)[:TEXT_LIMIT],
        **{own: cells.text(own)[:LINE_LIMIT] for own in OWN},
    }
    changes |= {FIELD_OF.get(column, str(column)): said[column] for column in said if column in moved}
    lines = [*cells.remarks, *labelled(world, sheet, task, moved)]
    if lines:
        # Columns that somebody added, and what could not be read.
        changes["notes"] = merged(known.notes, "", "\n".join(lines))
    meanwhile = _changed_meanwhile(cells, known, since)
    changes = _new(world, known, changes)
    late = {name for name in changes if name in FIELDS and (meanwhile is None or column_of(name) in meanwhile)}
    if late & {"status", "waiting"}:
        # What a status says and whom it waits for are one answer.
        late |= {name for name in changes if name in ("status", "waiting") or name.startswith("for_")}
    if told := sorted(late & FIELDS):
        notes.append(Note("changed_here", {"number": known.number, "fields": tuple(told)}))
    return {name: value for name, value in changes.items() if name not in late}


def _new(world: SheetWorld, known: KnownTask, changes: dict[str, Any]) -> dict[str, Any]:
    """Without what stands there already."""
    return {name: value for name, value in changes.items() if not _is_already(world, known, name, value)}


def _changed_meanwhile(cells: Cells, known: KnownTask, since: Since) -> set[str] | None:
    """Columns of the task that were changed here since the sheet was taken away; None: nobody can tell any more."""
    version = cells.text(Column.VERSION)
    if not version.isdecimal() or int(version) >= known.version:
        return set()
    return since(known.id, int(version))


def _change_status(task: Reading, known: KnownTask, changes: dict[str, Any], notes: list[Note]) -> None:
    status = task.meaning.status
    if status.status == Status.DONE and known.asks_evidence and known.status != Status.DONE:
        notes.append(Note("needs_evidence", {"number": known.number}))
        return
    changes["status"] = status.status
    if status.waits:
        changes |= waits_for(task)
        notes.append(wait_note(task))
    elif known.waiting_kind is not None:
        changes["waiting"] = None


def _is_already(world: SheetWorld, known: KnownTask, name: str, value: Any) -> bool:
    match name:
        case "party":
            found = world.parties.get(folded(value))
            return found is not None and found[0] == known.party_id
        case "integration":
            return folded(value) == world.integration_key(known)
        case "owner":
            return bool(value == known.owner_id)
        case "waiting" | "for_person" | "for_party" | "for_note":
            return False
        case _:
            return bool(getattr(known, name) == value)


def merged(current: str, before: str, after: str) -> str:
    """The notes with the sheet's part renewed; what people wrote since stays, and nothing is said twice."""
    if before and before in current:
        return current.replace(before, after, 1).strip()[:TEXT_LIMIT]
    there = set(current.splitlines())
    added = [line for line in after.splitlines() if line not in there]
    return "\n".join([*([current] if current else []), *added])[:TEXT_LIMIT]
