"""What is foreseen for three days is what goes out in them, if nobody does anything."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from tests.telling.answers import later, promise
from tests.worlds.foreseen import end_of, foreseen, sent, told
from tests.worlds.integrations import by, change
from tests.worlds.outbox import Wire, ask, at, pass_time
from tracker.domain.nudging.digests import jitter
from tracker.domain.nudging.policy import decide
from tracker.domain.terms import WaitKind
from tracker.services.engine.clock import tick
from tracker.services.messages.handling import approve_message
from tracker.services.messages.preview import foresee
from tracker.services.messages.reminders import nudge_now
from tracker.services.tasks.fields import WaitInput
from tracker.tables import Absence, Card, Event, Meeting, MeetingItem, Message, MessageTask, Person, Project, Task

NOON = at("2026-11-24T12:00")
"""Tuesday."""


def put(db, row):
    with db.writing() as session:
        session.add(row)


@pytest.fixture
def busy(db, world):
    """Two weeks of what people do and do not do, up to Tuesday noon."""
    monday = at("2026-11-16T11:00")
    keys = {
        "turn": ask(db, world, "Теперь ваш ход", world.lena, now=at("2026-11-24T11:30")),
        "silent": ask(db, world, "Прислать поля формы", world.ira, now=monday),
        "silent_too": ask(db, world, "Назвать день созвона", world.ira, now=monday, needed_by=date(2026, 11, 26)),
        "asked": ask(db, world, "Доступ к тестовой CRM", world.gleb, now=at("2026-11-19T11:00")),
        "promised": ask(db, world, "Макет", world.pavel, now=monday),
        "later": ask(db, world, "Тексты писем", world.olga, now=monday),
        "met": ask(db, world, "Схема обмена", world.gleb, now=at("2026-11-19T12:00")),
        "fresh": ask(db, world, "Новая задача", world.pavel, now=at("2026-11-23T11:30")),
    }
    with db.writing() as session:
        promise(session, by(world.pavel), keys["promised"], date(2026, 11, 26), now=at("2026-11-17T12:00"))
        later(session, by(world.olga), keys["later"], date(2026, 11, 25), now=at("2026-11-20T12:00"))
    with db.writing() as session:
        meeting = Meeting(
            project_id=world.project,
            title="Созвон",
            starts_at=at("2026-11-25T15:00"),
            uid="one@test",
            created_at=monday,
            updated_at=monday,
        )
        session.add(meeting)
        session.flush()
        session.add(MeetingItem(meeting_id=meeting.id, title="Схема", task_id=keys["met"], position=1))
    pass_time(db, Wire(), monday, NOON - timedelta(seconds=1))
    return keys


def test_three_days_of_a_busy_project_come_as_they_were_foreseen(db, world, busy):
    until = end_of(NOON)
    expected = foreseen(db, world, NOON, until)
    assert {one.day for one in expected} == {date(2026, 11, 25), date(2026, 11, 26)}, "today's are spent"
    assert len(expected) > 4
    assert told(expected) == sent(db, NOON, until)


def test_each_round_that_is_run_dry_says_what_was_foreseen(db, world, busy):
    until = end_of(NOON)
    expected = {(one.person, one.day): [line.task for line in one.tasks] for one in foreseen(db, world, NOON, until)}
    now, wire = NOON, Wire()
    with db.reading() as session:
        query = (
            select(Message.person_id, Message.local_day, MessageTask.task_id)
            .join(MessageTask, col(MessageTask.message_id) == col(Message.id))
            .where(col(Message.state) == "queued")
        )
        dry = {(person, day): [task] for person, day, task in session.exec(query)}
    assert len(dry) == 1, "one waits already"
    while now < until:
        for queued in tick(db, now, dry_run=True).queued:
            dry[queued.person, queued.local_day] = list(queued.tasks)
        pass_time(db, wire, now, now + timedelta(minutes=9))
        now += timedelta(minutes=10)
    within = {key: tasks for key, tasks in dry.items() if key[1] < until.date() and key[1] > NOON.date()}
    assert within == expected


def test_looking_ahead_writes_nothing(db, world, busy):
    def state():
        with db.reading() as session:
            moments = session.exec(select(Task.id, Task.next_at, Task.nudges).order_by(col(Task.id))).all()
            messages = session.exec(select(Message.id, Message.send_after).order_by(col(Message.id))).all()
            return moments, messages, len(session.exec(select(Event.id)).all())

    before = state()
    foreseen(db, world, NOON, end_of(NOON, 10))
    assert state() == before


@pytest.mark.parametrize("seed", range(8))
def test_any_project_comes_as_it_was_foreseen(db, world, seed):
    chance = random.Random(seed)
    people = [world.olga, world.pavel, world.ira, world.gleb, world.lena, world.anna]
    begin = at("2026-11-12T09:00")
    now = at(chance.choice(["2026-11-17T08:00", "2026-11-18T15:30", "2026-11-20T16:00", "2026-11-23T10:20"]))
    hours = int((now - begin) / timedelta(hours=1)) - 1
    for person in people:
        if chance.random() < 0.3:
            change(db, Person, person, timezone=chance.choice(["Asia/Kamchatka", "Europe/Berlin", "America/New_York"]))
        if chance.random() < 0.2:
            change(db, Person, person, cadence=chance.choice(["24", "1", "03"]))
        if chance.random() < 0.2:
            change(db, Person, person, deputy_id=chance.choice([one for one in people if one != person]))
        if chance.random() < 0.3:
            first = date(2026, 11, chance.randint(16, 26))
            put(db, Absence(person_id=person, first=first, last=first + timedelta(days=chance.randint(0, 3))))
    keys: list[int] = []
    for number in range(24):
        facts: dict[str, Any] = {}
        if chance.random() < 0.4:
            facts["needed_by"] = date(2026, 11, chance.randint(18, 30))
        if chance.random() < 0.3:
            facts["priority"] = chance.choice(["high", "low"])
        if keys and chance.random() < 0.15:
            facts["waiting"] = WaitInput(WaitKind.TASK, task_id=chance.choice(keys))
        asked = begin + timedelta(hours=chance.randint(0, hours))
        keys.append(ask(db, world, f"Дело {number}", chance.choice(people), now=asked, **facts))
    pass_time(db, Wire(), begin, now - timedelta(seconds=1))
    with db.writing() as session:
        for key in chance.sample(keys, 3):
            task = session.get_one(Task, key)
            if task.turn_id is not None and task.turn_id != world.anna:
                promise(session, by(task.turn_id), key, date(2026, 11, 27), now=now - timedelta(minutes=5))
    until = now + timedelta(days=4)
    expected = foreseen(db, world, now, until)
    assert len(expected) > 1, "a quiet world proves nothing"
    assert told(expected) == sent(db, now, until)


def test_more_than_five_at_once_are_foreseen_with_their_brake(db, world):
    for number in range(7):
        ask(db, world, f"Дело {number}", world.ira, now=at("2026-11-19T11:00"))
    until = end_of(NOON)
    tick(db, at("2026-11-19T11:01"))
    expected = foreseen(db, world, NOON, until)
    assert told(expected) == sent(db, NOON, until)
    assert expected[0].rule == "flood"
    with db.reading() as session:
        assert [card.kind for card in session.exec(select(Card))] == ["overload"]


def test_four_without_an_answer_are_foreseen_with_theirs(db, world):
    for number in range(4):
        ask(db, world, f"Дело {number}", world.ira, now=at("2026-11-12T11:00") + timedelta(hours=number))
    pass_time(db, Wire(), at("2026-11-12T11:00"), at("2026-11-16T23:00"))
    now = at("2026-11-16T23:00") + timedelta(seconds=1)
    until = now + timedelta(days=4)
    expected = foreseen(db, world, now, until)
    assert told(expected) == sent(db, now, until)


def test_a_message_that_waits_is_foreseen_by_its_number(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    tick(db, at("2026-11-23T12:00"))
    [one] = foreseen(db, world, at("2026-11-23T12:00"), at("2026-11-25T00:00"))
    with db.reading() as session:
        assert one.message == session.exec(select(Message.id)).one()
    assert one.at == at("2026-11-24T10:30") + jitter(world.ira)


def test_what_was_approved_is_foreseen_as_it_stands(db, world):
    change(db, Project, world.project, messages="approve")
    ask(db, world, "Прислать поля формы", world.ira, now=at("2026-11-23T12:00"))
    tick(db, at("2026-11-23T12:00"))
    with db.writing() as session:
        approve_message(session, by(world.anna), session.exec(select(Message.id)).one(), now=at("2026-11-23T12:05"))
    ask(db, world, "Ещё одно", world.ira, now=at("2026-11-23T13:00"))
    now, until = at("2026-11-23T13:01"), end_of(at("2026-11-23T13:01"), 2)
    expected = foreseen(db, world, now, until)
    assert [len(one.tasks) for one in expected] == [1]
    assert told(expected) == sent(db, now, until)


def test_a_reminder_is_foreseen(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    with db.writing() as session:
        nudge_now(session, by(world.anna), one, now=at("2026-11-24T21:00"))
    now = at("2026-11-24T21:01")
    [first, *_] = expected = foreseen(db, world, now, end_of(now, 4))
    assert (first.rule, first.tasks[0].rule, first.day) == ("reminder", "reminder", date(2026, 11, 25))
    assert told(expected) == sent(db, now, end_of(now, 4))


def test_a_silent_project_shows_what_it_would_say_and_another_says_nothing_of_it(db, world):
    change(db, Project, world.project, messages="off")
    ask(db, world, "Прислать поля формы", world.ira)
    tick(db, at("2026-11-23T12:00"))
    expected = foreseen(db, world, at("2026-11-23T12:00"), end_of(NOON, 4))
    assert [(one.person, one.day, one.message) for one in expected] == [
        (world.ira, date(2026, 11, 24), None),
        (world.ira, date(2026, 11, 26), None),
    ]
    with db.reading() as session:
        assert foresee(session, world.other, at("2026-11-23T12:00"), end_of(NOON, 4)) == []


def test_a_project_on_pause_says_nothing(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    change(db, Project, world.project, paused_at=at("2026-11-23T11:30"))
    assert foreseen(db, world, at("2026-11-23T12:00"), end_of(NOON, 4)) == []


def test_nobody_who_does_not_know_of_the_bot_is_foreseen(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    change(db, Person, world.ira, knows_bot=False)
    assert foreseen(db, world, at("2026-11-23T12:00"), end_of(NOON, 4)) == []


def test_looking_ahead_asks_about_each_task_as_often_as_something_may_change(db, world, monkeypatch):
    """What nothing will be said of any more, whatever time passes, is not decided anew in each round of three days."""
    for number in range(12):
        ask(db, world, f"Дело {number}", world.ira, now=at("2026-11-19T11:00"))
        ask(db, world, f"Другое {number}", world.gleb, now=at("2026-11-19T11:00"))
    change_all(db, escalated_at=NOON)
    asked = []

    def noted(case, *rest):
        asked.append(case.id)
        return decide(case, *rest)

    monkeypatch.setattr("tracker.domain.nudging.foresight.decide", noted)
    ask(db, world, "Теперь ваш ход", world.ira, now=at("2026-11-24T11:30"))
    assert foreseen(db, world, NOON, end_of(NOON))
    assert max(Counter(asked[:-1]).values()) > 1, "the one that is told is asked about again"
    assert len([key for key, times in Counter(asked).items() if times > 1]) == 1


def change_all(db, **values):
    with db.writing() as session:
        for task in session.exec(select(Task)):
            for name, value in values.items():
                setattr(task, name, value)
            session.add(task)
