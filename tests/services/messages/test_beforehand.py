"""What the conductor stops of what is only foreseen: silent on that day, and how it is taken back."""

import random
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from tests.worlds.foreseen import NOW, end_of, foreseen, kinds, of_ira, say, sent, stop, texts, told
from tests.worlds.integrations import by
from tests.worlds.outbox import Wire, ask, at, pass_time
from tracker.domain.errors import Forbidden, NotFound, Refused
from tracker.services.engine.clock import tick
from tracker.services.messages.beforehand import let_go
from tracker.services.messages.handling import stop_message
from tracker.tables import Card, Message, MessageTask, Task


@pytest.fixture
def asked(db, world):
    """Not looked at by the clock yet: the notice of Tuesday is foreseen, and not queued."""
    return ask(db, world, "Прислать поля формы", world.ira)


def test_what_is_stopped_stays_silent_on_its_day_and_comes_on_the_next_under_the_same_rules(db, world, asked):
    first, second = of_ira(db, world)
    assert (first.day, second.day) == (date(2026, 11, 24), date(2026, 11, 26))
    stop(db, world, first)
    after = of_ira(db, world)
    assert [(one.day, [line.task for line in one.tasks]) for one in after][:1] == [(date(2026, 11, 25), [asked])]
    assert told(after) == sent(db, NOW, end_of(NOW, 6)), "the forecast still is what goes out"


def test_each_day_of_a_chain_may_be_stopped_and_then_the_conductor_has_it(db, world, asked):
    """No obligation is lost: what is never asked is never silently forgotten either."""
    now, wire, stopped = NOW, Wire(), 0
    while now < at("2026-12-18T12:00"):
        for one in of_ira(db, world, now, 2):
            stop(db, world, one, now)
            stopped += 1
        pass_time(db, wire, now, now + timedelta(days=1))
        now += timedelta(days=1)
    assert stopped > 8
    assert wire.got == []
    with db.reading() as session:
        assert [(one.kind, one.task_id) for one in session.exec(select(Card))] == [("escalation", asked)]


def test_a_stop_is_a_row_with_its_tasks_and_reasons_and_stands_in_the_journal(db, world, asked):
    [first, *_] = of_ira(db, world)
    key = stop(db, world, first)
    assert stop(db, world, first) == key, "twice is once"
    assert kinds(db, "message.cancelled") == 1
    with db.reading() as session:
        row = session.get_one(Message, key)
        assert (row.state, row.state_reason, row.local_day, row.kind) == ("cancelled", "stopped", first.day, "notice")
        [line] = session.exec(select(MessageTask).where(MessageTask.message_id == key)).all()
        assert (line.task_id, line.rule, line.step) == (asked, "turn_came", "notice")
        assert line.facts["turn_since"]


def test_what_was_queued_meanwhile_is_stopped_itself(db, world, asked):
    [first, *_] = of_ira(db, world)
    tick(db, NOW)
    key = stop(db, world, first)
    with db.reading() as session:
        assert [(one.id, one.state) for one in session.exec(select(Message))] == [(key, "cancelled")]
    assert {day for day, _text in texts(db, NOW, end_of(NOW, 3))} == {date(2026, 11, 25)}


def test_what_has_left_can_not_be_stopped_nor_get_words(db, world, asked):
    [first, *_] = of_ira(db, world)
    pass_time(db, Wire(), NOW, at("2026-11-24T12:00"))
    with pytest.raises(Refused, match="message_gone"):
        stop(db, world, first)
    with pytest.raises(Refused, match="message_gone"):
        say(db, world, first)


def test_a_conductors_own_letter_of_the_morning_is_not_stopped_with_it(db, world, asked):
    """Somebody who is asked here may conduct elsewhere."""
    [first, *_] = of_ira(db, world)
    with db.writing() as session:
        morning = Message(
            person_id=world.ira,
            kind="podium",
            rule="podium",
            local_day=first.day,
            queued_at=NOW,
            send_after=at("2026-11-24T10:00"),
            updated_at=NOW,
        )
        session.add(morning)
        session.flush()
        kept = morning.id
    key = stop(db, world, first)
    with db.reading() as session:
        assert key != kept and session.get_one(Message, kept).state == "queued"


