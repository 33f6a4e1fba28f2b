"""Cards before the conductor: what puts them there, and how they go."""

from datetime import date, timedelta

import pytest

from tests.telling import answers
from tests.worlds.integrations import LATER, by
from tests.worlds.tasks import cards, tap
from tracker.domain.errors import NotFound
from tracker.services.tasks.cards import open_cards, settle_card


def test_a_date_that_moves_three_times_is_told_to_the_conductor_without_reproach(db, world, asked):
    for day in (24, 25, 26, 27):
        tap(db, answers.promise, world.ira, asked, date(2026, 11, day), now=LATER + timedelta(minutes=day))
    assert [kind for kind, _ in cards(db)] == ["promise_moves"]


def test_help_reaches_the_conductor_at_once_and_comes_back_when_they_have_acted(db, world, asked):
    answer = tap(db, answers.need_help, world.ira, asked, "Нет доступа к тестовой форме", world.gleb)
    assert (answer.task.turn_id, answer.task.owner_id) == (world.anna, world.ira)
    assert cards(db) == [("help", "Нет доступа к тестовой форме")]
    back = tap(db, answers.done, world.anna, asked)
    assert (back.outcome, back.task.turn_id, back.task.help_at) == ("passed_back", world.ira, None)


def test_a_card_is_settled_by_the_conductor_once(db, world, asked):
    tap(db, answers.need_help, world.ira, asked, "Нет доступа")
    with db.reading() as session:
        card = open_cards(session, [world.project])[0]
    for who in ("ira", "vera", "stas"):
        with pytest.raises(NotFound), db.writing() as session:
            settle_card(session, by(getattr(world, who)), card.id, now=LATER)
    with db.writing() as session:
        settle_card(session, by(world.anna), card.id, "call", now=LATER)
        settled = settle_card(session, by(world.anna), card.id, "again", now=LATER + timedelta(hours=1))
        assert (settled.settled_at, settled.settled_how) == (LATER, "call")
    assert cards(db) == []
