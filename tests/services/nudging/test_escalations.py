"""Where the bot stops and a human takes over: one card, and then silence."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import NOW, by, change
from tests.worlds.outbox import Wire, ask, at, pass_time
from tests.worlds.rounds import cards, task
from tracker.domain.terms import WaitKind
from tracker.domain.worktime import Calendar, working_time
from tracker.services.engine.clock import restamp_everything
from tracker.services.tasks.editing import WaitInput, edit_task
from tracker.tables import Card, Deadlock, DeadlockTask, Event, Person, Task


def test_nobody_answering_there_are_two_questions_then_the_conductor_then_silence(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    wire = Wire()
    sent = pass_time(db, wire, NOW, NOW + timedelta(weeks=6))
    assert [outgoing.tasks[0].step for _now, outgoing in sent] == ["notice", "n1_nodate", "n2"]
    assert cards(db)[0][:3] == ("escalation", one, world.ira) and len(cards(db)) == 1
    stored = task(db, one)
    assert stored.nudges == 2 and stored.next_at is None
    # Stalled on Wednesday at eleven; three working days after that, and on the working day after the second question.
    assert stored.stalls_at == at("2026-11-25T11:00")
    assert working_time(Calendar(), stored.stalls_at, stored.escalated_at) <= timedelta(hours=4 * 8)
    with db.reading() as session:
        kinds = session.exec(select(Event.kind).where(Event.project_id == world.project)).all()
    assert (kinds.count("message.sent"), kinds.count("card.escalation")) == (3, 1)


def test_what_waits_for_an_unclear_task_is_a_card_until_that_is_clear(db, world):
    """Its root is never asked about, so nobody would hear of it."""
    root = ask(db, world, "Формат номера", world.gleb)
    with db.writing() as session:
        edit_task(session, by(world.anna), root, None, {"status": "draft"}, now=NOW)
    waits = ask(db, world, "Поле в форме", world.ira, waiting=WaitInput(WaitKind.TASK, task_id=root))
    assert pass_time(db, Wire(), NOW, at("2026-12-10T18:00")) == []
    [(kind, task_id, _person, facts)] = cards(db)
    assert (kind, task_id, facts["rule"]) == ("escalation", waits, "conductors_own")
    assert task(db, waits).turn_id == world.anna
    with db.writing() as session:
        edit_task(session, by(world.anna), root, None, {"status": "open"}, now=at("2026-12-10T18:00"))
    assert task(db, waits).turn_id == world.gleb


def test_more_than_five_at_once_are_one_card_and_one_digest(db, world):
    ids = [ask(db, world, f"Задача {number}", world.ira) for number in range(7)]
    with db.writing() as session:
        session.execute(sa.update(Task).values(told_turn_at=NOW))
    sent = pass_time(db, Wire(), NOW, at("2026-12-10T18:00"))
    assert [len(outgoing.tasks) for _now, outgoing in sent] == [3]
    [(kind, task_id, person_id, facts)] = cards(db)
    assert (kind, task_id, person_id, facts["tasks"], facts["rule"]) == ("overload", None, world.ira, ids, "flood")
    assert all(task(db, one).escalated_at is not None for one in ids)


def test_somebody_not_invited_is_one_card_about_the_person(db, world):
    change(db, Person, world.ira, knows_bot=False)
    ids = [ask(db, world, f"Задача {number}", world.ira) for number in range(3)]
    assert pass_time(db, Wire(), NOW, at("2026-11-27T18:00")) == []
    [(kind, _task, person_id, facts)] = cards(db)
    assert (kind, person_id, facts["tasks"], facts["rule"]) == ("unreachable", world.ira, ids, "not_invited")


def test_a_decider_is_asked_and_after_decide_by_the_conductor_has_a_card(db, world):
    one = ask(db, world, "Одна кнопка или две?", world.ira)
    with db.writing() as session:
        knot = Deadlock(
            project_id=world.project,
            kind="contradiction",
            title="Кнопки",
            decider_id=world.olga,
            decide_by=date(2026, 11, 26),
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(knot)
        session.flush()
        session.add(DeadlockTask(deadlock_id=knot.id, task_id=one))
    restamp_everything(db, NOW)
    sent = pass_time(db, Wire(), NOW, at("2026-12-20T18:00"))
    assert [(outgoing.person_id, outgoing.tasks[0].step) for _now, outgoing in sent] == [
        (world.olga, "notice"),
        (world.olga, "n1_decide"),
    ]
    assert [card[:2] for card in cards(db)] == [("deadlock", one)]


def test_the_conductors_own_task_is_a_card_and_no_message(db, world):
    one = ask(db, world, "Составить план", world.anna)
    assert pass_time(db, Wire(), NOW, at("2026-12-10T18:00")) == []
    assert [card[:3] for card in cards(db)] == [("escalation", one, world.anna)]


def test_a_question_that_others_crowd_out_week_after_week_comes_to_the_conductor(db, world):
    """Gleb answers on Wednesdays, three tasks fit into a message, and each week three come that press more."""
    with db.writing() as session:
        gleb = session.get_one(Person, world.gleb)
        gleb.cadence = "2"
        session.add(gleb)
    quiet, start = ask(db, world, "Без срока", world.gleb), NOW
    before: list[int] = []
    wire = Wire()
    while task(db, quiet).escalated_at is None and start < NOW + timedelta(days=35):
        due = (start + timedelta(days=20)).date()
        pressing = [ask(db, world, f"К сроку {place}", world.gleb, now=start, needed_by=due) for place in range(3)]
        pass_time(db, wire, start, start + timedelta(days=3))
        with db.writing() as session:
            for one in before:  # asked on Wednesday
                answers.done(session, by(world.gleb), one, now=start + timedelta(days=3))
        pass_time(db, wire, start + timedelta(days=3), start + timedelta(days=7))
        start, before = start + timedelta(days=7), pressing
    assert quiet not in {one.id for message in wire.got for one in message.tasks if one.step != "notice"}
    taken = task(db, quiet).escalated_at
    assert taken is not None, "nobody knows of it"
    assert taken - task(db, quiet).stalls_at < timedelta(days=21)
    with db.reading() as session:
        assert session.exec(select(Card.kind).where(Card.task_id == quiet)).all() == ["escalation"]
