"""The house: its row, its demo clock, its pause."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from tracker.domain.errors import Forbidden, Invalid, Refused
from tracker.domain.terms import Way
from tracker.services.ground.journal import HOUSE, Actor
from tracker.services.house import installation as house
from tracker.services.people.persons import PersonInput, found_house
from tracker.tables import Event, House, Person

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)  # a Friday, 18:00 in Moscow
CLI = Actor(None, Way.CLI)


def test_the_row_is_made_once(db):
    with db.writing() as session:
        first = house.ensure_house(session, now=NOW).instance
    with db.writing() as session:
        assert house.ensure_house(session, now=NOW + timedelta(days=1)).instance == first
        assert len(first) == 32


def test_only_the_newest_setup_code_opens_and_only_until_somebody_is_here(db):
    with db.writing() as session:
        old, new = house.new_setup_code(session, now=NOW), house.new_setup_code(session, now=NOW)
    with db.reading() as session:
        assert not house.setup_code_fits(session, old)
        assert house.setup_code_fits(session, f" {new.upper()} ")
        assert not house.setup_code_fits(session, "")
        assert house.is_empty(session)
    with db.writing() as session:
        found_house(session, PersonInput("Марина Ким", "kim@agency.example"), "hash", now=NOW)
    with db.reading() as session:
        assert not house.is_empty(session)
        assert not house.setup_code_fits(session, new)


def test_nobody_is_first_twice(db):
    with db.writing() as session:
        assert found_house(session, PersonInput("Марина Ким", "kim@agency.example"), "hash", now=NOW).may_found
    with db.writing() as session, pytest.raises(Refused, match="already_set_up"):
        found_house(session, PersonInput("Лев Гринберг", "lev@agency.example"), "hash", now=NOW)


def test_of_two_founders_at_once_one_is(db):
    """The row may not be there yet either: both make it."""
    both = threading.Barrier(2)
    told: list[str] = []

    def found(number):
        both.wait()
        try:
            with db.writing() as session:
                person = found_house(session, PersonInput("Марина Ким", f"kim{number}@a.example"), "hash", now=NOW)
                told.append(f"person {person.id}")
        except Refused as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=found, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert min(told) == "already_set_up" and len(set(told)) == 2
    with db.reading() as session:
        assert len(session.exec(select(Person)).all()) == 1


def test_a_code_that_was_asked_for_is_looked_at_where_the_person_is_made(db):
    with db.writing() as session:
        code = house.new_setup_code(session, now=NOW)
    with db.writing() as session, pytest.raises(Invalid) as caught:
        found_house(session, PersonInput("Марина Ким", "kim@agency.example"), "hash", "wrong", now=NOW)
    assert [one.code for one in caught.value.errors] == ["wrong_code"]
    with db.writing() as session:
        assert found_house(session, PersonInput("Марина Ким", "kim@agency.example"), "hash", code, now=NOW)


def test_the_clock_is_the_walls_unless_this_is_a_demo(db):
    with db.writing() as session:
        assert house.clock(session, NOW) == NOW
        house.ensure_house(session, now=NOW).clock_offset = 3600
        assert house.clock(session, NOW) == NOW
        house.mark_demo(session, timedelta(days=2), now=NOW)
        assert house.clock(session, NOW) == NOW + timedelta(days=2)
        house.mark_demo(session, timedelta(days=7), now=NOW)  # a restart moves nothing back
        assert house.clock(session, NOW) == NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("at", "morning"),
    [
        (datetime(2026, 11, 20, 7, 49, 59, tzinfo=UTC), datetime(2026, 11, 20, 7, 50, tzinfo=UTC)),
        (datetime(2026, 11, 20, 7, 50, tzinfo=UTC), datetime(2026, 11, 23, 7, 50, tzinfo=UTC)),
        (datetime(2026, 11, 22, 20, tzinfo=UTC), datetime(2026, 11, 23, 7, 50, tzinfo=UTC)),
        (datetime(2027, 1, 3, 12, tzinfo=UTC), datetime(2027, 1, 11, 7, 50, tzinfo=UTC)),
    ],
)
def test_the_demos_clock_moves_to_the_next_working_morning(db, at, morning):
    with db.writing() as session:
        house.mark_demo(session, timedelta(0), now=at)
        assert house.move_clock_to_next_working_morning(session, CLI, at) == morning
        assert house.clock(session, at + timedelta(minutes=5)) == morning + timedelta(minutes=5)


def test_the_clock_moves_on_by_a_working_day_each_time(db):
    with db.writing() as session:
        house.mark_demo(session, timedelta(0), now=NOW)
        first = house.move_clock_to_next_working_morning(session, CLI, NOW)
        assert house.move_clock_to_next_working_morning(session, CLI, NOW) == first + timedelta(days=1)


def test_a_real_house_has_no_such_button(db):
    with db.writing() as session:
        house.ensure_house(session, now=NOW)
        with pytest.raises(Refused, match="not_a_demo"):
            house.move_clock_to_next_working_morning(session, CLI, NOW)


def test_sending_pauses_and_resumes_once_each(db):
    with db.writing() as session:
        house.pause_sending(session, CLI, "restored", now=NOW)
        house.pause_sending(session, CLI, "again", now=NOW)
    with db.reading() as session:
        row = session.get(House, house.ONLY)
        assert (row.paused_at, row.paused_reason) == (NOW, "restored")
        assert house.is_paused(session)
    with db.writing() as session:
        assert house.resume_sending(session, CLI, now=NOW)
        assert not house.resume_sending(session, CLI, now=NOW)
    with db.reading() as session:
        assert not house.is_paused(session)
        assert len(session.exec(select(Event).where(Event.project_id == HOUSE)).all()) == 2


def test_nobody_but_who_runs_the_house_resumes_it(db):
    with db.writing() as session:
        house.pause_sending(session, CLI, "restored", now=NOW)
        with pytest.raises(Forbidden):
            house.resume_sending(session, Actor(7, Way.WEB), now=NOW)
        with pytest.raises(Forbidden):
            house.resume_sending(session, Actor(None, Way.LINK), now=NOW)
