"""May see, if and only if in scope: of integrations, meetings, deadlocks and systems, drawn at random."""

import random
from typing import Any

import pytest
from sqlmodel import col, select

from tests.worlds.integrations import NOW, by, lay
from tracker.domain.permissions import may_see_deadlock, may_see_integration, may_see_meeting
from tracker.services.access.loading import standing
from tracker.services.integrations.deadlocks import people_of_deadlock, visible_deadlocks
from tracker.services.integrations.passports import people_of_integration, visible_integrations
from tracker.services.integrations.systems import visible_systems
from tracker.services.meetings.guests import people_of_meeting
from tracker.services.meetings.planning import visible_meetings
from tracker.tables import (
    Deadlock,
    DeadlockTask,
    Integration,
    IntegrationMember,
    IntegrationSystem,
    Meeting,
    MeetingPerson,
    Membership,
    Party,
    Position,
    System,
    Task,
)

PEOPLE = ("anna", "olga", "pavel", "ira", "gleb", "lena", "vera")
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
MANY = 24
KINDS: list[Any] = [
    (Integration, visible_integrations, may_see_integration, people_of_integration),
    (Meeting, visible_meetings, may_see_meeting, people_of_meeting),
    (Deadlock, visible_deadlocks, may_see_deadlock, people_of_deadlock),
]


@pytest.fixture(params=range(3))
def world(db, request):
    """Of each kind two dozen rows, every sixth of another project that has the same people and parties in it."""
    dice = random.Random(request.param)

    def some(ids, most):
        return dice.sample(ids, dice.randrange(most + 1))

    with db.writing() as session:
        world = lay(session)
        people = [getattr(world, name) for name in PEOPLE]
        parties = [world.shop, world.studio, world.crm]

        def put(row):
            session.add(row)
            session.flush()
            return row.id

        session.get_one(Party, world.crm).lead_id = dice.choice([None, world.gleb])
        put(Membership(project_id=world.other, person_id=world.ira, role="contributor", created_at=NOW))
        places = [world.other if number % 6 == 0 else world.project for number in range(MANY)]
        systems = [
            put(System(project_id=place, name="1С", owner_party_id=dice.choice([None, None, *parties]), **STAMPS))
            for place in places
        ]
        joints = [put(Integration(project_id=place, name="Форма", **STAMPS)) for place in places]
        tasks = []
        for number, joint in enumerate(joints):
            for person in some(people, 2):
                away = NOW if dice.random() < 0.3 else None
                put(IntegrationMember(integration_id=joint, person_id=person, created_at=NOW, removed_at=away))
            for system in some(systems, 1):
                put(IntegrationSystem(integration_id=joint, system_id=system))
            tasks.append(
                put(
                    Task(
                        project_id=places[number],
                        number=number + 1,
                        title="х",
                        integration_id=dice.choice([None, *joints]),
                        party_id=dice.choice([None, *parties]),
                        owner_id=dice.choice([None, *people]),
                        turn_id=dice.choice([None, *people]),
                        archived_at=NOW if dice.random() < 0.3 else None,
                        **STAMPS,
                    )
                )
            )
        for number, place in enumerate(places):
            call = put(Meeting(project_id=place, title="Созвон", starts_at=NOW, uid=str(number), **STAMPS))
            for person in some(people, 2):
                put(MeetingPerson(meeting_id=call, person_id=person))
            lock = put(
                Deadlock(
                    project_id=place,
                    kind="block",
                    title="Спор",
                    integration_id=dice.choice([None, *joints]),
                    decider_id=dice.choice([None, None, *people]),
                    **STAMPS,
                )
            )
            for party in some(parties, 1):
                put(Position(deadlock_id=lock, party_id=party, text="", at=NOW))
            for task in some(tasks, 1):
                put(DeadlockTask(deadlock_id=lock, task_id=task))
    return world


@pytest.mark.parametrize("who", PEOPLE)
def test_what_the_rule_lets_somebody_see_is_what_the_scope_selects(db, world, who):
    with db.reading() as session:
        mine = standing(session, by(getattr(world, who)), world.project)
        for table, scope, rule, people_of in KINDS:
            rows = session.exec(select(table)).all()
            seen = {row.id for row in rows if rule(mine, people_of(session, row))}
            assert set(session.exec(select(table.id).where(scope(mine)))) == seen, table.__name__
            here = {row.id for row in rows if row.project_id == world.project}
            assert (seen == here) == mine.sees_all, "somebody who sees a part only, or this test means nothing"


@pytest.mark.parametrize("who", PEOPLE)
def test_a_system_is_seen_by_its_own_party_and_with_an_integration_that_is(db, world, who):
    with db.reading() as session:
        mine = standing(session, by(getattr(world, who)), world.project)
        joined = session.exec(
            select(IntegrationSystem.system_id, Integration)
            .join(Integration, col(Integration.id) == col(IntegrationSystem.integration_id))
            .where(Integration.project_id == world.project)
        ).all()
        with_joint = {one for one, joint in joined if may_see_integration(mine, people_of_integration(session, joint))}
        own = {*mine.parties, mine.party_id} - {None}
        seen = {
            row.id
            for row in session.exec(select(System).where(System.project_id == world.project))
            if mine.sees_all or row.id in with_joint or row.owner_party_id in own
        }
        assert set(session.exec(select(System.id).where(visible_systems(mine)))) == seen
