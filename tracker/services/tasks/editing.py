"""The verbs of a task: create, edit, put away, bring back. What a person *answers* is `services.tasks.answers`."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, select

from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.domain.permissions import Standing, require
from tracker.domain.terms import FINISHED, MemberWhy, Status, Way
from tracker.domain.turns.progress import done_leads_to, status_for_want_of_owner
from tracker.services.access.loading import SeenTask, conductors_of, find_task, kept_project, project_by_id
from tracker.services.access.standing_in import acting
from tracker.services.access.voice import require_voice
from tracker.services.ground.belonging import party_of
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.search import normalise, title_key
from tracker.services.ground.versions import changed_since
from tracker.services.integrations.members import put_on_integration
from tracker.services.tasks.cards import settle_cards_of
from tracker.services.tasks.fields import TaskInput, WaitInput, cleaned, column_of, problems_of
from tracker.services.tasks.rights import require_fields
from tracker.services.tasks.waiting import plain_waiting, put_waiting, waiting_of
from tracker.services.turns.restamp import new_episode, restamp
from tracker.services.turns.stretches import end_stretch_by_answer
from tracker.tables import Evidence, Person, Project, Task

INDEXED = frozenset({"title", "plain_title", "notes", "sheet_ref"})
ACTS_OF_PROGRESS = frozenset({"status", "promised_on", "waiting"})


def create_task(session: Session, actor: Actor, project_id: int, given: TaskInput, *, now: datetime) -> Task:
    """A new task of the project; raises Invalid. Only who conducts asks for things; others send them to the inbox."""
    project, mine = project_by_id(session, actor, project_id)
    require(mine.runs, "create_task")
    values = {name: cleaned(name, value) for name, value in asdict(given).items()}
    values["waiting"] = given.waiting
    origin = {name: values.pop(name) for name in ("import_id", "meeting_id")}
    if problems := problems_of(session, project_id, values, today_in(project, now)):
        raise Invalid(*problems)
    waiting: WaitInput | None = values.pop("waiting")
    columns = {column_of(name): value for name, value in values.items()}
    columns["party_id"] = columns["party_id"] or party_of(session, project_id, columns["owner_id"])
    columns["status"] = status_for_want_of_owner(columns["status"], columns["owner_id"], columns["party_id"])
    task = Task(
        **columns, **origin, project_id=project_id, number=_next_number(session, project_id),
        created_by_id=actor.person_id, created_at=now, updated_at=now,
        promised_at=now if columns["promised_on"] else None,
        finished_at=now if columns["status"] in FINISHED else None,
    )  # fmt: skip
    _index(task)
    session.add(task)
    session.flush()
    put_waiting(session, actor, task, waiting, mine, now)
    _put_members(session, task, now)
    facts = {name: value for name, value in columns.items() if value not in (None, "", False)}
    record(
        session,
        actor,
        "task.created",
        task,
        now=now,
        changes={name: (None, value) for name, value in facts.items()},
        number=task.number,
        version=1,
        waiting=plain_waiting(waiting),
        import_id=task.import_id,
        meeting=task.meeting_id,
    )
    restamp(session, [task.id], now, quiet=actor.way == Way.IMPORT)
    return task


def edit_task(
    session: Session,
    actor: Actor,
    task_id: int,
    version: int | None,
    changes: Mapping[str, Any],
    *,
    now: datetime,
    accepted: Collection[str] = (),
    found: SeenTask | None = None,
) -> Task:
    """Change some fields, by their outside names (`fields.EDITABLE`) with typed values.

    `version`: the one the person saw; a stale edit merges unless a field it sends has changed since (Conflict, with
    both values). None: the newest is meant. `accepted`: warnings that the person has read ("own_check").
    `found`: what this actor's `find_task(..., lock=True)` gave in this very transaction, not to ask twice.
    """
    seen = found or find_task(session, actor, task_id, lock=True)
    task = seen.task
    actor = acting(actor, seen.standing, seen.people)
    require_voice(session, actor, seen.standing)
    values = {name: cleaned(name, value) for name, value in changes.items()}
    require_fields(session, seen, values)
    project = kept_project(session, task.project_id)
    if problems := problems_of(session, task.project_id, values, today_in(project, now), task):
        raise Invalid(*problems)
    _meet_others(session, task, version, values)
    _settle_status(session, actor, seen, values, accepted)
    before = {name: _shown(task, name) for name in values}
    moved = {name: value for name, value in values.items() if value != before[name]}
    if not moved:
        return task
    _put(session, actor, task, moved, before, seen.standing, now)
    return task


def _meet_others(session: Session, task: Task, version: int | None, values: Mapping[str, Any]) -> None:
    if version is None or version == task.version:
        return
    if version > task.version:
        raise Invalid(FieldError("version", "unknown_version"))
    since = changed_since(session, "task", task.id, version)
    both = {
        name: (_shown(task, name), value)
        for name, value in values.items()
        if (since is None or column_of(name) in since) and _shown(task, name) != value
    }
    if both:
        raise Conflict(task.version, both)


def _settle_status(
    session: Session, actor: Actor, seen: SeenTask, values: dict[str, Any], accepted: Collection[str]
) -> None:
    """ "Done" may mean review; raises Invalid where something must be shown first."""
    task = seen.task
    if values.get("status") != Status.DONE or task.status == Status.DONE:
        return
    leads_to = done_leads_to(
        asks_evidence=bool(values.get("asks_evidence", task.asks_evidence)),
        has_evidence=has_evidence(session, task.id),
        checker=task.checker_id, owner=task.owner_id, mover=actor.mover_id,
        runs=seen.standing.runs and actor.behalf_id is None, own_check_accepted="own_check" in accepted,
    )  # fmt: skip
    if leads_to in ("evidence_needed", "own_check"):
        raise Invalid(FieldError("status", str(leads_to)))
    values["status"] = str(leads_to)


def _put(
    session: Session,
    actor: Actor,
    task: Task,
    moved: dict[str, Any],
    before: Mapping[str, Any],
    mine: Standing,
    now: datetime,
) -> None:
    """Write the changes with what follows from them, journal, restamp."""
    old_turn, old_status = task.turn_id, task.status
    old = dict(before)
    if "owner" in moved:
        _follow_owner(session, task, moved, old)
    for name, value in moved.items():
        if name == "waiting":
            put_waiting(session, actor, task, value, mine, now)
        else:
            setattr(task, column_of(name), value)
    if "promised_on" in moved:
        _follow_promise(task, old["promised_on"], now)
    if task.status != old_status:
        task.finished_at = now if task.status in FINISHED else None
        if old_status in FINISHED:
            new_episode(task, now)
    if moved.keys() & INDEXED:
        _index(task)
    if moved.keys() & {"owner", "checker", "integration"}:
        _put_members(session, task, now)
    task.version += 1
    task.updated_at = now
    record(
        session,
        actor,
        "task.changed",
        task,
        now=now,
        version=task.version,
        changes={column_of(name): (_journaled(old[name]), _journaled(value)) for name, value in moved.items()},
    )
    if (
        actor.mover_id is not None
        and actor.mover_id == old_turn
        and actor.way != Way.IMPORT  # a sheet is nobody's answer
        and moved.keys() & ACTS_OF_PROGRESS
    ):
        mark_progress(session, task, actor.mover_id, now)
    if {"owner", "status"} & moved.keys() and (task.status in FINISHED or "owner" in moved):
        settle_cards_of(session, actor, task.id, "changed", now=now)
    restamp(session, [task.id], now, quiet=actor.way == Way.IMPORT)


def _follow_owner(session: Session, task: Task, moved: dict[str, Any], old: dict[str, Any]) -> None:
    """A new owner: the former one's date and call for help were theirs; an unclear task becomes clear."""
    owner = moved["owner"]
    if task.promised_on is not None and "promised_on" not in moved:
        moved["promised_on"], old["promised_on"] = None, task.promised_on
    if "party" not in moved and (party := party_of(session, task.project_id, owner)) not in (None, task.party_id):
        moved["party"], old["party"] = party, task.party_id
    if "status" not in moved:
        status = status_for_want_of_owner(task.status, owner, moved.get("party", task.party_id))
        if task.status == Status.DRAFT and task.owner_id is None and owner is not None:
            status = Status.OPEN
        if status != task.status:
            moved["status"], old["status"] = status, task.status
    if task.waiting_person_id in conductors_of(session, task.project_id) and "waiting" not in moved:
        moved["waiting"], old["waiting"] = None, waiting_of(task)
    task.help_at, task.help_note = None, ""
    task.confirmed = True


