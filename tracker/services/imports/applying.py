"""Applies an import: through the verbs of tasks, parties and integrations, telling nobody. See `import_plan`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from tracker.db import Database
from tracker.domain.errors import Invalid, Refused
from tracker.domain.permissions import may_conduct, require
from tracker.domain.sheets.columns import Sheet
from tracker.domain.sheets.rows import Note, folded
from tracker.domain.terms import CardKind, PartyKind, WaitKind, Way
from tracker.services.access.loading import project_by_id
from tracker.services.ground.journal import About, Actor, record
from tracker.services.imports.plan import Action, Line, Plan, plan
from tracker.services.imports.world import named
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.tasks.cards import open_card, open_unmatched_card, settle_found
from tracker.services.tasks.editing import TaskInput, WaitInput, create_task, edit_task
from tracker.services.turns.restamp import restamped_together
from tracker.tables import Import, Integration, Party, Project, Task

AT_ONCE = 100
"""So many rows are one transaction: all or nothing. More go in batches, so that others can write in between."""
BATCH = 10
BROKEN_OFF = timedelta(minutes=10)
"""After which an import without a report no longer keeps the next one out."""
Ids = Mapping[str, Mapping[str, int]]
"""Of "party" and "integration": folded name -> id."""
CUSTOMERS = frozenset({"заказчик", "клиент", "customer", "client"})


def apply(
    database: Database, actor: Actor, project_id: int, sheet: Sheet, *, file_name: str, sha256: str, now: datetime
) -> Plan:
    """Do what `plan` says; returns it with the ids of the tasks and of the import. Refused while another one runs.

    A long import that breaks off half-way is finished by importing the same sheet again: what is there is known.
    """
    actor = actor._replace(way=Way.IMPORT)
    with database.writing() as session:
        _hold_project(session, actor, project_id, now)
        import_id = _note_import(session, actor, project_id, file_name, sha256, now)
        if len(sheet.rows) <= AT_ONCE:
            made = plan(session, actor, project_id, sheet, now=now)
            _make_names(session, actor, made, now)
            done = _carry_out(session, actor, project_id, made.lines, import_id, now)
            return _end(session, actor, replace(made, lines=tuple(done), import_id=import_id), now)
        record(session, actor, "import.begun", About("import", import_id, project_id), now=now, file_name=file_name)
    with database.reading() as session:
        made = plan(session, actor, project_id, sheet, now=now)
    with database.writing() as session:
        _make_names(session, actor, made, now)
    done = []
    for batch in _batches(made.lines):
        with database.writing() as session:
            done += _carry_out(session, actor, project_id, batch, import_id, now)
    with database.writing() as session:
        return _end(session, actor, replace(made, lines=tuple(done), import_id=import_id), now)


def _hold_project(session: Session, actor: Actor, project_id: int, now: datetime) -> None:
    """Two imports at once would make everything twice: the second waits here, then meets what the first has made."""
    _, mine = project_by_id(session, actor, project_id)
    require(may_conduct(mine), "conductor_only")
    session.exec(select(Project.id).where(Project.id == project_id).with_for_update()).one()
    recent = session.exec(
        select(Import).where(Import.project_id == project_id, col(Import.at) > now - BROKEN_OFF)
    ).all()
    if any(not row.report for row in recent):
        raise Refused("import_running", [{"code": "import_running"}])


def _note_import(session: Session, actor: Actor, project_id: int, file_name: str, sha256: str, now: datetime) -> int:
    row = Import(project_id=project_id, at=now, by_id=actor.person_id, file_name=file_name[:300], sha256=sha256)
    session.add(row)
    session.flush()
    return row.id


def _make_names(session: Session, actor: Actor, made: Plan, now: datetime) -> None:
    for name in made.parties:
        kind = PartyKind.CUSTOMER if folded(name) in CUSTOMERS else PartyKind.CONTRACTOR
        create_party(session, actor, made.project_id, PartyInput(name, kind), now=now)
    for name in made.integrations:
        create_integration(session, actor, made.project_id, IntegrationInput(name), now=now)


def _batches(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """By what is written, not by rows: of a sheet known already hardly anything is."""
    start = writes = 0
    for end, line in enumerate(lines, 1):
        writes += line.action is not Action.SKIPPED
        if writes == BATCH:
            yield lines[start:end]
            start, writes = end, 0
    yield lines[start:]


def _carry_out(
    session: Session, actor: Actor, project_id: int, lines: Sequence[Line], import_id: int, now: datetime
) -> list[Line]:
    if all(line.action is Action.SKIPPED for line in lines):
        return list(lines)
    ids: Ids = {
        "party": {key: found[0] for key, found in named(session, Party, project_id).items()},
        "integration": {key: found[0] for key, found in named(session, Integration, project_id).items()},
    }
    with restamped_together(session, now, quiet=True):
        return [_carry_out_line(session, actor, project_id, line, ids, import_id, now) for line in lines]


def _carry_out_line(
    session: Session, actor: Actor, project_id: int, line: Line, ids: Ids, import_id: int, now: datetime
) -> Line:
    if line.action is Action.SKIPPED:
        return line
    try:
        values = _with_ids(line.values, ids)
        if line.action is Action.CREATED:
            task = create_task(session, actor, project_id, TaskInput(**values, import_id=import_id), now=now)
        else:
            assert line.task_id is not None
            task = edit_task(session, actor, line.task_id, None, values, now=now)
    except Invalid as refusal:
        # What the plan could not foresee (somebody changed the task meanwhile) costs this row, not the sheet.
        fields = ", ".join(error.field for error in refusal.errors)
        return replace(line, action=Action.SKIPPED, notes=(Note("refused", {"fields": fields}),), written={})
    return replace(line, task_id=task.id, number=task.number)


def _with_ids(values: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """Names of parties and integrations as ids, the kind of a wait as whom it waits for."""
    found = dict(values)
    party = ids["party"].get(folded(found.pop("for_party", "") or found.get("party") or ""))
    for kind in ("party", "integration"):
        if kind in found:
            found[kind] = ids[kind][folded(found[kind])] if found[kind] else None
    wait = found.get("waiting")
    person, note = found.pop("for_person", None), found.pop("for_note", "")
    if wait is not None:
        found["waiting"] = {
            WaitKind.PERSON: WaitInput(WaitKind.PERSON, person_id=person),
            WaitKind.PARTY: WaitInput(WaitKind.PARTY, party_id=party),
        }.get(wait, WaitInput(WaitKind.OUTSIDE, note=note))
    return found


def _end(session: Session, actor: Actor, done: Plan, now: datetime) -> Plan:
    """Keep the report, put the names nobody knows before the conductor, note it in the journal."""
    assert done.import_id is not None
    row = session.get_one(Import, done.import_id)
    row.report = report_of(done)
    session.add(row)
    record(
        session,
        actor,
        "import.applied",
        About("import", row.id, done.project_id),
        now=now,
        file_name=row.file_name,
        rows=len(done.lines),
        created=done.count(Action.CREATED),
        updated=done.count(Action.UPDATED),
        skipped=done.count(Action.SKIPPED),
    )
    _list_unknown(session, actor, done, row.id, now)
    return done


def _list_unknown(session: Session, actor: Actor, done: Plan, import_id: int, now: datetime) -> None:
    """The one card of names that nobody knows: those of this sheet, and of earlier ones what nobody has taken yet."""
    card = open_unmatched_card(session, done.project_id)
    before: dict[str, list[int]] = card.facts.get("names", {}) if card is not None else {}
    numbers = {line.row: line.number for line in done.lines}
    names = {name: list(found) for name, found in before.items()}
    for name, rows_of_name in done.unmatched.items():
        new = [number for row in rows_of_name if (number := numbers[row])]
        names[name] = list(dict.fromkeys([*names.get(name, []), *new]))
    waiting = set(session.exec(
        select(Task.number).where(
            Task.project_id == done.project_id, col(Task.owner_id).is_(None), col(Task.archived_at).is_(None),
            col(Task.number).in_([number for found in names.values() for number in found]),
        )
    ))  # fmt: skip
    left = {name: still for name, found in names.items() if (still := [one for one in found if one in waiting])}
    if left and left != before:
        listed = "; ".join(f"{name}: {', '.join(f'№ {number}' for number in found)}" for name, found in left.items())
        open_card(
            session, actor, done.project_id, CardKind.UNMATCHED, now=now, note=listed, names=left, import_id=import_id
        )
    elif card is not None and not left:
        settle_found(session, actor, card, now=now)


def report_of(done: Plan) -> dict[str, Any]:
    """As it is stored: codes and facts, to be worded in whatever language it is read in."""
    return {
        "rows": len(done.lines),
        **{str(action): done.count(action) for action in Action},
        "notes": [_stored(note) for note in done.notes],
        "items": [
            {"row": line.row, "action": str(line.action), "task": line.task_id, "notes": [*map(_stored, line.notes)]}
            for line in done.lines
        ],
        "unmatched": {name: list(rows) for name, rows in done.unmatched.items()},
        "written": {str(line.task_id): line.written for line in done.lines if line.task_id and line.written},
    }


def _stored(note: Note) -> list[Any]:
    facts = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in note.facts.items()}
    return [note.code, facts] if facts else [note.code]
