"""Waiting: whose turn it makes, and how it ends."""

import pytest
from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import LATER, NOW, by
from tests.worlds.tasks import cards, change, tap
from tracker.domain.errors import Forbidden
from tracker.domain.terms import WaitKind
from tracker.services.tasks.editing import WaitInput, edit_task
from tracker.services.tasks.waiting import pass_on
from tracker.tables import Card, Task


def test_waiting_inside_the_own_party_moves_the_turn_at_once(db, world, asked):
    task = change(db, world.ira, asked, {"waiting": WaitInput(WaitKind.PERSON, person_id=world.pavel)})
    assert (task.turn_id, task.waiting_agreed, task.waiting_since) == (world.pavel, True, LATER)


def test_waiting_across_parties_goes_over_the_conductor(db, world, asked):
    task = change(db, world.ira, asked, {"waiting": WaitInput(WaitKind.PERSON, person_id=world.gleb, note="формат")})
    assert (task.turn_id, task.waiting_agreed) == (world.anna, False)
    with db.reading() as session:
        assert [(card.kind, card.task_id) for card in session.exec(select(Card))] == [("handover", asked)]


def test_the_conductors_own_wait_moves_the_turn_at_once(db, world, asked):
    task = change(db, world.anna, asked, {"waiting": WaitInput(WaitKind.PARTY, party_id=world.studio)})
    assert task.turn_id == world.pavel


def test_what_is_awaited_comes_back_when_the_awaited_side_acts(db, world, asked):
    with db.writing() as session:
        waiting = WaitInput(WaitKind.PERSON, person_id=world.gleb)
        edit_task(session, by(world.anna), asked, None, {"waiting": waiting}, now=NOW)
    answer = tap(db, answers.done, world.gleb, asked)
    assert (answer.outcome, answer.task.turn_id, answer.task.waiting_kind) == ("passed_back", world.ira, None)
    assert answer.task.status == "open"


def test_the_conductors_tap_passes_a_wait_on_across_parties(db, world, asked):
    tap(db, answers.wait_on, world.ira, asked, WaitInput(WaitKind.PERSON, person_id=world.gleb))
    with pytest.raises(Forbidden):
        tap(db, pass_on, world.ira, asked)
    assert tap(db, pass_on, world.anna, asked).turn_id == world.gleb
    assert cards(db) == []


def test_to_wait_still_is_an_answer_too(db, world, asked):
    outside = WaitInput(WaitKind.OUTSIDE, note="письмо в банк")
    tap(db, answers.wait_on, world.ira, asked, outside)
    with db.writing() as session:
        session.get_one(Task, asked).progress_at = None
    assert tap(db, answers.wait_on, world.ira, asked, outside).outcome == "noted"
    with db.reading() as session:
        assert session.get_one(Task, asked).progress_at is not None
    tap(db, answers.done, world.ira, asked)
    assert tap(db, answers.wait_on, world.ira, asked, outside).outcome == "nothing_new"
