"""The facts that the policy decides over: which tasks press whom."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import NOW, by, change
from tests.worlds.outbox import Wire, ask, at, pass_time
from tests.worlds.rounds import task
from tracker.domain.terms import WaitKind
from tracker.services.integrations.passports import archive_integration
from tracker.services.tasks.editing import WaitInput, edit_task
from tracker.tables import Card, Integration


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


def test_a_new_owner_is_told_and_the_one_before_hears_no_more(db, world):
    one = ask(db, world, "Прислать поля формы", world.ira)
    wire = Wire()
    pass_time(db, wire, NOW, at("2026-11-26T18:00"))
    with db.writing() as session:
        edit_task(session, by(world.anna), one, None, {"owner": world.gleb}, now=at("2026-11-26T18:30"))
    sent = pass_time(db, wire, at("2026-11-26T18:30"), at("2026-12-15T18:00"))
    assert {outgoing.person_id for _now, outgoing in sent} == {world.gleb}
    assert [outgoing.tasks[0].step for _now, outgoing in sent] == ["notice", "n1_nodate", "n2"]
