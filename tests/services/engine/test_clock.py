"""A round of the clock: what is due is queued, put before the conductor, or left in peace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from tests.telling import answers
from tests.worlds.integrations import NOW, by, change
from tests.worlds.outbox import Wire, ask, at, pass_time
from tests.worlds.rounds import cards, messages, steps, task
from tracker.domain.nudging.digests import jitter
from tracker.domain.terms import Way
from tracker.services.engine import clock
from tracker.services.engine.clock import restamp_everything, tick
from tracker.services.engine.delivery import deliver
from tracker.services.ground.journal import Actor
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import (
    Absence,
    Event,
    Project,
    Task,
)


def test_two_rounds_at_once_queue_one_message_a_person(db, world):
    """The button of the demo's clock and the clock itself: both see the day free."""
    for place in range(30):
        ask(db, world, f"Вопрос {place}", (world.ira, world.gleb, world.lena)[place % 3])
    start = Barrier(2)

    def round_of_the_clock(_):
        start.wait()
        return tick(db, NOW)

    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(round_of_the_clock, range(2)))
    queued = [message.person_id for message in messages(db)]
    assert sorted(queued) == sorted((world.ira, world.gleb, world.lena))
    assert {one.id for report in reports for one in report.queued} == {message.id for message in messages(db)}


