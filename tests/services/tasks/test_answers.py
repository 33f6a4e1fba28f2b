"""The one set of answers, and what each does to the turn, the promise and the conductor's cards."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import LATER, NOW, by
from tests.worlds.tasks import cards, tap
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.services.tasks.editing import TaskInput, create_task, edit_task
from tracker.tables import Event, Person, Stretch, Task


def test_a_step_agreed_in_somebodys_absence_is_theirs_from_their_first_answer_on(db, world):
    with db.writing() as session:
        given = TaskInput("Прислать формат", owner=world.ira, confirmed=False)
        step = create_task(session, by(world.anna), world.project, given, now=NOW).id
        edit_task(session, by(world.anna), step, None, {"priority": "high"}, now=NOW)
        assert not session.get_one(Task, step).confirmed
    assert tap(db, answers.promise, world.ira, step, date(2026, 11, 27)).task.confirmed


def test_done_is_done_where_nobody_checks(db, world, asked):
    answer = tap(db, answers.done, world.ira, asked)
    assert (answer.outcome, answer.task.status, answer.task.turn_id) == ("done", "done", None)


def test_done_twice_changes_nothing(db, world, asked):
    tap(db, answers.done, world.ira, asked)
    answer = tap(db, answers.done, world.ira, asked, now=LATER + timedelta(minutes=1))
    assert (answer.outcome, answer.task.version) == ("nothing_new", 2)


def test_done_with_a_checker_is_review(db, world, asked):
    with db.writing() as session:
        edit_task(session, by(world.anna), asked, None, {"checker": world.olga}, now=NOW)
    answer = tap(db, answers.done, world.ira, asked)
    assert (answer.outcome, answer.task.turn_id) == ("review", world.olga)
    assert tap(db, answers.done, world.ira, asked, now=LATER).outcome == "nothing_new"
    assert tap(db, answers.done, world.olga, asked, now=LATER).outcome == "done"


def test_done_without_evidence_is_a_claim_that_counts_as_an_answer(db, world, asked):
    with db.writing() as session:
        edit_task(session, by(world.anna), asked, None, {"asks_evidence": True}, now=NOW)
    answer = tap(db, answers.done, world.ira, asked)
    assert (answer.outcome, answer.task.status, answer.task.progress_at) == ("evidence_needed", "open", LATER)


def test_in_progress_counts_even_where_the_status_says_so_already(db, world, asked):
    tap(db, answers.in_progress, world.ira, asked)
    answer = tap(db, answers.in_progress, world.ira, asked, now=LATER + timedelta(days=1))
    assert (answer.task.status, answer.task.progress_at) == ("in_progress", LATER + timedelta(days=1))


def test_a_date_is_a_promise_and_silence_until_the_morning_after(db, world, asked):
    answer = tap(db, answers.promise, world.ira, asked, date(2026, 11, 26))
    assert answer.task.promised_on == date(2026, 11, 26)
    assert answer.task.stalls_at.isoformat() == "2026-11-27T07:00:00+00:00"


@pytest.mark.parametrize(
    ("day", "code"), [(date(2026, 11, 22), "date_in_past"), (date(2028, 1, 1), "date_out_of_range")]
)
def test_a_date_has_to_lie_ahead_and_within_a_year(db, world, asked, day, code):
    with pytest.raises(Invalid) as refused:
        tap(db, answers.promise, world.ira, asked, day)
    assert refused.value.errors[0].code == code


def test_not_mine_gives_the_turn_to_the_conductor_and_a_new_owner_ends_it(db, world, asked):
    tap(db, answers.not_mine, world.ira, asked, "Это у CRM")
    assert cards(db) == [("not_mine", "Это у CRM")]
    with db.writing() as session:
        task = edit_task(session, by(world.anna), asked, None, {"owner": world.gleb}, now=LATER).task
        assert (task.turn_id, task.waiting_kind) == (world.gleb, None)
    assert cards(db) == []


def test_later_is_quiet_but_no_progress_and_has_an_end(db, world, asked):
    day = date(2026, 11, 24)
    for _ in range(3):
        task = tap(db, answers.later, world.ira, asked, day).task
        assert (task.snoozed_until, task.progress_at) == (day, None)
    answer = tap(db, answers.later, world.ira, asked, date(2026, 11, 30))
    assert (answer.outcome, answer.task.snoozed_until) == ("snooze_cap", day)
    assert cards(db) == [("snooze_cap", "")]


def test_later_for_longer_than_all_may_be_is_a_day_to_name(db, world, asked):
    with pytest.raises(Invalid) as found:
        tap(db, answers.later, world.ira, asked, date(2026, 12, 8))
    assert [(one.field, one.code) for one in found.value.errors] == [("until", "date_out_of_range")]
    assert tap(db, answers.later, world.ira, asked, date(2026, 12, 7)).task.snoozed_until == date(2026, 12, 7)


@pytest.mark.parametrize("verb", [answers.done, answers.in_progress])
def test_who_may_answer(db, world, asked, verb):
    with pytest.raises(Forbidden):
        tap(db, verb, world.vera, asked)
    with pytest.raises(Forbidden):
        tap(db, verb, world.gleb, asked)
    with pytest.raises(NotFound):
        tap(db, verb, world.lena, asked)
    with pytest.raises(NotFound):
        tap(db, verb, world.stas, asked)
    with pytest.raises(NotFound):
        tap(db, verb, world.ira, 999_999)


def test_only_who_conducts_notes_somebody_elses_answer(db, world, asked):
    with pytest.raises(Forbidden):
        tap(db, answers.done, world.pavel, asked, behalf=world.ira)
    with pytest.raises(Invalid):
        tap(db, answers.done, world.anna, asked, behalf=world.stas)
    answer = tap(db, answers.promise, world.anna, asked, date(2026, 11, 26), behalf=world.ira)
    assert answer.task.progress_at == LATER
    with db.reading() as session:
        assert session.get_one(Person, world.ira).last_answer_at == LATER
        assert session.exec(select(Event.behalf_id).where(Event.kind == "task.changed")).one() == world.ira


def test_an_answer_ends_the_stretch_that_was_waited(db, world, asked):
    tap(db, answers.in_progress, world.ira, asked, now=NOW + timedelta(hours=3))
    with db.reading() as session:
        first, second = session.exec(select(Stretch).order_by(Stretch.id)).all()
        assert (first.ended_by, first.seconds, first.person_id) == ("answer", 3 * 3600, world.ira)
        assert (second.ended_at, second.started_at) == (None, NOW + timedelta(hours=3))
