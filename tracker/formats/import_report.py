"""How the report of an import is worded. Why a file was not taken stands with the others, in `wording.refusals`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tracker.domain.sheets.rows import Note
from tracker.services.imports.plan import Plan, RowAction
from tracker.wording.dates import day_of_year
from tracker.wording.fields import label_within
from tracker.wording.marking import N_
from tracker.wording.say import say

REASONS: Mapping[str, str] = {
    "new": N_("New task."),
    "changed": N_("Changed in the sheet: {fields}."),
    "unchanged": N_("№ {number}: nothing has changed."),
    "empty": N_("An empty row."),
    "totals": N_("A line of totals, not a task."),
    "header_again": N_("The header once more."),
    "no_title": N_("It does not say what is needed."),
    "repeated": N_("Repeats row {row}: the same integration and title."),
    "archived": N_("№ {number} is put away."),
    "owner": N_("Owner: {name}."),
    "owner_taken": N_("“{written}” is {name}."),
    "owner_several": N_("“{written}” fits several people ({names}): no owner."),
    "owner_none": N_("“{written}” is nobody known here: no owner."),
    "date_counted": N_("“{written}” counts as {date}; the words stay in the notes."),
    "date_unread": N_("“{written}” is no date; the words stay in the notes."),
    "status_unknown": N_("The status “{written}” stays in the notes."),
    "waits": N_("Waiting for: {name}."),
    "title_shortened": N_("More than {limit} characters: the whole title stands in the notes."),
    "text_shortened": N_("More than {limit} characters: the end of the text is left out."),
    "name_too_long": N_("A name of more than {limit} characters stays in the notes."),
    "new_party": N_("New party: {name}."),
    "new_integration": N_("New integration: {name}."),
    "needs_evidence": N_("№ {number} asks for evidence: the word “done” alone is not taken."),
    "unclear_without_owner": N_("Nobody to ask yet: unclear."),
    "party_taken": N_("“{written}” is {name}, so it is from: {party}."),
    "columns_shown": N_(
        "This is our own export. These columns are only shown, changes in them are not taken: {names}."
    ),
    "changed_here": N_(
        "№ {number} was changed here after the sheet was taken away, so these stay as they are: {fields}."
    ),
    "column_to_notes": N_("The column “{name}” is not known here; its text stays in the notes."),
    "refused": N_("Not taken as it stands: {fields}."),
}


def reason(language: str, notes: Iterable[Note]) -> str:
    """The notes of a line as sentences."""
    return " ".join(_sentence(language, note) for note in notes)


def _sentence(language: str, note: Note) -> str:
    facts: dict[str, Any] = dict(note.facts)
    code = note.code
    if code == "owner_taken" and facts["written"] == facts["name"]:
        code = "owner"
    if "fields" in facts and not isinstance(facts["fields"], str):
        facts["fields"] = ", ".join(label_within(language, name) for name in facts["fields"])
    if facts.get("date"):
        day = facts["date"] if isinstance(facts["date"], date) else date.fromisoformat(facts["date"])
        facts["date"] = day_of_year(language, day)
    return say(language, REASONS[code], **facts)


def report(language: str, plan: Plan) -> dict[str, Any]:
    """As `auftakt import --json` prints it; a line about the whole sheet stands under the number of its header."""
    about_all = [
        {"row": plan.header_number, "action": "note", "reason": reason(language, [note]), "task": None}
        for note in plan.notes
    ]
    return {
        "rows": len(plan.lines),
        **{str(action): plan.count(action) for action in RowAction},
        "applied": plan.import_id is not None,
        "items": about_all
        + [
            {"row": line.row, "action": str(line.action), "reason": reason(language, line.notes), "task": line.task_id}
            for line in plan.lines
        ],
    }
