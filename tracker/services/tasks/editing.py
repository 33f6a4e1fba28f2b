"""The verbs of a task: create, edit, put away, bring back. What a person *answers* is `services.tasks.answers`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col, select

from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.domain.permissions import require
from tracker.domain.terms import FINISHED, Status, Way
from tracker.domain.turns.progress import DoneClaim, done_leads_to, status_for_want_of_owner
from tracker.domain.worktime import day_in
from tracker.services.access.loading import SeenTask, as_made, kept_project, project_by_id
from tracker.services.access.standing_in import acting
from tracker.services.access.voice import require_voice
from tracker.services.ground.belonging import party_of
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.versions import changed_since
from tracker.services.tasks.acts import Act, held, mark_progress, touch
from tracker.services.tasks.cards import settle_cards_of
from tracker.services.tasks.fields import EDITABLE, TaskInput, WaitInput, cleaned, column_of, problems_of
from tracker.services.tasks.following import follow_owner, follow_promise, index, put_members
from tracker.services.tasks.rights import require_fields
from tracker.services.tasks.waiting import plain_waiting, put_waiting, waiting_of
from tracker.services.turns.restamp import facts_now, new_episode, restamp_changed, restamp_one
from tracker.tables import Evidence, Project, Task

INDEXED = frozenset({"title", "plain_title", "notes", "sheet_ref"})
ACTS_OF_PROGRESS = frozenset({"status", "promised_on", "waiting"})
ORIGIN = ("import_id", "meeting_id")
FOLLOWING = frozenset({*ORIGIN, "promised_at", "finished_at"})
"""Columns of a new task that the journal does not tell as values of its fields."""


def create_task(session: Session, actor: Actor, project_id: int, given: TaskInput, *, now: datetime) -> Task:
    """A new task of the project; raises Invalid. Only who conducts asks for things; others send them to the inbox."""
    return create_tasks(session, actor, project_id, [given], now=now)[0]


def create_tasks(
    session: Session, actor: Actor, project_id: int, given: Sequence[TaskInput], *, now: datetime
) -> list[Task]:
    """Several at once, in their order."""
    project, mine = project_by_id(session, actor, project_id)
    require(mine.runs, "create_task")
    clean = [_columns_of(session, project, one, now) for one in given]
    first = _take_numbers(session, project_id, len(clean))
    tasks = [
        Task(**one, project_id=project_id, number=number, created_by_id=actor.person_id, created_at=now, updated_at=now)
        for number, one in enumerate(clean, start=first)
    ]
    for task in tasks:
        index(task)
    session.add_all(tasks)
    session.flush()
    put_members(session, tasks, now)
    for task, columns, one in zip(tasks, clean, given, strict=True):
        put_waiting(Act(session, actor, as_made(task, mine), now), one.waiting)
        _record_created(session, actor, task, columns, one.waiting, now)
    # As they stand: nobody can wait on them yet.
    as_they_are = [(task, facts_now(session, task)) for task in tasks]
    restamp_changed(session, as_they_are, now, quiet=actor.way == Way.IMPORT)
    return tasks


def _columns_of(session: Session, project: Project, given: TaskInput, now: datetime) -> dict[str, Any]:
    """The given values with what follows from them; raises Invalid."""
    values = {name: cleaned(name, value) for name, value in asdict(given).items()}
    values["waiting"] = given.waiting
    origin = {name: values.pop(name) for name in ORIGIN}
    if problems := problems_of(session, project.id, values, today_in(project, now)):
        raise Invalid(*problems)
    del values["waiting"]
    columns = {column_of(name): value for name, value in values.items()}
    columns["party_id"] = columns["party_id"] or party_of(session, project.id, columns["owner_id"])
    columns["status"] = status_for_want_of_owner(columns["status"], columns["owner_id"], columns["party_id"])
    columns["promised_at"] = now if columns["promised_on"] else None
    columns["finished_at"] = now if columns["status"] in FINISHED else None
    return {**columns, **origin}


def _record_created(
    session: Session, actor: Actor, task: Task, columns: Mapping[str, Any], waiting: WaitInput | None, now: datetime
) -> None:
    told = {
        name: (None, value)
        for name, value in columns.items()
        if value not in (None, "", False) and name not in FOLLOWING
    }
    facts: dict[str, Any] = {"number": task.number, "version": 1, "waiting": plain_waiting(waiting)}
    facts |= {"import_id": task.import_id, "meeting": task.meeting_id}
    record(session, actor, "task.created", task, now=now, changes=told, **facts)


class Changed(NamedTuple):
    """What a verb has made of a task: which of its fields are others now, with what followed from the change.

    Fields by their outside names (`fields.EDITABLE`); nothing in them: there was nothing to change.
    """

    task: Task
    moved: Mapping[str, Any]
    """The new values."""
    before: Mapping[str, Any]
    """The values that stood there."""


def edit_task(
    session: Session,
    actor: Actor,
    task: int | SeenTask,
    version: int | None,
    changes: Mapping[str, Any],
    *,
    now: datetime,
    accepted: Collection[str] = (),
) -> Changed:
    """Change some fields, by their outside names (`fields.EDITABLE`) with typed values.

    `version`: the one the person saw; a stale edit merges unless a field it sends has changed since (Conflict, with
    both values). None: the newest is meant. `accepted`: warnings that the person has read ("own_check").
    """
    seen = held(session, actor, task)
    act = Act(session, acting(actor, seen.standing, seen.people), seen, now)
    require_voice(session, act.actor, seen.standing)
    values = {name: cleaned(name, value) for name, value in changes.items()}
    require_fields(session, seen, values)
    project = kept_project(session, act.task.project_id)
    if problems := problems_of(session, project.id, values, today_in(project, now), act.task):
        raise Invalid(*problems)
    _meet_others(session, act.task, version, values)
    _settle_status(act, values, accepted)
    before = values_of(act.task)
    moved = {name: value for name, value in values.items() if value != before[name]}
    if moved:
        _put(act, moved, before)
    after = values_of(act.task)
    other = [name for name in EDITABLE if after[name] != before[name]]
    return Changed(act.task, {name: after[name] for name in other}, {name: before[name] for name in other})


def _meet_others(session: Session, task: Task, version: int | None, values: Mapping[str, Any]) -> None:
    if version is None or version == task.version:
        return
    if version > task.version:
        raise Invalid(FieldError("version", "unknown_version"))
    since = changed_since(session, "task", task.id, version)
    theirs = values_of(task)
    both = {
        name: (theirs[name], value)
        for name, value in values.items()
        if (since is None or column_of(name) in since) and theirs[name] != value
    }
    if both:
        raise Conflict(task.version, both)


def _settle_status(act: Act, values: dict[str, Any], accepted: Collection[str]) -> None:
    """ "Done" may mean review; raises Invalid where something must be shown first."""
    if values.get("status") != Status.DONE or act.task.status == Status.DONE:
        return
    asks_evidence = bool(values.get("asks_evidence", act.task.asks_evidence))
    runs = act.seen.standing.runs and act.actor.behalf_id is None
    leads_to = done_leads_to(claim_of(act, asks_evidence)._replace(runs=runs, own_check="own_check" in accepted))
    if leads_to in ("evidence_needed", "own_check"):
        raise Invalid(FieldError("status", str(leads_to)))
    values["status"] = str(leads_to)


def claim_of(act: Act, asks_evidence: bool) -> DoneClaim:
    """«Готово» as the mover says it."""
    shown = asks_evidence and _has_evidence(act.session, act.task.id)
    return DoneClaim(asks_evidence, shown, act.task.checker_id, act.task.owner_id, act.actor.mover_id)


def _put(act: Act, moved: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Write the changes with what follows from them, journal, restamp."""
    session, task, now = act.session, act.task, act.now
    facts, old_status, old = facts_now(session, task), task.status, dict(before)
    if "owner" in moved:
        follow_owner(session, task, moved)
    for name, value in moved.items():
        if name == "waiting":
            put_waiting(act, value)
        else:
            setattr(task, column_of(name), value)
    if "promised_on" in moved:
        follow_promise(task, old["promised_on"], now)
    if task.status != old_status:
        task.finished_at = now if task.status in FINISHED else None
        if old_status in FINISHED:
            new_episode(task, now)
    if moved.keys() & INDEXED:
        index(task)
    if moved.keys() & {"owner", "checker", "integration"}:
        put_members(session, [task], now)
    journaled = {column_of(name): (_journaled(old[name]), _journaled(value)) for name, value in moved.items()}
    touch(act, "task.changed", changes=journaled)
    # A sheet is nobody's answer.
    if act.is_the_turns and act.actor.way != Way.IMPORT and moved.keys() & ACTS_OF_PROGRESS:
        mark_progress(act)
    if {"owner", "status"} & moved.keys() and (task.status in FINISHED or "owner" in moved):
        settle_cards_of(session, act.actor, task.id, "changed", now=now)
    restamp_one(session, task, facts, now, quiet=act.actor.way == Way.IMPORT)