def test_a_turn_that_came_is_queued_for_the_next_digest_hour(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    report = tick(db, NOW)
    assert (report.evaluated, report.cancelled, report.escalated) == (1, 0, 0)
    [message] = messages(db)
    assert (message.person_id, message.kind, message.rule, message.state) == (
        world.ira,
        "notice",
        "turn_came",
        "queued",
    )
    assert message.send_after == at("2026-11-24T10:30") + jitter(world.ira)
    assert message.local_day == date(2026, 11, 24)
    assert steps(db, message.id) == [(one, "notice")]
    assert [queued.id for queued in report.queued] == [message.id]


def test_rounds_every_ten_minutes_send_the_same(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    sent = pass_time(db, Wire(), at("2026-11-23T23:50"), at("2026-11-26T18:00"), step=timedelta(minutes=10))
    assert [(now, outgoing.tasks[0].step) for now, outgoing in sent] == [
        (at("2026-11-24T10:50"), "notice"),
        (at("2026-11-26T10:50"), "n1_nodate"),
    ]


@pytest.mark.parametrize("status", ["draft", "done", "dropped"])
def test_what_rests_is_not_due_in_every_round(db, world, status):
    one = ask(db, world, "Неясно что", world.ira)
    change(db, Task, one, status=status, stalls_at=None)
    assert tick(db, NOW).evaluated == 1
    assert task(db, one).next_at is None and messages(db) == []


def test_a_second_round_changes_nothing(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    tick(db, NOW)
    with db.reading() as session:
        events = session.scalar(sa.select(sa.func.max(Event.id)))
    report = tick(db, NOW)
    assert (report.evaluated, report.queued) == (0, ())
    assert len(messages(db)) == 1
    with db.reading() as session:
        assert session.scalar(sa.select(sa.func.max(Event.id))) == events


def test_a_dry_run_says_the_same_and_writes_nothing(db, world):
    for title in "абв":
        ask(db, world, title, world.ira)
    ask(db, world, "г", world.gleb)
    dry = tick(db, NOW, dry_run=True)
    assert messages(db) == []
    wet = tick(db, NOW)
    assert [queued._replace(id=None) for queued in wet.queued] == list(dry.queued)
    assert dry.evaluated == wet.evaluated == 4


def test_what_comes_later_for_the_same_person_and_day_joins_the_waiting_message(db, world):
    one = ask(db, world, "Первая", world.ira)
    tick(db, NOW)
    two = ask(db, world, "Вторая", world.ira, now=NOW + timedelta(hours=1))
    tick(db, NOW + timedelta(hours=1))
    [message] = messages(db)
    assert message.kind == "digest"
    assert steps(db, message.id) == [(one, "notice"), (two, "notice")]


def test_three_are_named_and_the_rest_is_named_on_the_days_after(db, world):
    ids = [ask(db, world, f"Задача {number}", world.ira, priority="low") for number in range(5)]
    sent = pass_time(db, Wire(), NOW, at("2026-11-25T18:00"))
    assert [[named.id for named in outgoing.tasks] for _now, outgoing in sent] == [ids[:3], ids[3:]]


def test_a_message_whose_task_is_finished_is_taken_out_by_the_next_round(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    tick(db, NOW)
    with db.writing() as session:
        answers.done(session, by(world.ira), one, now=NOW + timedelta(minutes=5))
    report = tick(db, NOW + timedelta(minutes=6))
    assert report.cancelled == 1
    [message] = messages(db)
    assert (message.state, message.state_reason) == ("cancelled", "nothing_due")


def test_a_silent_project_is_silent_and_catches_up_with_one_message_when_it_is_opened(db, world):
    change(db, Project, world.project, messages="off")
    for number in range(4):
        ask(db, world, f"Задача {number}", world.ira)
    assert tick(db, at("2026-12-21T12:00")).evaluated == 0
    assert messages(db) == [] and cards(db) == []
    change(db, Project, world.project, messages="on")
    sent = pass_time(db, Wire(), at("2026-12-21T12:30"), at("2026-12-21T18:00"))
    assert len(sent) == 1 and len(sent[0][1].tasks) == 3
    assert cards(db) == [], "a month of our own silence is nobody's"


def test_an_import_notifies_nobody_and_its_clock_starts_at_the_import(db, world):
    with db.writing() as session:
        one = create_task(
            session, Actor(None, Way.IMPORT), world.project, TaskInput("Из таблицы", owner=world.ira), now=NOW
        ).id
    tick(db, NOW)
    assert messages(db) == []
    stalled = task(db, one).stalls_at
    assert stalled == at("2026-11-25T11:00") == task(db, one).next_at
    tick(db, stalled)
    [message] = messages(db)
    assert steps(db, message.id) == [(one, "n1_nodate")]


def test_a_verb_between_reading_and_writing_wins(db, world, monkeypatch):
    """The round has read; before it writes, Ira answers: nothing of what it planned is written over that."""
    one = ask(db, world, "Прислать поля формы", world.ira)
    with db.writing() as session:
        session.execute(sa.update(Task).values(nudges=2, last_nudge_at=at("2026-11-27T10:40"), told_turn_at=NOW))
    change(db, Task, one, next_at=at("2026-11-30T10:00"))
    plan = clock._plan

    def answered_meanwhile(*args):
        writes = list(plan(*args))
        with db.writing() as session:
            answers.in_progress(session, by(world.ira), one, now=at("2026-11-30T12:00"))
        return writes

    monkeypatch.setattr(clock, "_plan", answered_meanwhile)
    assert tick(db, at("2026-11-30T12:00")).escalated == 0
    assert cards(db) == [] and task(db, one).escalated_at is None
    assert task(db, one).next_at == at("2026-11-30T12:00")


def test_restamping_everything_brings_a_new_absence_under_the_moments(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    with db.writing() as session:
        session.add(Absence(person_id=world.ira, first=date(2026, 11, 24), last=date(2026, 11, 30)))
    assert restamp_everything(db, NOW) == 1
    assert task(db, one).stalls_at == at("2026-12-02T11:00")
    assert pass_time(db, Wire(), NOW, at("2026-12-01T18:00")) == [], "the first day back is left in peace"


def test_downtime_ends_with_one_message_and_no_burst(db, world):
    for number in range(3):
        ask(db, world, f"Задача {number}", world.ira)
    ask(db, world, "Ещё", world.gleb)
    wire = Wire()
    back = at("2026-12-21T14:00")
    tick(db, back)
    deliver(db, back, {"telegram": wire})
    assert sorted(outgoing.person_id for outgoing in wire.got) == sorted([world.ira, world.gleb])
    assert pass_time(db, wire, back, at("2026-12-21T23:30")) == []
