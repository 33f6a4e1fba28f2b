"""May see, if and only if in scope: the pure rule and the SQL beside the verbs are one rule."""

import random

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by, lay
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Sight, sight_of_task
from tracker.domain.terms import Way
from tracker.services.access.loading import (
    find_task,
    own_tasks,
    people_of_task,
    project_by_key,
    standing,
    visible_tasks,
)
from tracker.services.ground.journal import Actor
from tracker.tables import Absence, Party, Person, Task

PEOPLE = ("anna", "olga", "pavel", "ira", "gleb", "lena", "vera")


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture(params=range(4))
def tasks(db, world, request):
    """Sixty tasks, every link to a person, a party, an integration or another task drawn at random."""
    dice = random.Random(request.param)
    people = [None, *(getattr(world, name) for name in PEOPLE)]
    with db.writing() as session:
        party = session.get_one(Party, world.crm)
        party.lead_id = dice.choice([None, world.gleb])
        session.add(party)
        for name in ("ira", "olga", "pavel"):
            person = session.get_one(Person, getattr(world, name))
            person.deputy_id = dice.choice([None, world.lena, world.gleb, world.vera])
            session.add(Absence(person_id=person.id, first=NOW.date(), last=NOW.date()))
        made: list[int] = []
        for number in range(1, 61):
            task = Task(
                project_id=world.other if number % 15 == 0 else world.project,
                number=number,
                title="х",
                owner_id=dice.choice(people),
                checker_id=dice.choice([None, None, *people]),
                turn_id=dice.choice(people),
                waiting_person_id=dice.choice([None, None, *people]),
                waiting_task_id=dice.choice(made) if made and dice.random() < 0.4 else None,
                party_id=dice.choice([None, world.shop, world.studio, world.crm]),
                turn_party_id=dice.choice([None, world.shop, world.studio, world.crm]),
                integration_id=dice.choice([None, world.form, world.bank]),
                status=dice.choice(["draft", "open", "review", "done"]),
                archived_at=NOW if dice.random() < 0.1 else None,
                created_at=NOW,
                updated_at=NOW,
            )
            session.add(task)
            session.flush()
            made.append(task.id)
    return made


@pytest.mark.parametrize("who", PEOPLE)
def test_what_the_rule_lets_somebody_see_is_what_the_scope_selects(db, world, tasks, who):
    with db.reading() as session:
        mine = standing(session, Actor(getattr(world, who), Way.WEB, at=NOW), world.project)
        rule = {
            task.id: sight_of_task(mine, people_of_task(session, task)) for task in session.exec(select(Task)).all()
        }
        in_scope = set(session.exec(select(Task.id).where(visible_tasks(mine))))
        in_full = set(session.exec(select(Task.id).where(visible_tasks(mine), own_tasks(mine))))
    assert in_scope == {task for task, sight in rule.items() if sight > Sight.NONE}
    assert in_full == {task for task, sight in rule.items() if sight is Sight.FULL}
    if who == "lena":
        assert 0 < len(in_scope) < 56, "somebody who sees a part only, or this test means nothing"


def test_an_outsider_finds_nothing_at_all(db, world, tasks):
    with db.reading() as session:
        for task_id in tasks:
            task = session.get_one(Task, task_id)
            if task.project_id == world.project:
                with pytest.raises(NotFound):
                    find_task(session, by(world.stas), task_id)
        with pytest.raises(NotFound):
            project_by_key(session, by(world.stas), "LAVKA")
        with pytest.raises(NotFound):
            project_by_key(session, by(world.anna), "NONE")


@pytest.mark.parametrize("way", [Way.WEB, Way.TELEGRAM, Way.LINK, Way.EMAIL, Way.API])
def test_a_client_without_a_person_is_nobody(db, world, way):
    with db.reading() as session, pytest.raises(NotFound):
        standing(session, Actor(None, way), world.project)
