"""Remarks on a task, and the private notes of who conducts."""

from datetime import timedelta

import pytest

from tests.telling import answers
from tests.worlds.integrations import LATER, by
from tests.worlds.tasks import cards, tap
from tracker.domain.errors import Forbidden, Invalid
from tracker.services.access.loading import find_task
from tracker.services.tasks.comments import add_comment, comments_of
from tracker.tables import Task


def test_what_was_written_for_a_task_that_is_finished_meanwhile_is_kept_as_a_comment(db, world, asked):
    tap(db, answers.done, world.ira, asked)
    for verb, words in ((answers.need_help, "Нет доступа"), (answers.not_mine, "Это у CRM"), (answers.not_mine, "")):
        assert tap(db, verb, world.ira, asked, words, now=LATER).outcome == "nothing_new"
    with db.reading() as session:
        told = [one.text for one in comments_of(session, find_task(session, by(world.ira), asked))]
    assert sorted(told) == ["Нет доступа", "Это у CRM"]
    assert cards(db) == []


def test_a_remark_by_somebody_else_postpones_and_by_the_person_of_the_turn_is_an_answer(db, world, asked):
    with db.writing() as session:
        before = session.get_one(Task, asked).stalls_at
        add_comment(session, by(world.anna), asked, "Есть новости?", now=before - timedelta(hours=1))
        task = session.get_one(Task, asked)
        assert task.stalls_at == before + timedelta(days=1) and task.progress_at is None
        add_comment(session, by(world.ira), asked, "Маску согласовали", now=before)
        assert session.get_one(Task, asked).progress_at == before


def test_private_notes_are_the_conductors_own(db, world, asked):
    with db.writing() as session:
        add_comment(session, by(world.anna), asked, "Не давить", private=True, now=LATER)
        add_comment(session, by(world.anna), asked, "Как поймём, что готово?", now=LATER)
    with pytest.raises(Forbidden), db.writing() as session:
        add_comment(session, by(world.ira), asked, "х", private=True, now=LATER)
    with db.reading() as session:
        seen = {
            who: [remark.text for remark in comments_of(session, find_task(session, by(getattr(world, who)), asked))]
            for who in ("anna", "ira", "vera", "gleb")
        }
    assert seen == {
        "anna": ["Не давить", "Как поймём, что готово?"],
        "ira": ["Как поймём, что готово?"],
        "vera": ["Как поймём, что готово?"],
        "gleb": [],
    }


@pytest.mark.parametrize(("text", "code"), [("  ", "required"), ("х" * 10_001, "too_long")])
def test_an_empty_or_endless_remark_is_refused(db, world, asked, text, code):
    with pytest.raises(Invalid) as refused, db.writing() as session:
        add_comment(session, by(world.ira), asked, text, now=LATER)
    assert refused.value.errors[0].code == code
