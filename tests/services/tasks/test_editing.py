"""Creating and editing tasks: what follows, and what two editors do to one another."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.integrations import LATER, NOW, by
from tests.worlds.tasks import change, events
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound
from tracker.domain.terms import Status, Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.editing import TaskInput, archive_task, create_task, edit_task, restore_task
from tracker.services.tasks.evidence import add_evidence
from tracker.tables import Event, IntegrationMember, Task


def test_a_new_task_has_a_number_a_party_a_turn_and_a_row_in_the_journal(db, world, asked):
    with db.reading() as session:
        task = session.get_one(Task, asked)
        assert (task.number, task.status, task.party_id, task.turn_id) == (1, "open", world.studio, world.ira)
        assert task.stalls_at is not None and task.version == 1
    assert events(db, "task.created")[0]["changes"]["title"] == [None, "Поле «телефон»"]


def test_numbers_count_per_project_and_are_never_given_twice(db, world, asked):
    with db.writing() as session:
        second = create_task(session, by(world.anna), world.project, TaskInput("Вторая"), now=NOW)
        foreign = create_task(session, by(world.stas), world.other, TaskInput("Чужая"), now=NOW)
        archive_task(session, by(world.anna), second.id, now=NOW)
        third = create_task(session, by(world.anna), world.project, TaskInput("Третья"), now=NOW)
        assert (second.number, foreign.number, third.number) == (2, 1, 3)


@pytest.mark.parametrize("who", ["olga", "pavel", "ira", "vera"])
def test_only_the_conductor_asks_for_things(db, world, who):
    with pytest.raises(Forbidden), db.writing() as session:
        create_task(session, by(getattr(world, who)), world.project, TaskInput("Задача"), now=NOW)


def test_an_outsider_finds_no_project_and_no_task(db, world, asked):
    with pytest.raises(NotFound), db.writing() as session:
        create_task(session, by(world.stas), world.project, TaskInput("Задача"), now=NOW)
    with pytest.raises(NotFound):
        change(db, world.stas, asked, {"title": "Моё"})


def test_an_unknown_id_is_not_found(db, world):
    with pytest.raises(NotFound):
        change(db, world.anna, 999_999, {"title": "Нет такой"})


def test_nobody_without_a_person_acts_through_the_browser(db, world, asked):
    with pytest.raises(NotFound), db.writing() as session:
        edit_task(session, Actor(None, Way.WEB), asked, None, {"title": "х"}, now=NOW)


def test_a_task_without_anybody_to_ask_is_unclear_until_somebody_is_named(db, world):
    with db.writing() as session:
        task = create_task(session, by(world.anna), world.project, TaskInput("Кто меняет DNS?"), now=NOW)
        assert (task.status, task.turn_id, task.stalls_at) == ("draft", world.anna, None)
    named = change(db, world.anna, task.id, {"owner": world.gleb})
    assert (named.status, named.turn_id, named.party_id) == ("open", world.gleb, world.crm)


def test_a_draft_that_has_an_owner_stays_a_draft_when_the_owner_changes(db, world):
    with db.writing() as session:
        given = TaskInput("Одна кнопка или две?", status="draft", owner=world.ira)
        task = create_task(session, by(world.anna), world.project, given, now=NOW)
    assert change(db, world.anna, task.id, {"owner": world.gleb}).status == "draft"


def test_an_edit_says_from_and_to_and_raises_the_version(db, world, asked):
    task = change(db, world.anna, asked, {"needed_by": date(2026, 12, 1)}, version=1)
    assert (task.needed_by, task.version) == (date(2026, 12, 1), 2)
    assert events(db, "task.changed") == [{"changes": {"needed_by": [None, "2026-12-01"]}, "version": 2}]


def test_the_same_edit_twice_is_one_change(db, world, asked):
    change(db, world.anna, asked, {"priority": "high"})
    task = change(db, world.anna, asked, {"priority": "high"})
    assert task.version == 2 and len(events(db, "task.changed")) == 1


def test_two_people_editing_different_fields_both_win(db, world, asked):
    change(db, world.anna, asked, {"priority": "high"}, version=1)
    task = change(db, world.anna, asked, {"notes": "Маска +7"}, version=1)
    assert (task.priority, task.notes, task.version) == ("high", "Маска +7", 3)


def test_a_stale_edit_of_the_same_field_shows_both_values(db, world, asked):
    change(db, world.anna, asked, {"owner": world.gleb}, version=1)
    with pytest.raises(Conflict) as met:
        change(db, world.anna, asked, {"owner": world.lena}, version=1)
    assert met.value.both == {"owner": (world.gleb, world.lena)} and met.value.version == 2


def test_a_stale_edit_to_the_value_it_already_has_is_no_conflict(db, world, asked):
    change(db, world.anna, asked, {"owner": world.gleb}, version=1)
    assert change(db, world.anna, asked, {"owner": world.gleb}, version=1).version == 2


def test_a_version_from_the_future_is_bad_input(db, world, asked):
    with pytest.raises(Invalid):
        change(db, world.anna, asked, {"notes": "х"}, version=7)


def test_a_new_owner_takes_the_turn_and_the_former_ones_date_goes(db, world, asked):
    change(db, world.ira, asked, {"promised_on": date(2026, 11, 27)})
    task = change(db, world.anna, asked, {"owner": world.gleb}, now=LATER + timedelta(hours=1))
    assert (task.turn_id, task.promised_on, task.party_id, task.told_turn_at) == (world.gleb, None, world.crm, None)
    assert task.episode == 4  # the first turn, the promise, the new turn: each began one, and the row began with 1


def test_whoever_becomes_owner_or_checker_is_put_on_the_integration(db, world, asked):
    change(db, world.anna, asked, {"owner": world.lena, "checker": world.olga})
    with db.reading() as session:
        query = select(IntegrationMember.person_id).where(IntegrationMember.integration_id == world.form)
        assert {world.lena, world.olga} <= set(session.exec(query))


def test_done_ends_the_turn_and_bringing_back_starts_it_afresh(db, world, asked):
    task = change(db, world.anna, asked, {"status": "done"})
    assert (task.turn_id, task.stalls_at, task.next_at) == (None, None, None) and task.finished_at == LATER
    task = change(db, world.anna, asked, {"status": "open"}, now=LATER + timedelta(days=1))
    assert (task.turn_id, task.finished_at) == (world.ira, None) and task.stalls_at > LATER + timedelta(days=1)


def test_a_task_that_asks_for_evidence_is_not_done_by_a_word(db, world, asked):
    change(db, world.anna, asked, {"asks_evidence": True, "checker": world.olga})
    with pytest.raises(Invalid) as refused:
        change(db, world.ira, asked, {"status": "done"})
    assert refused.value.errors[0].code == "evidence_needed"
    with db.writing() as session:
        add_evidence(session, by(world.ira), asked, url="https://test.example/form", now=LATER)
    task = change(db, world.ira, asked, {"status": "done"})
    assert (task.status, task.turn_id) == (Status.REVIEW, world.olga)
    assert change(db, world.olga, asked, {"status": "done"}).status == "done"


def test_a_checker_who_is_the_doer_reads_a_warning_first(db, world, asked):
    change(db, world.anna, asked, {"checker": world.ira})
    with pytest.raises(Invalid) as refused:
        change(db, world.ira, asked, {"status": "done"})
    assert refused.value.errors[0].code == "own_check"
    assert change(db, world.ira, asked, {"status": "done"}, accepted=("own_check",)).status == "done"


def test_the_edit_of_the_person_of_the_turn_is_progress_and_the_conductors_is_not(db, world, asked):
    assert change(db, world.anna, asked, {"priority": "low", "status": "in_progress"}).progress_at is None
    task = change(db, world.ira, asked, {"promised_on": date(2026, 11, 30)})
    assert task.progress_at == LATER and task.promised_at == LATER


def test_on_behalf_of_the_person_of_the_turn_it_counts_as_theirs(db, world, asked):
    task = change(db, world.anna, asked, {"status": "in_progress"}, behalf=world.ira)
    assert task.progress_at == LATER
    with db.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "task.changed")).one()
        assert (event.actor_id, event.behalf_id) == (world.anna, world.ira)


def test_moving_a_promise_is_counted(db, world, asked):
    for day in (27, 28, 30):
        task = change(db, world.ira, asked, {"promised_on": date(2026, 11, day)}, now=LATER + timedelta(minutes=day))
    assert task.promise_moves == 2


def test_put_away_and_brought_back_and_twice(db, world, asked):
    with db.writing() as session:
        assert archive_task(session, by(world.anna), asked, now=LATER).turn_id is None
        assert archive_task(session, by(world.anna), asked, now=LATER).version == 2
        assert restore_task(session, by(world.anna), asked, now=LATER).turn_id == world.ira
    with pytest.raises(Forbidden), db.writing() as session:
        archive_task(session, by(world.ira), asked, now=LATER)


def test_a_search_column_follows_the_title(db, world, asked):
    assert "емкость" in change(db, world.anna, asked, {"title": "Ёмкость склада"}).search
