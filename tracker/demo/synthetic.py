"""A large project out of random numbers, for benchmarks: the same seed gives the same project.

Tasks are inserted in bulk, past their verb: 100,000 of them through it would take an hour. What the rest of the
program relies on is made by its own code all the same: the journal by `record` and its seal, turns and moments by
`restamp`, the searched text by `normalise`.
"""

import random
import tomllib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert, update
from sqlmodel import Session, select

from tracker.db import Database
from tracker.demo.sign_in import Loaded
from tracker.domain.errors import Refused
from tracker.domain.terms import FINISHED, Role, Status, Way
from tracker.paths import shipped
from tracker.services.access.sessions import hash_password
from tracker.services.ground.journal import About, Actor, record
from tracker.services.ground.row_seals import note_made
from tracker.services.ground.search import normalise, title_key
from tracker.services.house.installation import clock, has_projects, mark_demo
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.people import memberships, parties, projects
from tracker.services.people import persons as people
from tracker.services.turns.restamp import restamp
from tracker.settings import Settings
from tracker.tables import Project, Task

HOUSE = Actor(None, Way.CLI)
LOADED = Loaded("BENCH", "conductor@bench.example", "auftakt-bench")
BATCH = 2000
PARTIES = 12
INTEGRATIONS = 80
STATUSES = {
    Status.OPEN: 5, Status.IN_PROGRESS: 3, Status.DONE: 4, Status.REVIEW: 1, Status.DRAFT: 1, Status.DROPPED: 1,
}  # fmt: skip
"""How often each is met."""


class Cast(NamedTuple):
    """What tasks are made of. The first of `people` conducts and signs in, the next ones lead their parties."""

    project: int
    parties: list[int]
    people: list[int]
    integrations: list[int]
    words: dict[str, list[str]]
    chance: random.Random
    now: datetime


def load_synthetic(
    database: Database, settings: Settings, *, tasks: int, people: int, seed: int, wall_now: datetime
) -> Loaded:
    """Make it once; refused beside projects that are not ours."""
    with database.reading() as session:
        if session.exec(select(Project.id).where(Project.key == LOADED.project)).first() is not None:
            return LOADED
        if has_projects(session):
            raise Refused("real_projects", [])
    with (shipped("seed_data") / "synthetic.toml").open("rb") as file:
        words = tomllib.load(file)
    password_hash = hash_password(LOADED.password)
    with database.writing() as session:
        mark_demo(session, settings.clock_offset, now=wall_now)
        now = clock(session, wall_now)
        cast = _make_cast(session, tasks, people, words, random.Random(seed), password_hash, now)
    for first in range(1, tasks + 1, BATCH):
        with database.writing() as session:
            _add_tasks(session, cast, range(first, min(first + BATCH, tasks + 1)))
    return LOADED


def _make_cast(
    session: Session, tasks: int, people: int, words: dict[str, list[str]], chance: random.Random,
    password_hash: str, now: datetime,
) -> Cast:  # fmt: skip
    begun = now - timedelta(days=60)
    given = projects.ProjectInput(f"Нагрузка: {tasks}", LOADED.project)
    project = projects.create_project(session, HOUSE, given, now=begun, messages="on").id
    sides = [
        parties.create_party(session, HOUSE, project, parties.PartyInput(f"Сторона {number + 1}"), now=begun).id
        for number in range(min(PARTIES, people))
    ]
    cast = Cast(project, sides, [], [], words, chance, now)
    for number in range(people):
        cast.people.append(_add_person(session, cast, number, password_hash, begun))
    for number in range(min(INTEGRATIONS, tasks)):
        joint = IntegrationInput(f"Интеграция {number + 1}", accountable=chance.choice(cast.people))
        cast.integrations.append(create_integration(session, HOUSE, project, joint, now=begun).id)
    return cast


def _add_person(session: Session, cast: Cast, number: int, password_hash: str, begun: datetime) -> int:
    name = f"{cast.chance.choice(cast.words['first'])} {cast.chance.choice(cast.words['last'])} {number + 1}"
    email = LOADED.email if number == 0 else f"person{number + 1}@bench.example"
    role = Role.CONDUCTOR if number == 0 else Role.LEAD if number <= len(cast.parties) else Role.CONTRIBUTOR
    place = memberships.Place(role, cast.parties[number % len(cast.parties)])
    given = people.PersonInput(name, email, knows_bot=True)
    made = memberships.add_member(session, HOUSE, cast.project, given, place, now=begun)
    if number == 0:
        people.set_password(session, HOUSE, made.id, password_hash, now=begun)
    return made.id


def _add_tasks(session: Session, cast: Cast, numbers: range) -> None:
    """A batch of tasks with three events each; its restamp looks at nothing but the batch."""
    rows = [_task(cast, number) for number in numbers]
    statement = insert(Task).returning(Task.id, sort_by_parameter_order=True)
    made = list(session.connection().execute(statement, rows).scalars())
    note_made(session, Task, ({**row, "id": task_id} for task_id, row in zip(made, rows, strict=True)))
    for task_id, row in zip(made, rows, strict=True):
        _record(session, cast, task_id, row)
    session.connection().execute(update(Project).where(Project.id == cast.project).values(next_number=numbers.stop))
    restamp(session, made, cast.now)


def _record(session: Session, cast: Cast, task_id: int, row: dict[str, Any]) -> None:
    begun = row["created_at"]
    third = (cast.now - begun) / 3
    record(
        session,
        Actor(cast.people[0], Way.WEB),
        "task.created",
        About("task", task_id, cast.project),
        now=begun,
        changes={"title": (None, row["title"]), "owner_id": (None, row["owner_id"])},
        number=row["number"],
        version=1,
    )
    course = (str(Status.OPEN), str(Status.IN_PROGRESS), row["status"])
    for version in (2, 3):
        changes = {"status": (course[version - 2], course[version - 1])}
        record(
            session,
            Actor(row["owner_id"] or cast.people[0], Way.TELEGRAM),
            "task.changed",
            About("task", task_id, cast.project),
            now=begun + third * (version - 1),
            changes=changes,
            version=version,
        )


def _task(cast: Cast, number: int) -> dict[str, Any]:
    pick, chance, now = cast.chance.choice, cast.chance.random, cast.now
    title = " ".join(pick(cast.words[part]) for part in ("do", "what", "where")) + f", случай {number}"
    created = now - timedelta(minutes=cast.chance.randrange(60, 60 * 24 * 55))
    (status,) = cast.chance.choices(list(STATUSES), list(STATUSES.values()))
    waits = chance() < 0.15 and status not in FINISHED
    return {
        "project_id": cast.project, "number": number, "integration_id": pick(cast.integrations), "title": title,
        "party_id": pick(cast.parties), "status": str(status), "version": 3,
        "owner_id": None if status == Status.DRAFT else pick(cast.people[1:]),
        "kind": "question" if chance() < 0.2 else "task",
        "priority": pick(("normal", "normal", "normal", "high", "low")),
        "needed_by": now.date() + timedelta(days=cast.chance.randrange(-10, 40)) if chance() < 0.6 else None,
        "waiting_kind": "outside" if waits else None, "waiting_note": "ответ поставщика" if waits else "",
        "waiting_since": created if waits else None, "search": normalise(title, str(number)),
        "title_key": title_key(title),
        "created_by_id": cast.people[0], "created_at": created, "updated_at": now,
        "finished_at": now if status in FINISHED else None,
    }  # fmt: skip
