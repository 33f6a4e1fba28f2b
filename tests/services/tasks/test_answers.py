"""The one set of answers, and what each does to the turn, the promise and the conductor's cards."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds import answering as answers
from tests.worlds.integrations import LATER, NOW, by, lay
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.domain.terms import WaitKind, Way
from tracker.services.access.loading import find_task
from tracker.services.tasks.cards import open_cards, settle_card
from tracker.services.tasks.comments import add_comment, comments_of
from tracker.services.tasks.editing import TaskInput, WaitInput, create_task, edit_task
from tracker.services.tasks.evidence import add_evidence, evidence_of_task, remove_evidence
from tracker.services.tasks.waiting import pass_on
from tracker.tables import Card, Event, Person, Stretch, Task


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def asked(db, world):
    with db.writing() as session:
        given = TaskInput("Поле «телефон»", owner=world.ira, integration=world.form)
        return create_task(session, by(world.anna), world.project, given, now=NOW).id


def tap(db, verb, person, task_id, *args, behalf=None, now=LATER, **named):
    with db.writing() as session:
        return verb(session, by(person, behalf, Way.TELEGRAM), task_id, *args, now=now, **named)


def cards(db):
    with db.reading() as session:
        return [(card.kind, card.note) for card in session.exec(select(Card).where(Card.settled_at.is_(None)))]


def test_a_step_agreed_in_somebodys_absence_is_theirs_from_their_first_answer_on(db, world):
    with db.writing() as session:
        given = TaskInput("Прислать формат", owner=world.ira, confirmed=False)
        step = create_task(session, by(world.anna), world.project, given, now=NOW).id
        edit_task(session, by(world.anna), step, None, {"priority": "high"}, now=NOW)
        assert not session.get_one(Task, step).confirmed
    assert tap(db, answers.promise, world.ira, step, date(2026, 11, 27)).task.confirmed


def test_done_is_done_where_nobody_checks(db, world, asked):
    answer = tap(db, answers.done, world.ira, asked)
    assert (answer.outcome, answer.task.status, answer.task.turn_id) == ("done", "done", None)


def test_done_twice_changes_nothing(db, world, asked):
    tap(db, answers.done, world.ira, asked)
    answer = tap(db, answers.done, world.ira, asked, now=LATER + timedelta(minutes=1))
    assert (answer.outcome, answer.task.version) == ("nothing_new", 2)


def test_done_with_a_checker_is_review(db, world, asked):
    with db.writing() as session:
        edit_task(session, by(world.anna), asked, None, {"checker": world.olga}, now=NOW)
    answer = tap(db, answers.done, world.ira, asked)
    assert (answer.outcome, answer.task.turn_id) == ("review", world.olga)
    assert tap(db, answers.done, world.ira, asked, now=LATER).outcome == "nothing_new"
    assert tap(db, answers.done, world.olga, asked, now=LATER).outcome == "done"


def test_done_without_evidence_is_a_claim_that_counts_as_an_answer(db, world, asked):
    with db.writing() as session:
        edit_task(session, by(world.anna), asked, None, {"asks_evidence": True}, now=NOW)
    answer = tap(db, answers.done, world.ira, asked)
    assert (answer.outcome, answer.task.status, answer.task.progress_at) == ("evidence_needed", "open", LATER)


def test_in_progress_counts_even_where_the_status_says_so_already(db, world, asked):
    tap(db, answers.in_progress, world.ira, asked)
    answer = tap(db, answers.in_progress, world.ira, asked, now=LATER + timedelta(days=1))
    assert (answer.task.status, answer.task.progress_at) == ("in_progress", LATER + timedelta(days=1))


def test_a_date_is_a_promise_and_silence_until_the_morning_after(db, world, asked):
    answer = tap(db, answers.promise, world.ira, asked, date(2026, 11, 26))
    assert answer.task.promised_on == date(2026, 11, 26)
    assert answer.task.stalls_at.isoformat() == "2026-11-27T07:00:00+00:00"


@pytest.mark.parametrize(
    ("day", "code"), [(date(2026, 11, 22), "date_in_past"), (date(2028, 1, 1), "date_out_of_range")]
)
def test_a_date_has_to_lie_ahead_and_within_a_year(db, world, asked, day, code):
    with pytest.raises(Invalid) as refused:
        tap(db, answers.promise, world.ira, asked, day)
    assert refused.value.errors[0].code == code


def test_a_date_that_moves_three_times_is_told_to_the_conductor_without_reproach(db, world, asked):
    for day in (24, 25, 26, 27):
        tap(db, answers.promise, world.ira, asked, date(2026, 11, day), now=LATER + timedelta(minutes=day))
    assert [kind for kind, _ in cards(db)] == ["promise_moves"]


def test_help_reaches_the_conductor_at_once_and_comes_back_when_they_have_acted(db, world, asked):
    answer = tap(db, answers.need_help, world.ira, asked, "Нет доступа к тестовой форме", world.gleb)
    assert (answer.task.turn_id, answer.task.owner_id) == (world.anna, world.ira)
    assert cards(db) == [("help", "Нет доступа к тестовой форме")]
    back = tap(db, answers.done, world.anna, asked)
    assert (back.outcome, back.task.turn_id, back.task.help_at) == ("passed_back", world.ira, None)


def test_not_mine_gives_the_turn_to_the_conductor_and_a_new_owner_ends_it(db, world, asked):
    tap(db, answers.not_mine, world.ira, asked, "Это у CRM")
    assert cards(db) == [("not_mine", "Это у CRM")]
    with db.writing() as session:
        task = edit_task(session, by(world.anna), asked, None, {"owner": world.gleb}, now=LATER).task
        assert (task.turn_id, task.waiting_kind) == (world.gleb, None)
    assert cards(db) == []


def test_what_was_written_for_a_task_that_is_finished_meanwhile_is_kept_as_a_comment(db, world, asked):
    tap(db, answers.done, world.ira, asked)
    for verb, words in ((answers.need_help, "Нет доступа"), (answers.not_mine, "Это у CRM"), (answers.not_mine, "")):
        assert tap(db, verb, world.ira, asked, words, now=LATER).outcome == "nothing_new"
    with db.reading() as session:
        told = [one.text for one in comments_of(session, find_task(session, by(world.ira), asked))]
    assert sorted(told) == ["Нет доступа", "Это у CRM"]
    assert cards(db) == []


def test_later_is_quiet_but_no_progress_and_has_an_end(db, world, asked):
    day = date(2026, 11, 24)
    for _ in range(3):
        task = tap(db, answers.later, world.ira, asked, day).task
        assert (task.snoozed_until, task.progress_at) == (day, None)
    answer = tap(db, answers.later, world.ira, asked, date(2026, 11, 30))
    assert (answer.outcome, answer.task.snoozed_until) == ("snooze_cap", day)
    assert cards(db) == [("snooze_cap", "")]


def test_later_for_longer_than_all_may_be_is_a_day_to_name(db, world, asked):
    with pytest.raises(Invalid) as found:
        tap(db, answers.later, world.ira, asked, date(2026, 12, 8))
    assert [(one.field, one.code) for one in found.value.errors] == [("until", "date_out_of_range")]
    assert tap(db, answers.later, world.ira, asked, date(2026, 12, 7)).task.snoozed_until == date(2026, 12, 7)


def test_what_is_awaited_comes_back_when_the_awaited_side_acts(db, world, asked):
    with db.writing() as session:
        waiting = WaitInput(WaitKind.PERSON, person_id=world.gleb)
        edit_task(session, by(world.anna), asked, None, {"waiting": waiting}, now=NOW)
    answer = tap(db, answers.done, world.gleb, asked)
    assert (answer.outcome, answer.task.turn_id, answer.task.waiting_kind) == ("passed_back", world.ira, None)
    assert answer.task.status == "open"


def test_evidence_by_the_awaited_side_passes_the_turn_back_too(db, world, asked):
    with db.writing() as session:
        waiting = WaitInput(WaitKind.PARTY, party_id=world.crm)
        edit_task(session, by(world.anna), asked, None, {"waiting": waiting}, now=NOW)
        task = session.get_one(Task, asked)
        assert task.turn_id == world.anna  # that party has no lead
    with db.writing() as session:
        edit_task(session, by(world.anna), asked, None, {"owner": world.gleb}, now=NOW)
        add_evidence(session, by(world.gleb), asked, url="https://test.example/crm", now=LATER)
        assert session.get_one(Task, asked).turn_id == world.gleb


def test_the_conductors_tap_passes_a_wait_on_across_parties(db, world, asked):
    tap(db, answers.wait_on, world.ira, asked, WaitInput(WaitKind.PERSON, person_id=world.gleb))
    with pytest.raises(Forbidden):
        tap(db, pass_on, world.ira, asked)
    assert tap(db, pass_on, world.anna, asked).turn_id == world.gleb
    assert cards(db) == []


def test_to_wait_still_is_an_answer_too(db, world, asked):
    outside = WaitInput(WaitKind.OUTSIDE, note="письмо в банк")
    tap(db, answers.wait_on, world.ira, asked, outside)
    with db.writing() as session:
        session.get_one(Task, asked).progress_at = None
    assert tap(db, answers.wait_on, world.ira, asked, outside).outcome == "noted"
    with db.reading() as session:
        assert session.get_one(Task, asked).progress_at is not None
    tap(db, answers.done, world.ira, asked)
    assert tap(db, answers.wait_on, world.ira, asked, outside).outcome == "nothing_new"


@pytest.mark.parametrize("verb", [answers.done, answers.in_progress])
def test_who_may_answer(db, world, asked, verb):
    with pytest.raises(Forbidden):
        tap(db, verb, world.vera, asked)
    with pytest.raises(Forbidden):
        tap(db, verb, world.gleb, asked)
    with pytest.raises(NotFound):
        tap(db, verb, world.lena, asked)
    with pytest.raises(NotFound):
        tap(db, verb, world.stas, asked)
    with pytest.raises(NotFound):
        tap(db, verb, world.ira, 999_999)


def test_only_who_conducts_notes_somebody_elses_answer(db, world, asked):
    with pytest.raises(Forbidden):
        tap(db, answers.done, world.pavel, asked, behalf=world.ira)
    with pytest.raises(Invalid):
        tap(db, answers.done, world.anna, asked, behalf=world.stas)
    answer = tap(db, answers.promise, world.anna, asked, date(2026, 11, 26), behalf=world.ira)
    assert answer.task.progress_at == LATER
    with db.reading() as session:
        assert session.get_one(Person, world.ira).last_answer_at == LATER
        assert session.exec(select(Event.behalf_id).where(Event.kind == "task.changed")).one() == world.ira


def test_an_answer_ends_the_stretch_that_was_waited(db, world, asked):
    tap(db, answers.in_progress, world.ira, asked, now=NOW + timedelta(hours=3))
    with db.reading() as session:
        first, second = session.exec(select(Stretch).order_by(Stretch.id)).all()
        assert (first.ended_by, first.seconds, first.person_id) == ("answer", 3 * 3600, world.ira)
        assert (second.ended_at, second.started_at) == (None, NOW + timedelta(hours=3))


def test_a_remark_by_somebody_else_postpones_and_by_the_person_of_the_turn_is_an_answer(db, world, asked):
    with db.writing() as session:
        before = session.get_one(Task, asked).stalls_at
        add_comment(session, by(world.anna), asked, "Есть новости?", now=before - timedelta(hours=1))
        task = session.get_one(Task, asked)
        assert task.stalls_at == before + timedelta(days=1) and task.progress_at is None
        add_comment(session, by(world.ira), asked, "Маску согласовали", now=before)
        assert session.get_one(Task, asked).progress_at == before


def test_private_notes_are_the_conductors_own(db, world, asked):
    with db.writing() as session:
        add_comment(session, by(world.anna), asked, "Не давить", private=True, now=LATER)
        add_comment(session, by(world.anna), asked, "Как поймём, что готово?", now=LATER)
    with pytest.raises(Forbidden), db.writing() as session:
        add_comment(session, by(world.ira), asked, "х", private=True, now=LATER)
    with db.reading() as session:
        seen = {
            who: [remark.text for remark in comments_of(session, find_task(session, by(getattr(world, who)), asked))]
            for who in ("anna", "ira", "vera", "gleb")
        }
    assert seen == {
        "anna": ["Не давить", "Как поймём, что готово?"],
        "ira": ["Как поймём, что готово?"],
        "vera": ["Как поймём, что готово?"],
        "gleb": [],
    }


@pytest.mark.parametrize(("text", "code"), [("  ", "required"), ("х" * 10_001, "too_long")])
def test_an_empty_or_endless_remark_is_refused(db, world, asked, text, code):
    with pytest.raises(Invalid) as refused, db.writing() as session:
        add_comment(session, by(world.ira), asked, text, now=LATER)
    assert refused.value.errors[0].code == code


def test_the_same_link_is_one_piece_of_evidence_and_can_be_taken_back_by_who_gave_it(db, world, asked):
    with db.writing() as session:
        first = add_evidence(session, by(world.ira), asked, url="https://test.example/a", now=LATER)
        again = add_evidence(session, by(world.ira), asked, url="https://test.example/a", now=LATER)
        assert first.id == again.id
    with pytest.raises(NotFound), db.writing() as session:
        remove_evidence(session, by(world.gleb), first.id, now=LATER)
    with pytest.raises(Forbidden), db.writing() as session:
        remove_evidence(session, by(world.vera), first.id, now=LATER)
    with db.writing() as session:
        remove_evidence(session, by(world.ira), first.id, now=LATER)
        assert evidence_of_task(session, find_task(session, by(world.ira), asked)) == []


def test_evidence_is_a_link_and_never_just_a_word(db, world, asked):
    with pytest.raises(Invalid), db.writing() as session:
        add_evidence(session, by(world.ira), asked, url="ок", now=LATER)


def test_a_card_is_settled_by_the_conductor_once(db, world, asked):
    tap(db, answers.need_help, world.ira, asked, "Нет доступа")
    with db.reading() as session:
        card = open_cards(session, [world.project])[0]
    for who in ("ira", "vera", "stas"):
        with pytest.raises(NotFound), db.writing() as session:
            settle_card(session, by(getattr(world, who)), card.id, now=LATER)
    with db.writing() as session:
        settle_card(session, by(world.anna), card.id, "call", now=LATER)
        settled = settle_card(session, by(world.anna), card.id, "again", now=LATER + timedelta(hours=1))
        assert (settled.settled_at, settled.settled_how) == (LATER, "call")
    assert cards(db) == []
