"""The import wizard: a file or a paste is read, shown row by row with what would become of it, and only then applied.

Between the two steps the sheet lies among the uploads under its digest, which the form carries: a file that nobody
names is swept after a day, and the person is then asked to send it once more.
"""

import hashlib
import re
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from tracker.domain.errors import DomainError, FieldError, Invalid, NotFound, Refused
from tracker.domain.sheets.rows import Note
from tracker.formats.import_report import reason
from tracker.formats.sheet_reader import MAX_BYTES, read_pasted, read_sheet
from tracker.services.ground.directory import directory_of
from tracker.services.ground.uploads import keep_file, path_of
from tracker.services.imports import applying
from tracker.services.imports.plan import RowAction, plan
from tracker.tables import Import, Task
from tracker.web.http.forms import form_page
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.wording.refusals import sentence, status_of

LIMIT = MAX_BYTES + 1_000_000
"""Bytes of a body: the largest sheet and what a form adds to it."""
SHOWN = 500
"""Lines of a report on the page; more are counted."""
DIGEST = re.compile(r"[0-9a-f]{64}")


class ReportLine(NamedTuple):
    row: int
    action: str
    reason: str
    title: str
    number: int | None


@get("/projects/{key:str}/import", guard=Guard.CONDUCTOR)
def wizard(ask: Ask, key: str) -> Answer:
    return _wizard(ask)


@post("/projects/{key:str}/import", guard=Guard.CONDUCTOR, slow=True, limit=LIMIT)
def dry_run(ask: Ask, key: str) -> Answer:
    """What would become of each row. Nothing is written but the file itself."""
    sent, pasted = ask.form.file("sheet"), ask.form.text("pasted")
    try:
        if sent is not None and sent.content:
            content, name = sent.content, sent.name
            sheet = read_sheet(content, name)
        elif pasted.strip():
            content, name = pasted.encode(), ""
            sheet = read_pasted(pasted)
        else:
            raise Invalid(FieldError("sheet", "required"))
        with ask.reading() as session:
            planned = plan(session, ask.actor, ask.project.id, sheet, now=ask.now)
        kept = keep_file(ask.running.settings.uploads, content, "sheet.xlsx" if content[:2] == b"PK" else "sheet.csv")
    except Invalid as error:
        return _wizard(ask, {"pasted": pasted}, error)
    lines = [
        ReportLine(one.row, one.action, reason(ask.language, one.notes), one.title, one.number) for one in planned.lines
    ]
    return page(
        ask,
        "imports/plan.html",
        lines=lines[:SHOWN],
        more=max(0, len(lines) - SHOWN),
        counts=_counts(lines),
        notes=[reason(ask.language, [note]) for note in planned.notes],
        unmatched=planned.unmatched,
        digest=kept.sha256,
        file_name=name[:300],
        pasted=not name,
        parties=planned.parties,
        integrations=planned.integrations,
    )


@post("/projects/{key:str}/import/apply", guard=Guard.CONDUCTOR, slow=True)
def apply(ask: Ask, key: str) -> Answer:
    digest, name = ask.form.text("digest"), ask.form.text("file_name")[:300]
    file = path_of(ask.running.settings.uploads, digest) if DIGEST.fullmatch(digest) else None
    if file is None or not file.is_file():
        return _wizard(ask, gone=ask.gettext("The sheet is not kept any more. Send it once more; nothing was changed."))
    content = file.read_bytes()
    try:
        sheet = read_sheet(content, name) if name else read_pasted(content.decode(errors="replace"))
        done = applying.apply(
            ask.running.database,
            ask.actor,
            ask.project.id,
            sheet,
            file_name=name,
            sha256=hashlib.sha256(content).hexdigest(),
            now=ask.now,
        )
    except (Invalid, Refused) as error:
        return _wizard(ask, error=error)
    said = ask.gettext(
        "New: {created}. Changed: {updated}. Left out: {skipped}.",
        **{str(action): done.count(action) for action in RowAction},
    )
    return see_other(ask, f"/projects/{ask.project.key}/import/{done.import_id}", said)


@get("/projects/{key:str}/import/{import_id:int}", guard=Guard.CONDUCTOR)
def report(ask: Ask, key: str, import_id: int) -> Answer:
    """What an import has done, in the reader's language: it is kept as codes and facts."""
    with ask.reading() as session:
        row = session.get(Import, import_id)
        if row is None or row.project_id != ask.project.id:
            raise NotFound("import")
        who = directory_of(session, ask.project.id).person(row.by_id)
        items = row.report.get("items", [])
        tasks = _tasks(session, [item["task"] for item in items if item["task"]])
    lines = [
        ReportLine(item["row"], item["action"], _worded(ask, item["notes"]), *tasks.get(item["task"], ("", None)))
        for item in items
    ]
    return page(
        ask,
        "imports/report.html",
        one=row,
        who=who,
        lines=lines[:SHOWN],
        more=max(0, len(lines) - SHOWN),
        counts=_counts(lines),
        notes=[_worded(ask, [note]) for note in row.report.get("notes", [])],
        unmatched=row.report.get("unmatched", {}),
    )


def _wizard(
    ask: Ask, values: dict[str, Any] | None = None, error: Invalid | Refused | None = None, gone: str = ""
) -> Answer:
    with ask.reading() as session:
        query = select(Import).where(Import.project_id == ask.project.id).order_by(col(Import.id).desc()).limit(10)
        names = directory_of(session, ask.project.id)
        before = [(one, names.person(one.by_id)) for one in session.exec(query)]
    answer = form_page(
        ask,
        "imports/wizard.html",
        {"sheet": "", "pasted": "", **(values or {})},
        error=error if isinstance(error, Invalid) else None,
        before=before,
        refusal=gone or (sentence(ask.language, error) if isinstance(error, Refused) else ""),
    )
    failed: DomainError | None = error
    answer.status_code = status_of(failed) if failed else 422 if gone else 200
    return answer


def _counts(lines: list[ReportLine]) -> dict[str, int]:
    return {str(action): sum(line.action == action for line in lines) for action in RowAction}


def _worded(ask: Ask, stored: list[list[Any]]) -> str:
    return reason(ask.language, [Note(code, facts[0] if facts else {}) for code, *facts in stored])


def _tasks(session: Session, ids: list[int]) -> dict[int, tuple[str, int | None]]:
    """Task -> (title, number)."""
    found: dict[int, tuple[str, int | None]] = {}
    for start in range(0, len(ids), SHOWN):
        part = select(Task.id, Task.title, Task.number).where(col(Task.id).in_(ids[start : start + SHOWN]))
        found |= {one: (title, number) for one, title, number in session.exec(part)}
    return found


ROUTES = [wizard, dry_run, apply, report]
