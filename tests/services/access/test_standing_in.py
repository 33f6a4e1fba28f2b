"""While somebody is away, the deputy they named acts on their turns; before, after and elsewhere they do not."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests.telling import answers
from tests.worlds.integrations import NOW, by, lay
from tracker.domain.errors import Forbidden, NotFound
from tracker.domain.terms import Way
from tracker.services.access.loading import find_task, project_by_key, standing
from tracker.services.ground.journal import Actor
from tracker.services.integrations.launch import accept_accountability
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.people.absences import add_absence
from tracker.services.people.persons import edit_person
from tracker.services.podium.steps import steps_of
from tracker.services.tasks.comments import add_comment, comments_of
from tracker.services.tasks.editing import TaskInput, create_task, edit_task
from tracker.services.tasks.evidence import add_evidence, evidence_of_task, remove_evidence
from tracker.tables import Event, EventPayload, Person, Task

FIRST, LAST = date(2026, 11, 23), date(2026, 11, 27)
END = datetime(2026, 11, 27, 21, tzinfo=UTC)
"""Midnight in Moscow, where Ira is: the first moment after her absence."""


@pytest.fixture
def world(db):
    """Ira is away for the week, Lena stands in. They belong to different parties."""
    with db.writing() as session:
        world = lay(session)
        edit_person(session, by(world.anna), world.ira, None, {"deputy": world.lena}, now=NOW)
        add_absence(session, by(world.anna), world.ira, FIRST, LAST, now=NOW)
    return world


@pytest.fixture
def asked(db, world):
    with db.writing() as session:
        given = TaskInput("Поле «телефон»", owner=world.ira, integration=world.form)
        return create_task(session, by(world.anna), world.project, given, now=NOW).id


def at(person, now=NOW, behalf=None, way=Way.TELEGRAM):
    return Actor(person, way, behalf, now)


def tap(db, verb, actor, *args, **named):
    with db.writing() as session:
        return verb(session, actor, *args, now=actor.at or NOW, **named)


def last_event(db, kind):
    with db.reading() as session:
        query = select(Event, EventPayload.body).join(EventPayload, EventPayload.event_id == Event.id)
        return session.exec(query.where(Event.kind == kind).order_by(Event.id.desc())).first()


def test_an_answer_of_the_deputy_is_journaled_as_theirs_and_counts_for_the_one_who_is_away(db, world, asked):
    answer = tap(db, answers.in_progress, at(world.lena), asked)
    assert (answer.task.status, answer.task.turn_id, answer.task.progress_at) == ("in_progress", world.ira, NOW)
    event, body = last_event(db, "task.changed")
    assert (event.actor_id, event.behalf_id, body["deputy"]) == (world.lena, world.ira, True)
    with db.reading() as session:
        assert session.get_one(Person, world.ira).last_answer_at == NOW


def test_the_deputy_may_give_every_answer(db, world, asked):
    lena = at(world.lena)
    assert tap(db, answers.promise, lena, asked, date(2026, 11, 30)).task.promised_on == date(2026, 11, 30)
    assert tap(db, answers.later, lena, asked, date(2026, 12, 1)).outcome == "noted"
    assert tap(db, answers.done, lena, asked).outcome == "done"
    with pytest.raises(NotFound):
        tap(db, answers.done, lena, asked)
    with db.writing() as session:
        other = create_task(session, by(world.anna), world.project, TaskInput("Ещё", owner=world.ira), now=NOW).id
    assert tap(db, answers.need_help, lena, other, "нужен доступ").task.turn_id == world.anna


@pytest.mark.parametrize(
    ("now", "may"),
    [(NOW - timedelta(days=1), False), (END - timedelta(seconds=1), True), (END, False)],
    ids=["the day before", "the last second", "the first moment after"],
)
def test_only_while_the_other_is_away_by_their_own_calendar(db, world, asked, now, may):
    if may:
        assert tap(db, answers.in_progress, at(world.lena, now), asked).outcome == "noted"
        return
    with pytest.raises(NotFound):
        tap(db, answers.in_progress, at(world.lena, now), asked)


def test_without_a_moment_nobody_stands_in(db, world, asked):
    with db.reading() as session, pytest.raises(NotFound):
        find_task(session, by(world.lena), asked)


def test_the_last_second_is_that_of_the_persons_own_zone(db, world, asked):
    with db.writing() as session:
        edit_person(session, by(world.anna), world.ira, None, {"timezone": "Asia/Vladivostok"}, now=NOW)
    with pytest.raises(NotFound):
        tap(db, answers.in_progress, at(world.lena, END - timedelta(hours=7)), asked)


def test_only_what_is_their_turn_not_what_is_theirs(db, world, asked):
    with db.writing() as session:
        edit_task(session, by(world.anna), asked, None, {"checker": world.olga, "status": "review"}, now=NOW)
        assert session.get_one(Task, asked).turn_id == world.olga
    with pytest.raises(NotFound):
        tap(db, answers.done, at(world.lena), asked)


def test_who_only_looks_on_stands_in_for_nobody(db, world, asked):
    with db.writing() as session:
        edit_person(session, by(world.anna), world.ira, None, {"deputy": world.vera}, now=NOW)
    with db.reading() as session:
        assert standing(session, at(world.vera), world.project).stands_for == frozenset()
        assert steps_of(session, world.vera, now=NOW) == []
    with pytest.raises(Forbidden):
        tap(db, answers.done, at(world.vera), asked)


def test_a_deputy_of_another_project_finds_nothing(db, world, asked):
    with db.writing() as session:
        person = session.get_one(Person, world.ira)
        person.deputy_id = world.stas
        session.add(person)
    with pytest.raises(NotFound):
        tap(db, answers.done, at(world.stas), asked)


def test_standing_in_does_not_pass_on(db, world, asked):
    """Ira's deputy is away as well: theirs does not stand in for Ira."""
    with db.writing() as session:
        edit_person(session, by(world.anna), world.lena, None, {"deputy": world.olga}, now=NOW)
        add_absence(session, by(world.anna), world.lena, FIRST, LAST, now=NOW)
    with db.reading() as session:
        assert standing(session, at(world.olga), world.project).stands_for == {world.lena}
    with pytest.raises(NotFound):
        tap(db, answers.done, at(world.olga), asked)


