"""Evidence on a task: a link that shows it, once."""

import pytest

from tests.worlds.integrations import LATER, NOW, by
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.domain.terms import WaitKind
from tracker.services.access.loading import find_task
from tracker.services.tasks.editing import WaitInput, edit_task
from tracker.services.tasks.evidence import add_evidence, evidence_of_task, remove_evidence
from tracker.tables import Task


def test_evidence_by_the_awaited_side_passes_the_turn_back_too(db, world, asked):
    with db.writing() as session:
        waiting = WaitInput(WaitKind.PARTY, party_id=world.crm)
        edit_task(session, by(world.anna), asked, None, {"waiting": waiting}, now=NOW)
        task = session.get_one(Task, asked)
        assert task.turn_id == world.anna  # that party has no lead
    with db.writing() as session:
        edit_task(session, by(world.anna), asked, None, {"owner": world.gleb}, now=NOW)
        add_evidence(session, by(world.gleb), asked, url="https://test.example/crm", now=LATER)
        assert session.get_one(Task, asked).turn_id == world.gleb


def test_the_same_link_is_one_piece_of_evidence_and_can_be_taken_back_by_who_gave_it(db, world, asked):
    with db.writing() as session:
        first = add_evidence(session, by(world.ira), asked, url="https://test.example/a", now=LATER)
        again = add_evidence(session, by(world.ira), asked, url="https://test.example/a", now=LATER)
        assert first.id == again.id
    with pytest.raises(NotFound), db.writing() as session:
        remove_evidence(session, by(world.gleb), first.id, now=LATER)
    with pytest.raises(Forbidden), db.writing() as session:
        remove_evidence(session, by(world.vera), first.id, now=LATER)
    with db.writing() as session:
        remove_evidence(session, by(world.ira), first.id, now=LATER)
        assert evidence_of_task(session, find_task(session, by(world.ira), asked)) == []


def test_evidence_is_a_link_and_never_just_a_word(db, world, asked):
    with pytest.raises(Invalid), db.writing() as session:
        add_evidence(session, by(world.ira), asked, url="ок", now=LATER)
