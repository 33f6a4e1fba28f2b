"""The register: what it shows to whom, how it is paged, and in how many queries."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from tests.services.register.reading import ask, look, titles
from tests.worlds.integrations import LATER, NOW, by
from tracker.domain.terms import WaitKind
from tracker.services.access.loading import project_by_id
from tracker.services.register.filters import SORTS
from tracker.services.register.page import counts_of
from tracker.services.tasks.editing import TaskInput, WaitInput, archive_task, create_task, edit_task, restore_task


def test_a_member_sees_the_outline_of_their_integration_and_all_of_their_own(db, world, three):
    page = look(db, world, "gleb")
    assert [(row.title, row.full, row.owner, row.done_means) for row in page.rows] == [
        ("Ёмкость склада", False, "", ""),
        ("Формат 100%", True, "Gleb", ""),
    ]
    assert [row.editable for row in page.rows] == ["", "answers"]


def test_what_was_put_away_is_in_no_list(db, world, three):
    with db.writing() as session:
        archive_task(session, by(world.anna), 1, now=LATER)
    assert look(db, world).total == 2


@pytest.mark.parametrize(
    "over",
    [
        lambda session, who: edit_task(session, who, 1, None, {"status": "done"}, now=LATER),
        lambda session, who: archive_task(session, who, 1, now=LATER),
    ],
)
def test_a_wait_for_what_is_finished_is_neither_shown_nor_counted_until_it_is_taken_up_again(db, world, three, over):
    waits = ask(db, world, "Ждёт склада", world.gleb, waiting=WaitInput(WaitKind.TASK, task_id=1))
    later = NOW + timedelta(days=9)

    def shown():
        with db.reading() as session:
            _, mine = project_by_id(session, by(world.anna), world.project)
            counted = counts_of(session, mine, later).waiting
        row = next(row for row in look(db, world, now=later).rows if row.id == waits)
        longest = "Ждёт склада" in titles(look(db, world, waiting_days="3", now=later))
        return row.waiting, row.waiting_since is not None, longest, counted

    assert shown() == ("№ 1", True, True, 2)
    with db.writing() as session:
        over(session, by(world.anna))
    assert shown() == ("", False, False, 1)
    with db.writing() as session:
        restore_task(session, by(world.anna), 1, now=LATER)
        edit_task(session, by(world.anna), 1, None, {"status": "open"}, now=LATER)
    assert shown() == ("№ 1", True, True, 2)


@pytest.fixture
def many(db, world):
    """120 tasks; every third without a date, dates repeat, so that the cursor has ties and empty values to cross."""
    with db.writing() as session:
        for number in range(120):
            given = TaskInput(
                f"Задача {number % 7}",
                owner=world.ira,
                priority=("high", "normal", "low")[number % 3],
                needed_by=None if number % 3 == 0 else date(2026, 12, 1 + number % 5),
                waiting=WaitInput(WaitKind.OUTSIDE, note="банк") if number % 4 == 0 else None,
            )
            create_task(session, by(world.anna), world.project, given, now=NOW + timedelta(minutes=number % 11))


def test_paging_shows_every_row_once_in_every_order(db, world, many):
    for sort in [*SORTS, *(f"-{name}" for name in SORTS)]:
        seen, after = [], ""
        for _ in range(4):
            page = look(db, world, sort=sort, after=after)
            seen += [row.number for row in page.rows]
            assert page.total == 120
            if page.more is None:
                break
            after = str(page.more)
        assert Counter(seen) == Counter(range(1, 121)), sort


def test_the_page_takes_as_many_queries_for_ten_rows_as_for_fifty(db, world):
    def queries():
        seen = []

        def count(*_args):
            seen.append(1)

        event.listen(db.engine, "before_cursor_execute", count)
        look(db, world)
        event.remove(db.engine, "before_cursor_execute", count)
        return len(seen)

    for number in range(10):
        ask(db, world, f"Задача {number}", world.ira)
    look(db, world)
    ten = queries()
    for number in range(40):
        ask(db, world, f"Ещё {number}", world.gleb)
    look(db, world)
    assert queries() == ten
