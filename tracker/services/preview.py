"""What the bot would say: before a project speaks at all, and for the days to come. Reads only."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.cases import Action, Decision, PersonCase, Policy
from tracker.domain.digests import compose
from tracker.domain.nudging import decide
from tracker.domain.terms import Messages
from tracker.message_texts import plain_of
from tracker.services.cases import Stored, load_cases, surroundings
from tracker.services.letters import letter_to
from tracker.services.reach import circle_of
from tracker.tables import Project, Task


class Foreseen(NamedTuple):
    """A message as it would go out. `tasks`: (id, step, rule) of each that it names; `rest`: due but not named."""

    person: int
    send_after: datetime
    rule: str
    tasks: tuple[tuple[int, str, str], ...]
    rest: int
    text: str


def preview(session: Session, project_id: int, now: datetime) -> list[Foreseen]:
    """What would be queued if the project wrote to its people at `now`, which may lie ahead. Soonest first.

    The caller has established that the project is theirs to conduct.
    """
    project = session.get_one(Project, project_id)
    around = surroundings(session, now, {project.id: project})
    with_turn = sa.select(col(Task.turn_id)).where(col(Task.project_id) == project_id, col(Task.turn_id).is_not(None))
    persons = {person for (person,) in rows(session, with_turn.distinct())}
    cases = load_cases(session, around, circle_of(session, persons).all, now)
    policy = cases.policies[project_id]._replace(messages=Messages.ON, paused=False)
    told = _told(cases.tasks, cases.people, policy, now)
    found: list[Foreseen] = []
    for person, lines in told.values():
        digest = compose(person, lines, now)
        if digest is None:
            continue
        steps = [(line.task, str(line.step)) for line in digest.lines]
        text = plain_of(letter_to(session, person.id, project_id, steps, len(digest.rest)))
        named = tuple((line.task, str(line.step), line.rule) for line in digest.lines)
        rule = digest.overload_why or digest.lines[0].rule
        found.append(Foreseen(person.id, digest.send_after, rule, named, len(digest.rest), text))
    return sorted(found, key=lambda one: (one.send_after, one.person))


def _told(
    tasks: list[Stored], people: dict[tuple[int, int], PersonCase], policy: Policy, now: datetime
) -> dict[int, tuple[PersonCase, list[Decision]]]:
    """Reader -> themselves as the policy sees them, and what is to be told them."""
    told: dict[int, tuple[PersonCase, list[Decision]]] = {}
    for stored in tasks:
        person = people[stored.project_id, stored.case.turn or 0]
        decision = decide(stored.case, person, policy, now)
        if decision.action == Action.TELL and decision.person is not None:
            reader = person if person.id == decision.person or person.deputy is None else person.deputy
            told.setdefault(reader.id, (reader, []))[1].append(decision)
    return told
