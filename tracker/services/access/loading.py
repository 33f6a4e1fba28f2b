"""Loading through the person: a row they may not see is not found. Then a second, named question for doing."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, exists, or_, true
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col, select

from tracker.db import READING, columns, rows
from tracker.domain.errors import NotFound
from tracker.domain.permissions import HOUSE_ROLE, Sight, Standing, TaskPeople, sight_of_task
from tracker.domain.terms import FINISHED, Role, Way
from tracker.services.access.standing_in import Cover, covered_on, covers_of
from tracker.services.ground.journal import Actor
from tracker.services.ground.kept import know_counters, sequences_by_key, while_structure_stands, with_counters
from tracker.services.ground.row_seals import hold
from tracker.tables import Evidence, IntegrationMember, Membership, Party, Project, Task

UNATTENDED = frozenset({Way.ENGINE, Way.CLI, Way.IMPORT})


_PLACE = sa.select(Membership.role, Membership.party_id, Membership.can_decide).where(
    Membership.project_id == sa.bindparam("project", type_=sa.Integer),
    Membership.person_id == sa.bindparam("person", type_=sa.Integer),
    Membership.archived_at.is_(None),
)


def standing(session: Session, actor: Actor, project_id: int) -> Standing:
    """What the actor is in this project; outsiders get NotFound. Without a person only the house itself acts."""
    if actor.person_id is None:
        if actor.way not in UNATTENDED:
            raise NotFound("project")
        return Standing(None, project_id, HOUSE_ROLE)
    person_id = actor.person_id
    kept = while_structure_stands(
        session, project_id, ("standing", person_id), lambda: _read_standing(session, person_id, project_id)
    )
    if kept is None:
        raise NotFound("project")
    found, covers = kept
    if covers and actor.at is not None:
        found = found._replace(stands_for=frozenset(person for _, person in covered_on(covers, actor.at)))
    # Being on an integration is no part of the structure: it changes with every new owner.
    return found if found.sees_all else found._replace(integrations=_integrations(session, person_id))


def _read_standing(session: Session, person_id: int, project_id: int) -> tuple[Standing, tuple[Cover, ...]] | None:
    """With the days on which they stand in for somebody: kept with it, a request pays nothing for them."""
    places = columns(session, _PLACE, {"project": project_id, "person": person_id})
    if not places:
        return None
    role, party_id, can_decide = places[0]
    parties = _parties(session, person_id, project_id, role, party_id)
    mine = Standing(person_id, project_id, role, party_id, can_decide, parties=parties)
    return mine, covers_of(session, person_id, project_id)


def _integrations(session: Session, person_id: int) -> frozenset[int]:
    query = select(IntegrationMember.integration_id).where(
        IntegrationMember.person_id == person_id, col(IntegrationMember.removed_at).is_(None)
    )
    return frozenset(session.exec(query))


def _parties(session: Session, person_id: int, project_id: int, role: str, party_id: int | None) -> frozenset[int]:
    if role != Role.LEAD:
        return frozenset()
    led = session.exec(select(Party.id).where(Party.project_id == project_id, Party.lead_id == person_id))
    return frozenset(led) | ({party_id} if party_id is not None else set())


def standings_of(session: Session, actor: Actor) -> list[Standing]:
    """What a person is in each of their living projects, in the order of the projects' ids."""
    query = (
        select(Membership.project_id)
        .join(Project, col(Project.id) == col(Membership.project_id))
        .where(
            Membership.person_id == actor.person_id,
            col(Membership.archived_at).is_(None),
            col(Project.archived_at).is_(None),
        )
        .order_by(col(Membership.project_id))
    )
    return [standing(session, actor, project_id) for project_id in session.exec(query)]


def project_by_key(session: Session, actor: Actor, key: str) -> tuple[Project, Standing]:
    """A project that the actor belongs to, by its key (case does not matter). To be read: it may be a kept one."""
    project_id = sequences_by_key(session, key.upper())
    if project_id is None:
        raise NotFound("project")
    return project_to_show(session, actor, project_id)


def project_to_show(session: Session, actor: Actor, project_id: int) -> tuple[Project, Standing]:
    """The same, for who knows its id."""
    project = kept_project(session, project_id) if READING in session.info else session.get_one(Project, project_id)
    return project, standing(session, actor, project.id)


def kept_project(session: Session, project_id: int) -> Project:
    """The project to be read, never to be changed: a kept one, without a session."""
    return while_structure_stands(session, project_id, "project", lambda: _detached(session, project_id))


