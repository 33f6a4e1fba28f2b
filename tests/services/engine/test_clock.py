"""A round of the clock: what is due is queued, put before the conductor, or left in peace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from tests.worlds.integrations import NOW, by, change
from tests.worlds.outbox import Wire, ask, at, pass_time, settle_in
from tracker.domain.nudging.digests import jitter
from tracker.domain.terms import WaitKind, Way
from tracker.domain.worktime import Calendar, working_time
from tracker.services.engine import clock
from tracker.services.engine.clock import restamp_everything, tick
from tracker.services.engine.delivery import deliver
from tracker.services.ground.journal import Actor
from tracker.services.integrations.passports import archive_integration
from tracker.services.tasks import answers
from tracker.services.tasks.editing import TaskInput, WaitInput, create_task, edit_task
from tracker.tables import (
    Absence,
    Card,
    Deadlock,
    DeadlockTask,
    Event,
    Integration,
    Membership,
    Message,
    MessageTask,
    Person,
    Project,
    Task,
)

MORNING = at("2026-11-24T10:00")


@pytest.fixture
def world(db):
    return settle_in(db)


def messages(db):
    with db.reading() as session:
        return list(session.exec(select(Message).order_by(col(Message.id))))


def steps(db, message_id):
    with db.reading() as session:
        query = select(MessageTask.task_id, MessageTask.step).where(
            MessageTask.message_id == message_id, MessageTask.cancelled == ""
        )
        return session.exec(query.order_by(col(MessageTask.position))).all()


def task(db, task_id):
    with db.reading() as session:
        return session.get_one(Task, task_id)


def cards(db):
    with db.reading() as session:
        return [
            (card.kind, card.task_id, card.person_id, card.facts)
            for card in session.exec(select(Card).order_by(col(Card.id)))
        ]


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


def test_an_answer_starts_the_count_afresh(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    wire = Wire()
    pass_time(db, wire, NOW, at("2026-11-26T18:00"))
    assert task(db, one).nudges == 1
    with db.writing() as session:
        answers.in_progress(session, by(world.ira), one, now=at("2026-11-27T12:00"))
    sent = pass_time(db, wire, at("2026-11-27T12:00"), at("2026-12-01T11:00"))
    assert sent == []
    sent = pass_time(db, wire, at("2026-12-01T11:30"), at("2026-12-02T11:00"))
    assert [outgoing.tasks[0].step for _now, outgoing in sent] == ["n1_nodate"]
    assert task(db, one).nudges == 1


def test_a_promise_is_trusted_until_the_morning_after_it(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira, needed_by=date(2026, 12, 20))
    with db.writing() as session:
        answers.promise(session, by(world.ira), one, date(2026, 12, 4), now=NOW + timedelta(hours=1))
    sent = pass_time(db, Wire(), NOW + timedelta(hours=1), at("2026-12-07T18:00"))
    assert [(now.date(), outgoing.tasks[0].step) for now, outgoing in sent] == [
        (date(2026, 12, 3), "heads_up"),
        (date(2026, 12, 7), "n1_promise"),
    ]


def test_only_the_root_of_a_chain_is_asked_about(db, world):
    root = ask(db, world, "Формат номера", world.gleb)
    ask(db, world, "Поле в форме", world.ira, waiting=WaitInput(WaitKind.TASK, task_id=root))
    sent = pass_time(db, Wire(), NOW, at("2026-11-26T18:00"))
    assert {named.id for _now, outgoing in sent for named in outgoing.tasks} == {root}


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


def test_an_invitation_is_enough_to_be_written_to(db, world):
    change(db, Person, world.ira, knows_bot=False)
    with db.writing() as session:
        session.execute(sa.update(Membership).where(Membership.person_id == world.ira).values(invited_at=NOW))
    ask(db, world, "Прислать поля формы", world.ira)
    assert len(tick(db, NOW).queued) == 1


def test_a_deputy_who_is_a_member_gets_the_messages_of_both(db, world):
    with db.writing() as session:
        session.add(Absence(person_id=world.gleb, first=date(2026, 11, 23), last=date(2026, 11, 27)))
    change(db, Person, world.gleb, deputy_id=world.lena)
    own = ask(db, world, "Своя", world.lena)
    stood_in = ask(db, world, "За Глеба", world.gleb)
    sent = pass_time(db, Wire(), NOW, at("2026-11-24T18:00"))
    assert [(outgoing.person_id, [one.id for one in outgoing.tasks]) for _now, outgoing in sent] == [
        (world.lena, [own, stood_in])
    ]
    assert task(db, stood_in).turn_id == world.gleb


def test_a_deputy_from_outside_the_project_gets_nothing(db, world):
    with db.writing() as session:
        session.add(Absence(person_id=world.gleb, first=date(2026, 11, 23), last=date(2026, 11, 27)))
    change(db, Person, world.stas, telegram_chat_id=5, knows_bot=True)
    change(db, Person, world.gleb, deputy_id=world.stas)
    ask(db, world, "За Глеба", world.gleb)
    assert pass_time(db, Wire(), NOW, at("2026-11-27T18:00")) == []


def test_a_decider_is_asked_and_after_decide_by_the_conductor_has_a_card(db, world):
    one = ask(db, world, "Одна кнопка или две?", world.ira)
    with db.writing() as session:
        knot = Deadlock(
            project_id=world.project, kind="contradiction", title="Кнопки", decider_id=world.olga,
            decide_by=date(2026, 11, 26), created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(knot)
        session.flush()
        session.add(DeadlockTask(deadlock_id=knot.id, task_id=one))
    restamp_everything(db, NOW)
    sent = pass_time(db, Wire(), NOW, at("2026-12-20T18:00"))
    assert [(outgoing.person_id, outgoing.tasks[0].step) for _now, outgoing in sent] == [
        (world.olga, "notice"), (world.olga, "n1_decide"),
    ]  # fmt: skip
    assert [card[:2] for card in cards(db)] == [("deadlock", one)]


def test_the_conductors_own_task_is_a_card_and_no_message(db, world):
    one = ask(db, world, "Составить план", world.anna)
    assert pass_time(db, Wire(), NOW, at("2026-12-10T18:00")) == []
    assert [card[:3] for card in cards(db)] == [("escalation", one, world.anna)]


@pytest.mark.parametrize(("put_away", "why"), [(False, "date_near"), (True, "silence")])
def test_the_launch_of_an_integration_that_was_put_away_presses_nobody(db, world, put_away, why):
    change(db, Integration, world.form, launch_on=date(2026, 11, 26))
    ask(db, world, "Прислать поля формы", world.ira, integration=world.form)
    if put_away:
        with db.writing() as session:
            archive_integration(session, by(world.anna), world.form, now=NOW)
    pass_time(db, Wire(), NOW, at("2026-12-10T18:00"))
    with db.reading() as session:
        assert [card.facts["rule"] for card in session.exec(select(Card))] == [why]


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


def test_a_new_owner_is_told_and_the_one_before_hears_no_more(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    wire = Wire()
    pass_time(db, wire, NOW, at("2026-11-26T18:00"))
    with db.writing() as session:
        edit_task(session, by(world.anna), one, None, {"owner": world.gleb}, now=at("2026-11-26T18:30"))
    sent = pass_time(db, wire, at("2026-11-26T18:30"), at("2026-12-15T18:00"))
    assert {outgoing.person_id for _now, outgoing in sent} == {world.gleb}
    assert [outgoing.tasks[0].step for _now, outgoing in sent] == ["notice", "n1_nodate", "n2"]


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
