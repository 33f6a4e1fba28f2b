"""The conductor's own words in front of a message that is only foreseen."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.telling.answers import in_progress
from tests.worlds.foreseen import NOW, WORDS, end_of, kinds, of_ira, say, stop, texts, worded
from tests.worlds.integrations import by
from tests.worlds.outbox import Wire, ask, at
from tracker.domain.errors import Invalid, Refused
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.messages.beforehand import say_before
from tracker.services.messages.handling import approve_message, stop_message
from tracker.services.nudging.message_facts import letters_of
from tracker.tables import Foreword, Message, Project
from tracker.wording.messages import plain_of


@pytest.fixture
def asked(db, world):
    """Not looked at by the clock yet: the notice of Tuesday is foreseen, and not queued."""
    return ask(db, world, "Прислать поля формы", world.ira)


def test_own_words_stand_in_front_once_and_after_the_greeting(db, world, asked):
    [first, *_] = of_ira(db, world)
    for _ in range(2):
        say(db, world, first)
    assert kinds(db, "message.foreword") == 1, "twice is once"
    foretold = worded(db, world, of_ira(db, world))
    said = texts(db, NOW, end_of(NOW, 6))
    assert said == foretold, "what goes out is what was foreseen, in every word"
    assert [text.count(WORDS) for _day, text in said] == [1, 0]
    assert said[0][1].startswith(f"Добрый день!\n{WORDS}\nТеперь ваш ход")


def test_words_move_with_what_they_are_about(db, world, asked):
    """Stopped on its day, the message comes on the next, and the words with it."""
    [first, *_] = of_ira(db, world)
    say(db, world, first)
    stop(db, world, first)
    foretold = worded(db, world, of_ira(db, world))
    assert WORDS in foretold[0][1]
    assert texts(db, NOW, end_of(NOW, 6)) == foretold


def test_words_about_what_was_answered_are_not_said_in_front_of_something_else(db, world, asked):
    [first, *_] = of_ira(db, world)
    say(db, world, first)
    ask(db, world, "Другое дело", world.ira, now=NOW)
    with db.writing() as session:
        in_progress(session, by(world.ira), asked, now=NOW)
    assert all(WORDS not in text for _day, text in texts(db, NOW, end_of(NOW, 2)))


def test_what_is_answered_after_it_was_queued_takes_its_words_along(db, world, asked):
    ask(db, world, "Другое дело", world.ira, now=NOW)
    [first, *_] = of_ira(db, world)
    assert len(first.tasks) == 2
    with db.writing() as session:
        say_before(session, by(world.anna), world.project, first._replace(tasks=first.tasks[:1]), WORDS, now=NOW)
    tick(db, NOW)
    morning = at("2026-11-24T10:50")
    with db.writing() as session:
        session.exec(select(Foreword)).one()
        in_progress(session, by(world.ira), first.tasks[0].task, now=morning - timedelta(minutes=5))
    wire = Wire()
    deliver(db, morning, {"telegram": wire})
    assert len(wire.got) == 1 and WORDS not in wire.got[0].plain


def test_an_empty_text_takes_words_back_and_another_one_takes_their_place(db, world, asked):
    [first, *_] = of_ira(db, world)
    say(db, world, first, "")
    assert kinds(db, "message.foreword_dropped") == 0, "there was nothing to take back"
    say(db, world, first, "Первые слова")
    say(db, world, first, "Вторые слова")
    assert "Вторые слова" in worded(db, world, of_ira(db, world))[0][1]
    say(db, world, first, "  ")
    assert kinds(db, "message.foreword_dropped") == 1
    assert all("слова" not in text for _day, text in texts(db, NOW, end_of(NOW, 2)))


def test_too_many_words_are_refused(db, world, asked):
    [first, *_] = of_ira(db, world)
    say(db, world, first, "а" * 1000)
    with pytest.raises(Invalid):
        say(db, world, first, "а" * 1001)


def test_what_is_queued_is_reworded_itself(db, world, asked):
    [first, *_] = of_ira(db, world)
    tick(db, NOW)
    with pytest.raises(Refused, match="message_queued"):
        say(db, world, first)


def test_words_are_there_when_approval_is_asked_for_and_leave_as_they_were_approved(db, world, asked):
    with db.writing() as session:
        project = session.get_one(Project, world.project)
        project.messages = "approve"
        session.add(project)
    [first, *_] = of_ira(db, world)
    say(db, world, first)
    tick(db, NOW)
    with db.writing() as session:
        held = session.exec(select(Message).where(Message.state == "held")).one()
        [letter] = letters_of(session, [held])
        read = plain_of(letter)
        approve_message(session, by(world.anna), held.id, now=NOW)
    assert WORDS in read
    assert [text for _day, text in texts(db, NOW, at("2026-11-24T18:00"))] == [read]


def test_a_message_that_is_cancelled_gives_its_words_free_again(db, world, asked):
    """Queued with them, taken out since the day was spent otherwise: the next one says them."""
    [first, *_] = of_ira(db, world)
    say(db, world, first)
    tick(db, NOW)
    with db.writing() as session:
        stop_message(session, by(world.anna), session.exec(select(Message.id)).one(), now=NOW)
    said = texts(db, NOW, end_of(NOW, 6))
    assert [text.count(WORDS) for _day, text in said] == [1, 0]


def test_a_process_that_dies_while_sending_says_the_words_to_nobody_twice(db, world, asked):
    [first, *_] = of_ira(db, world)
    say(db, world, first)
    tick(db, NOW)

    def die(_outgoing):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(db, at("2026-11-24T11:00"), {"telegram": die})
    said = texts(db, at("2026-11-24T11:10"), end_of(NOW, 6))
    assert said and all(WORDS not in text for _day, text in said), "they may have been read"