def _detached(session: Session, project_id: int) -> Project:
    """All of its columns, and no session: it is shown by many requests, and changed by none."""
    held = identity_key(Project, project_id) in session.identity_map
    project = session.get_one(Project, project_id)
    if held:
        # The session works with it: what is kept must be another object.
        return Project(**project.model_dump())
    session.expunge(project)
    return project


def project_by_id(session: Session, actor: Actor, project_id: int) -> tuple[Project, Standing]:
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound("project")
    return project, standing(session, actor, project_id)


def conductors_of(session: Session, project_id: int) -> list[int]:
    """Ids of the project's conductors, the first one first: the turn falls to that one."""
    query = (
        select(Membership.person_id)
        .where(
            Membership.project_id == project_id,
            Membership.role == Role.CONDUCTOR,
            col(Membership.archived_at).is_(None),
        )
        .order_by(col(Membership.id))
    )
    return list(session.exec(query))


_BLOCKED = sa.select(Task.owner_id, Task.turn_id).where(
    Task.waiting_task_id == sa.bindparam("task", type_=sa.Integer),
    Task.archived_at.is_(None),
    Task.status.not_in(FINISHED),
)


def people_of_task(session: Session, task: Task, asking: Standing | None = None) -> TaskPeople:
    """Whom the task concerns. Who sees everything needs no word of whom it blocks."""
    blocked = [] if asking and asking.sees_all else columns(session, _BLOCKED, {"task": task.id})
    persons = frozenset(person for row in blocked for person in row if person is not None)
    return TaskPeople(
        task.project_id, task.integration_id, task.party_id, task.owner_id, task.checker_id, task.turn_id,
        task.turn_party_id, task.waiting_person_id, persons,
    )  # fmt: skip


def visible_tasks(standing: Standing) -> ColumnElement[bool]:
    """The scope that mirrors `permissions.sight_of_task`: seen at least in outline."""
    mine = col(Task.project_id) == standing.project_id
    if standing.sees_all:
        return mine
    waiting = aliased(Task)
    me = standing.person_id
    blocks_me = exists().where(
        waiting.waiting_task_id == Task.id,
        waiting.archived_at.is_(None),
        waiting.status.not_in(FINISHED),
        or_(waiting.owner_id == me, waiting.turn_id == me),
    )
    return mine & or_(own_tasks(standing), col(Task.integration_id).in_(sorted(standing.integrations)), blocks_me)


def own_tasks(standing: Standing) -> ColumnElement[bool]:
    """The scope of `Sight.FULL`, for who does not see all."""
    if standing.sees_all:
        return true()
    me, parties = standing.person_id, sorted(standing.parties)
    covered = [col(Task.turn_id).in_(sorted(standing.stands_for))] if standing.stands_for else []
    return or_(
        col(Task.owner_id) == me,
        col(Task.checker_id) == me,
        col(Task.turn_id) == me,
        col(Task.waiting_person_id) == me,
        col(Task.party_id).in_(parties),
        col(Task.turn_party_id).in_(parties),
        *covered,
    )


class SeenTask(NamedTuple):
    """A task as the actor may see it."""

    task: Task
    standing: Standing
    people: TaskPeople
    sight: Sight
    evidence: int
    """How many pieces of evidence it has."""


_EVIDENCE = (
    sa.select(sa.func.count())
    .where(Evidence.task_id == Task.id, Evidence.removed_at.is_(None))
    .correlate(Task)
    .scalar_subquery()
)
_ONE = with_counters(
    sa.select(Task, _EVIDENCE).where(Task.id == sa.bindparam("task", type_=sa.Integer)), Task.project_id
)
_ONE_LOCKED = _ONE.with_for_update(of=Task)


def find_task(session: Session, actor: Actor, task_id: int, *, lock: bool = False) -> SeenTask:
    """The task, or NotFound. `lock`: hold the row against other writers (PostgreSQL; SQLite has one writer anyway)."""
    found = rows(session, _ONE_LOCKED if lock else _ONE, {"task": task_id})
    if not found:
        raise NotFound("task")
    task, evidence, *counters = found[0]
    if lock:
        hold(session, task)
    know_counters(session, task.project_id, *counters)
    try:
        mine = standing(session, actor, task.project_id)
    except NotFound:
        raise NotFound("task") from None
    people = people_of_task(session, task, mine)
    sight = sight_of_task(mine, people)
    if sight is Sight.NONE:
        raise NotFound("task")
    return SeenTask(task, mine, people, sight, evidence)


def find_task_by_number(session: Session, actor: Actor, project_id: int, number: int) -> SeenTask:
    task_id = session.exec(select(Task.id).where(Task.project_id == project_id, Task.number == number)).first()
    if task_id is None:
        raise NotFound("task")
    return find_task(session, actor, task_id)