def test_another_colleague_still_finds_nothing(db, world, asked):
    with pytest.raises(NotFound):
        tap(db, answers.done, at(world.olga), asked)
    with pytest.raises(NotFound):
        tap(db, answers.done, at(world.lena), 10**6)


def test_words_and_evidence_are_the_deputys_own_and_answer_for_the_other(db, world, asked):
    lena = at(world.lena)
    tap(db, add_comment, lena, asked, "Смотрим")
    piece = tap(db, add_evidence, lena, asked, url="https://example.org/shot").id
    with db.reading() as session:
        seen = find_task(session, lena, asked)
        [remark] = comments_of(session, seen)
        [shown] = evidence_of_task(session, seen)
        assert (remark.person, remark.noted_by, shown.person) == ("Lena", "", "Lena")
        assert session.get_one(Task, asked).progress_at == NOW
    tap(db, remove_evidence, lena, piece)
    with db.reading() as session:
        assert evidence_of_task(session, find_task(session, lena, asked)) == []


def test_what_is_awaited_of_the_absent_one_is_passed_back_by_the_deputy(db, world):
    from tracker.domain.terms import WaitKind
    from tracker.services.tasks.fields import WaitInput

    with db.writing() as session:
        task = create_task(session, by(world.anna), world.project, TaskInput("Приёмка", owner=world.pavel), now=NOW).id
        waiting = WaitInput(WaitKind.PERSON, person_id=world.ira)
        edit_task(session, by(world.pavel), task, None, {"waiting": waiting}, now=NOW)
        assert session.get_one(Task, task).turn_id == world.ira
    answer = tap(db, answers.done, at(world.lena), task)
    assert (answer.outcome, answer.task.turn_id) == ("passed_back", world.pavel)


def test_in_place_a_deputy_changes_what_the_person_of_the_turn_may(db, world, asked):
    lena = at(world.lena, way=Way.WEB)
    assert tap(db, edit_task, lena, asked, None, {"promised_on": LAST}).task.promised_on == LAST
    event, _body = last_event(db, "task.changed")
    assert (event.actor_id, event.behalf_id) == (world.lena, world.ira)
    with pytest.raises(Forbidden):
        tap(db, edit_task, lena, asked, None, {"title": "Иначе"})


def test_who_has_a_right_of_their_own_edits_by_it(db, world, asked):
    with db.writing() as session:
        edit_person(session, by(world.anna), world.ira, None, {"deputy": world.anna}, now=NOW)
    tap(db, edit_task, at(world.anna, way=Way.WEB), asked, None, {"priority": "high"})
    event, _body = last_event(db, "task.changed")
    assert (event.actor_id, event.behalf_id) == (world.anna, None)


def test_to_say_for_whom_is_the_same_and_for_others_refused(db, world, asked):
    tap(db, answers.in_progress, at(world.lena, behalf=world.ira), asked)
    event, body = last_event(db, "task.changed")
    assert (event.behalf_id, body["deputy"]) == (world.ira, True)
    with pytest.raises(Forbidden):
        tap(db, answers.in_progress, at(world.lena, behalf=world.pavel), asked)


def test_a_deputy_takes_no_launch_on_in_anothers_name(db, world):
    with db.writing() as session:
        given = IntegrationInput("Касса", accountable=world.ira)
        joint = create_integration(session, by(world.anna), world.project, given, now=NOW).id
    with pytest.raises((Forbidden, NotFound)):
        tap(db, accept_accountability, at(world.lena, behalf=world.ira), joint)


def test_the_steps_of_the_absent_one_come_after_ones_own(db, world, asked):
    with db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("Своё", owner=world.lena), now=NOW)
    with db.reading() as session:
        found = steps_of(session, world.lena, now=NOW)
        assert [(step.title, step.covered, step.asks(world.lena)) for step in found] == [
            ("Своё", False, True),
            ("Поле «телефон»", True, True),
        ]
        assert [step.title for step in steps_of(session, world.lena, now=END)] == ["Своё"]


def test_whom_one_stands_in_for_costs_a_page_no_statement(db, world, asked):
    said = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    def statements(now):
        del said[:]
        with db.reading() as session:
            mine = project_by_key(session, at(world.lena, now), "LAVKA")[1]
        return len(said), mine.stands_for

    statements(NOW)
    assert statements(NOW)[1] == {world.ira}
    assert statements(NOW)[0] == statements(END)[0]
    assert not any("absence" in one for one in said)


def test_a_deputy_who_only_looks_on_does_not_keep_the_clock_running(db, world, asked):
    with db.reading() as session:
        covered = session.get_one(Task, asked).stalls_at
    with db.writing() as session:
        edit_person(session, by(world.anna), world.ira, None, {"deputy": world.vera}, now=NOW)
    with db.reading() as session:
        assert session.get_one(Task, asked).stalls_at > covered, "nobody is there who could answer"
