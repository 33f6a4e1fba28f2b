"""Creating and editing tasks: who may, what follows, what two editors do to one another."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.integrations import LATER, NOW, by, lay
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound
from tracker.domain.terms import Status, WaitKind, Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.editing import TaskInput, WaitInput, archive_task, create_task, edit_task, restore_task
from tracker.services.tasks.evidence import add_evidence
from tracker.tables import Card, Event, EventPayload, IntegrationMember, Membership, Task

MORNING = NOW


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def asked(db, world):
    """A task that the conductor asked of Ira, of the studio."""
    with db.writing() as session:
        given = TaskInput("Поле «телефон»", owner=world.ira, integration=world.form)
        return create_task(session, by(world.anna), world.project, given, now=NOW).id


def change(db, person, task_id, changes, *, version=None, now=LATER, behalf=None, accepted=()):
    with db.writing() as session:
        return edit_task(session, by(person, behalf), task_id, version, changes, now=now, accepted=accepted).task


def events(db, kind):
    with db.reading() as session:
        rows = session.exec(select(EventPayload.body).join(Event).where(Event.kind == kind).order_by(Event.id))
        return list(rows)


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


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        (TaskInput(""), "title", "required"),
        (TaskInput("  \u0000 "), "title", "required"),
        (TaskInput("х" * 301), "title", "too_long"),
        (TaskInput("х", notes="х" * 10_001), "notes", "too_long"),
        (TaskInput("х", status="waiting"), "status", "unknown_word"),
        (TaskInput("х", kind="epic"), "kind", "unknown_word"),
        (TaskInput("х", owner=999), "owner", "not_a_member"),
        (TaskInput("х", party=999), "party", "unknown"),
        (TaskInput("х", integration=999), "integration", "unknown"),
        (TaskInput("х", external_url="javascript:alert(1)"), "external_url", "not_a_link"),
        (TaskInput("х", needed_by=date(2126, 1, 1)), "needed_by", "date_out_of_range"),
        (TaskInput("х", waiting=WaitInput(WaitKind.OUTSIDE)), "waiting_note", "required"),
        (TaskInput("х", waiting=WaitInput(WaitKind.TASK, task_id=999)), "waiting", "unknown"),
    ],
)
def test_bad_input_names_its_field(db, world, given, field, code):
    with pytest.raises(Invalid) as refused, db.writing() as session:
        create_task(session, by(world.anna), world.project, given, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_a_text_is_kept_as_it_can_be_read(db, world, asked):
    notes = "  10\xa0000\u202f₽\r\nсемья \U0001f469\u200d\U0001f467\x07\rа\tб\u200b\ufeff "
    task = change(db, world.anna, asked, {"notes": notes})
    assert task.notes == "10 000 ₽\nсемья \U0001f469\u200d\U0001f467\nа\tб"


def test_all_errors_of_a_form_are_told_at_once(db, world):
    with pytest.raises(Invalid) as refused, db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("", owner=999, status="x"), now=NOW)
    assert {error.field for error in refused.value.errors} == {"title", "owner", "status"}


def test_a_member_of_another_project_is_nobody_here(db, world):
    with pytest.raises(Invalid), db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("х", owner=world.stas), now=NOW)


def test_somebody_who_left_the_project_can_not_be_named(db, world):
    with db.writing() as session:
        place = session.exec(select(Membership).where(Membership.person_id == world.ira)).one()
        place.archived_at = NOW
        session.add(place)
    with pytest.raises(Invalid), db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("х", owner=world.ira), now=NOW)


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


def test_an_unknown_field_is_refused(db, world, asked):
    with pytest.raises(Invalid):
        change(db, world.anna, asked, {"turn": world.anna})


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


def test_a_lead_hands_over_within_the_own_party_only(db, world, asked):
    assert change(db, world.pavel, asked, {"owner": world.pavel}).owner_id == world.pavel
    with pytest.raises(Forbidden):
        change(db, world.pavel, asked, {"owner": world.gleb})


def test_the_owner_says_how_it_goes_but_does_not_rewrite_what_was_asked(db, world, asked):
    assert change(db, world.ira, asked, {"status": "in_progress"}).status == "in_progress"
    for changes in ({"title": "Другое"}, {"owner": world.gleb}, {"needed_by": None}, {"status": "dropped"}):
        with pytest.raises(Forbidden):
            change(db, world.ira, asked, changes)


def test_an_observer_sees_and_changes_nothing(db, world, asked):
    with pytest.raises(Forbidden):
        change(db, world.vera, asked, {"status": "done"})


def test_somebody_on_the_same_integration_sees_the_outline_and_changes_nothing(db, world, asked):
    with pytest.raises(Forbidden):
        change(db, world.gleb, asked, {"status": "done"})


def test_somebody_who_is_not_on_the_integration_does_not_find_it(db, world, asked):
    with pytest.raises(NotFound):
        change(db, world.lena, asked, {"status": "done"})


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


def test_waiting_inside_the_own_party_moves_the_turn_at_once(db, world, asked):
    task = change(db, world.ira, asked, {"waiting": WaitInput(WaitKind.PERSON, person_id=world.pavel)})
    assert (task.turn_id, task.waiting_agreed, task.waiting_since) == (world.pavel, True, LATER)


def test_waiting_across_parties_goes_over_the_conductor(db, world, asked):
    task = change(db, world.ira, asked, {"waiting": WaitInput(WaitKind.PERSON, person_id=world.gleb, note="формат")})
    assert (task.turn_id, task.waiting_agreed) == (world.anna, False)
    with db.reading() as session:
        assert [(card.kind, card.task_id) for card in session.exec(select(Card))] == [("handover", asked)]


def test_the_conductors_own_wait_moves_the_turn_at_once(db, world, asked):
    task = change(db, world.anna, asked, {"waiting": WaitInput(WaitKind.PARTY, party_id=world.studio)})
    assert task.turn_id == world.pavel


def test_a_search_column_follows_the_title(db, world, asked):
    assert "емкость" in change(db, world.anna, asked, {"title": "Ёмкость склада"}).search