def _follow_promise(task: Task, old: Any, now: datetime) -> None:
    task.promised_at = now if task.promised_on is not None else None
    if task.promised_on is not None:
        task.promise_moves += 1 if old is not None else 0
        task.snoozed_until = None
        new_episode(task, now)
        # The person of the turn knows that it is theirs: a date was agreed with them.
        task.told_turn_at = now


def mark_progress(session: Session, task: Task, person_id: int, now: datetime) -> None:
    """An act of the person of the turn, by themselves or on their behalf: the clock of silence starts afresh."""
    task.progress_at = now
    task.snoozes = task.snoozed_days = 0
    task.nudges = 0
    task.last_nudge_at = task.escalated_at = None
    task.told_turn_at = task.told_turn_at or now
    if person_id == task.owner_id:
        # A step agreed in their absence is theirs from the first answer on.
        task.confirmed = True
    end_stretch_by_answer(session, task, now)
    person = session.get_one(Person, person_id)
    person.last_answer_at = now


def archive_task(session: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    """Put away: out of every list, kept for the journal. Twice changes nothing."""
    return _set_archived(session, actor, task_id, True, now)


def restore_task(session: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    return _set_archived(session, actor, task_id, False, now)


def _set_archived(session: Session, actor: Actor, task_id: int, archived: bool, now: datetime) -> Task:
    seen = find_task(session, actor, task_id, lock=True)
    require(seen.standing.runs, "archive_task")
    task = seen.task
    if (task.archived_at is not None) == archived:
        return task
    task.archived_at = now if archived else None
    task.version += 1
    task.updated_at = now
    kind = "task.archived" if archived else "task.restored"
    record(session, actor, kind, task, now=now, version=task.version)
    if archived:
        settle_cards_of(session, actor, task.id, "archived", now=now)
    restamp(session, [task.id], now)
    return task


def has_evidence(session: Session, task_id: int) -> bool:
    query = select(Evidence.id).where(Evidence.task_id == task_id, col(Evidence.removed_at).is_(None))
    return session.exec(query).first() is not None


def today_in(project: Project, now: datetime) -> Any:
    """The project's local date."""
    return now.astimezone(ZoneInfo(project.timezone)).date()


def _next_number(session: Session, project_id: int) -> int:
    table = Project.__table__  # type: ignore[attr-defined]
    taken = session.connection().execute(
        update(table)
        .where(table.c.id == project_id)
        .values(next_number=table.c.next_number + 1)
        .returning(table.c.next_number)
    )
    return int(taken.scalar_one()) - 1


def _index(task: Task) -> None:
    """What searching and sorting go by."""
    task.search = normalise(task.title, task.plain_title, task.notes, task.sheet_ref, str(task.number))
    task.title_key = title_key(task.title)


def _put_members(session: Session, task: Task, now: datetime) -> None:
    put_on_integration(session, task.integration_id, task.owner_id, MemberWhy.OWNER, now)
    put_on_integration(session, task.integration_id, task.checker_id, MemberWhy.CHECKER, now)


def _shown(task: Task, name: str) -> Any:
    return waiting_of(task) if name == "waiting" else getattr(task, column_of(name), None)


def _journaled(value: Any) -> Any:
    return plain_waiting(value) if isinstance(value, WaitInput) else value


__all__ = ["TaskInput", "WaitInput", "archive_task", "create_task", "edit_task", "restore_task"]