def archive_task(session: Session, actor: Actor, task: int | SeenTask, *, now: datetime) -> Task:
    """Put away: out of every list, kept for the journal. Twice changes nothing."""
    return _set_archived(session, actor, task, True, now)


def restore_task(session: Session, actor: Actor, task: int | SeenTask, *, now: datetime) -> Task:
    return _set_archived(session, actor, task, False, now)


def _set_archived(session: Session, actor: Actor, found: int | SeenTask, archived: bool, now: datetime) -> Task:
    seen = held(session, actor, found)
    require(seen.standing.runs, "archive_task")
    task = seen.task
    if (task.archived_at is not None) == archived:
        return task
    before = facts_now(session, task)
    task.archived_at = now if archived else None
    touch(Act(session, actor, seen, now), "task.archived" if archived else "task.restored")
    if archived:
        settle_cards_of(session, actor, task.id, "archived", now=now)
    restamp_one(session, task, before, now)
    return task


def _has_evidence(session: Session, task_id: int) -> bool:
    """Asked anew: what was counted when the task was found is older than the lock that it was waited for."""
    query = select(Evidence.id).where(Evidence.task_id == task_id, col(Evidence.removed_at).is_(None))
    return session.exec(query).first() is not None


def today_in(project: Project, now: datetime) -> Any:
    """The project's local date."""
    return day_in(project.timezone, now)


def _take_numbers(session: Session, project_id: int, count: int) -> int:
    """The first of as many numbers that are nobody else's."""
    table = Project.__table__  # type: ignore[attr-defined]
    taken = session.connection().execute(
        update(table)
        .where(table.c.id == project_id)
        .values(next_number=table.c.next_number + count)
        .returning(table.c.next_number)
    )
    return int(taken.scalar_one()) - count


def values_of(task: Task) -> dict[str, Any]:
    """The fields as they stand, by their outside names."""
    return {name: waiting_of(task) if name == "waiting" else getattr(task, column_of(name)) for name in EDITABLE}


def _journaled(value: Any) -> Any:
    return plain_waiting(value) if isinstance(value, WaitInput) else value


__all__ = ["Changed", "TaskInput", "WaitInput", "archive_task", "create_task", "edit_task", "restore_task"]
