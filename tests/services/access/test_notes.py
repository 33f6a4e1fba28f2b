"""A note may be seen, if and only if it is in scope: comments and the journal's entries, drawn at random."""

import random

import pytest
from sqlmodel import col, select

from tests.worlds.integrations import NOW, by, lay
from tracker.domain.permissions import may_see_note
from tracker.services.access.loading import conducted_by, conducting, standing
from tracker.services.access.notes import visible_entries, visible_notes
from tracker.services.ground.journal import record
from tracker.tables import Comment, Event, EventPayload, Membership, Task

PEOPLE = ("anna", "olga", "pavel", "ira", "vera")
MANY = 20


@pytest.fixture
def world(db):
    dice = random.Random(7)
    with db.writing() as session:
        world = lay(session)
        task = Task(project_id=world.project, number=1, title="х", created_at=NOW, updated_at=NOW)
        session.add(task)
        session.flush()
        for _ in range(MANY):
            private = dice.random() < 0.5
            session.add(Comment(task_id=task.id, person_id=world.anna, at=NOW, way="web", text="х", private=private))
            said = dice.choice([True, None, False]) if private else None
            record(session, by(world.anna), "comment.added", task, now=NOW, private=said)
    with db.writing() as session:
        erased = session.exec(select(EventPayload).order_by(col(EventPayload.event_id))).first()
        erased.body, erased.salt, erased.erased_at = None, None, NOW
        session.add(erased)
    return world


@pytest.mark.parametrize("who", PEOPLE)
def test_the_scopes_select_what_may_be_seen(db, world, who):
    with db.reading() as session:
        mine = standing(session, by(getattr(world, who)), world.project)
        notes = session.exec(select(Comment)).all()
        seen = {one.id for one in notes if may_see_note(mine, private=one.private)}
        assert set(session.exec(select(Comment.id).where(visible_notes(mine)))) == seen
        assert (len(seen) == MANY) == mine.runs
        entries = session.exec(select(Event, EventPayload).join(EventPayload)).all()
        told = {
            event.id
            for event, payload in entries
            if may_see_note(mine, private=bool((payload.body or {}).get("private")))
        }
        found = select(Event.id).join(EventPayload, col(EventPayload.event_id) == col(Event.id))
        assert set(session.exec(found.where(visible_entries(mine)))) == told
        assert (len(told) == len(entries)) == mine.runs


def test_the_scope_of_conductors_is_that_of_those_who_run_the_project(db, world):
    with db.reading() as session:
        conductors = set(session.exec(select(Membership.person_id).where(conducting())))
        places = session.exec(select(Membership)).all()
        running = {one.person_id for one in places if standing(session, by(one.person_id), one.project_id).runs}
        assert conductors == running
        assert conducted_by(session, by(world.anna)) == {world.project}
        assert conducted_by(session, by(world.ira)) == set()