def test_a_stop_is_taken_back_while_its_day_lasts(db, world, asked):
    [first, *_] = before = of_ira(db, world)
    key = stop(db, world, first)
    for _ in range(2):
        with db.writing() as session:
            let_go(session, by(world.anna), key, now=NOW)
    assert kinds(db, "message.let_go") == 1
    after = of_ira(db, world)
    assert told(after) == told(before)
    assert told(after) == sent(db, NOW, end_of(NOW, 6))


def test_a_stop_of_a_queued_message_is_taken_back_in_the_afternoon(db, world, asked):
    tick(db, NOW)
    with db.writing() as session:
        key = session.exec(select(Message.id)).one()
        stop_message(session, by(world.anna), key, now=NOW)
    tick(db, NOW + timedelta(minutes=1))
    noon = at("2026-11-24T13:00")
    with db.writing() as session:
        let_go(session, by(world.anna), key, now=noon)
    assert [day for day, _text in texts(db, noon, at("2026-11-24T18:00"))] == [date(2026, 11, 24)]


def test_yesterdays_stop_and_what_was_never_stopped_can_not_be_taken_back(db, world, asked):
    [first, *_] = of_ira(db, world)
    key = stop(db, world, first)
    with pytest.raises(Refused), db.writing() as session:
        let_go(session, by(world.anna), key, now=at("2026-11-25T00:00"))
    with db.writing() as session:
        let_go(session, by(world.anna), key, now=at("2026-11-24T23:59"))
    tick(db, at("2026-11-24T23:59"))
    with db.reading() as session:
        waiting = session.exec(select(Message.id).where(Message.state == "queued")).one()
    with pytest.raises(Refused), db.writing() as session:
        let_go(session, by(world.anna), waiting, now=NOW)


@pytest.mark.parametrize(("who", "error"), [("ira", Forbidden), ("vera", Forbidden), ("stas", Forbidden)])
def test_only_who_conducts_says_anything_beforehand(db, world, asked, who, error):
    [first, *_] = of_ira(db, world)
    for verb in (stop, say):
        with pytest.raises(error):
            verb(db, world, first, who=getattr(world, who))
    key = stop(db, world, first)
    with pytest.raises((Forbidden, NotFound)), db.writing() as session:
        let_go(session, by(getattr(world, who)), key, now=NOW)
    with pytest.raises(NotFound), db.writing() as session:
        let_go(session, by(world.anna), 999, now=NOW)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_stopped_and_said_the_forecast_is_what_goes_out(db, world, seed):
    chance = random.Random(seed)
    people = [world.olga, world.pavel, world.ira, world.gleb, world.lena]
    begin = at("2026-11-16T09:00")
    for number in range(18):
        asked_at = begin + timedelta(hours=chance.randint(0, 160))
        ask(db, world, f"Дело {number}", chance.choice(people), now=asked_at)
    now = at("2026-11-23T12:00")
    pass_time(db, Wire(), begin, now - timedelta(seconds=1))
    until = end_of(now, 5)
    off = set()
    for _ in range(4):
        one = chance.choice([one for one in foreseen(db, world, now, until) if one.message is None])
        if chance.random() < 0.5:
            stop(db, world, one, now)
            off.add((one.day, one.person))
        else:
            say(db, world, one, f"Слова {seed}", now)
    expected = foreseen(db, world, now, until)
    with db.reading() as session:
        tasks = set(session.exec(select(Task.id).where(col(Task.turn_id).is_not(None))).all())
    assert tasks and not off & {(day, person) for day, person, _lines in told(expected)}
    assert told(expected) == sent(db, now, until)
