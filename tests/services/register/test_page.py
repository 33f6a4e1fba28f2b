"""The register: what it shows to whom, how it is filtered, sorted and paged, and in how many queries."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from tests.worlds.integrations import LATER, NOW, by, lay
from tracker.domain.errors import Forbidden, NotFound
from tracker.domain.terms import WaitKind
from tracker.services.access.loading import find_task, project_by_id
from tracker.services.integrations.deadlocks import DeadlockInput, open_deadlock
from tracker.services.register.filters import SORTS, from_query
from tracker.services.register.page import counts_of, one_row, register_page, row_written
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import TaskInput, WaitInput, archive_task, create_task, edit_task, restore_task
from tracker.services.tasks.evidence import add_evidence


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


def ask(db, world, title, owner=None, **named):
    with db.writing() as session:
        return create_task(session, by(world.anna), world.project, TaskInput(title, owner=owner, **named), now=NOW).id


def look(db, world, who="anna", now=LATER, **query):
    with db.reading() as session:
        project, mine = project_by_id(session, by(getattr(world, who)), world.project)
        return register_page(session, project, mine, from_query(query, getattr(world, who)), now)


def titles(page):
    return [row.title for row in page.rows]


@pytest.fixture
def three(db, world):
    ask(db, world, "Ёмкость склада", world.ira, needed_by=date(2026, 12, 1), integration=world.form)
    ask(db, world, "Формат 100%", world.gleb, kind="question", waiting=WaitInput(WaitKind.PERSON, person_id=world.lena))
    ask(db, world, "Кто меняет DNS?")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Ёмкость склада", "Формат 100%", "Кто меняет DNS?"]),
        ({"q": "ЕМКОСТЬ"}, ["Ёмкость склада"]),
        ({"q": "склад ёмк"}, ["Ёмкость склада"]),
        ({"q": "100%"}, ["Формат 100%"]),
        ({"q": "_"}, []),
        ({"q": "3"}, ["Кто меняет DNS?"]),
        ({"status": "draft"}, ["Кто меняет DNS?"]),
        ({"status": "unfinished"}, ["Ёмкость склада", "Формат 100%", "Кто меняет DNS?"]),
        ({"kind": "question"}, ["Формат 100%"]),
        ({"owner": "none"}, ["Кто меняет DNS?"]),
        ({"turn": "me"}, ["Кто меняет DNS?"]),
        ({"sort": "-number"}, ["Кто меняет DNS?", "Формат 100%", "Ёмкость склада"]),
        ({"sort": "needed_by"}, ["Ёмкость склада", "Формат 100%", "Кто меняет DNS?"]),
        ({"sort": "-waiting_since"}, ["Формат 100%", "Ёмкость склада", "Кто меняет DNS?"]),
        ({"sort": "title"}, ["Ёмкость склада", "Кто меняет DNS?", "Формат 100%"]),
        ({"sort": "-title"}, ["Формат 100%", "Кто меняет DNS?", "Ёмкость склада"]),
        ({"owner": "", "status": "", "party": "", "stalled": "", "sort": "nonsense", "after": "x"},
         ["Ёмкость склада", "Формат 100%", "Кто меняет DNS?"]),
    ],
)  # fmt: skip
def test_filters_and_order(db, world, three, query, found):
    page = look(db, world, **query)
    assert (titles(page), page.total) == (found, len(found))


def test_filters_by_id(db, world, three):
    assert titles(look(db, world, party=str(world.crm))) == ["Формат 100%"]
    assert titles(look(db, world, turn=str(world.lena))) == ["Формат 100%"]
    assert titles(look(db, world, owner=str(world.ira))) == ["Ёмкость склада"]
    assert titles(look(db, world, integration=str(world.form))) == ["Ёмкость склада"]
    assert titles(look(db, world, party="999")) == []


def test_stalled_and_long_waiting_are_questions_of_the_moment(db, world, three):
    assert titles(look(db, world, stalled="1")) == []
    moment = NOW + timedelta(days=2)
    assert titles(look(db, world, stalled="1", now=moment - timedelta(seconds=1))) == []
    assert titles(look(db, world, stalled="1", now=moment)) == ["Ёмкость склада", "Формат 100%"]
    assert titles(look(db, world, waiting_days="3", now=NOW + timedelta(days=3) - timedelta(seconds=1))) == []
    assert titles(look(db, world, waiting_days="3", now=NOW + timedelta(days=3))) == ["Формат 100%"]


def test_a_name_finds_the_tasks_of_that_person(db, world, three):
    with db.writing() as session:
        from tracker.tables import Person

        person = session.get_one(Person, world.ira)
        person.search = "ирина петрова"
        session.add(person)
    assert titles(look(db, world, q="петров")) == ["Ёмкость склада"]


def test_a_remark_is_found_by_who_may_read_it(db, world, three):
    with db.writing() as session:
        add_comment(session, by(world.anna), 1, "Слэш запрещён", now=LATER)
        add_comment(session, by(world.anna), 1, "Тайна", private=True, now=LATER)
    assert titles(look(db, world, q="слэш")) == ["Ёмкость склада"]
    assert titles(look(db, world, q="тайна")) == ["Ёмкость склада"]
    assert titles(look(db, world, "vera", q="тайна")) == []
    assert titles(look(db, world, "gleb", q="слэш")) == [], "Gleb sees task 1 in outline, not its remarks"


def test_a_member_sees_the_outline_of_their_integration_and_all_of_their_own(db, world, three):
    page = look(db, world, "gleb")
    assert [(row.title, row.full, row.owner, row.done_means) for row in page.rows] == [
        ("Ёмкость склада", False, "", ""),
        ("Формат 100%", True, "Gleb", ""),
    ]
    assert [row.editable for row in page.rows] == ["", "answers"]


def test_the_row_after_an_edit_is_the_row_of_the_page(db, world, three):
    with db.writing() as session:
        edit_task(session, by(world.anna), 1, None, {"owner": world.gleb}, now=LATER)
    with db.reading() as session:
        project, mine = project_by_id(session, by(world.anna), world.project)
        row = one_row(session, project, mine, 1, LATER)
    assert row == look(db, world).rows[0] and row.owner == "Gleb" and row.version == 2


@pytest.mark.parametrize("who", ["anna", "ira"])
@pytest.mark.parametrize(
    ("task", "changes"),
    [
        (1, {"status": "in_progress"}),
        (1, {"promised_on": date(2026, 11, 30)}),
        (1, {"waiting": WaitInput(WaitKind.OUTSIDE, note="письмо в банк")}),
        (1, {"waiting": WaitInput(WaitKind.TASK, task_id=2)}),
        (1, {"status": "done"}),
        (2, {"waiting": None, "own_1": "да", "priority": "high"}),
        (3, {"title": "Кто платит за DNS?", "done_means": "есть счёт"}),
        (4, {"status": "in_progress"}),
    ],
)
def test_the_row_that_was_written_is_the_row_that_is_stored(db, world, three, who, task, changes):
    """Task 1 has evidence, task 4 is blocked by a deadlock."""
    ask(db, world, "Одна кнопка или две", world.ira, integration=world.form)
    anna = by(world.anna)
    with db.writing() as session:
        add_evidence(session, anna, 1, url="https://test.example/1", now=NOW)
        knot = DeadlockInput("Кнопки", decider=world.lena, tasks=[4], parties=[world.shop, world.studio])
        open_deadlock(session, anna, world.project, knot, now=NOW)
    actor = by(getattr(world, who))
    with db.writing() as session:
        try:
            seen = find_task(session, actor, task, lock=True)
            edit_task(session, actor, seen, None, changes, now=LATER, accepted=("own_check",))
        except (NotFound, Forbidden):
            assert who == "ira"
            return
    with db.reading() as session:
        project, mine = project_by_id(session, actor, world.project)
        written = row_written(session, project, mine, seen, LATER)
        assert written == one_row(session, project, mine, task, LATER)
    assert written is not None and written.version == seen.task.version


def test_what_was_put_away_is_in_no_list(db, world, three):
    with db.writing() as session:
        archive_task(session, by(world.anna), 1, now=LATER)
    assert look(db, world).total == 2


def test_the_head_counts_what_the_filters_find(db, world, three):
    with db.reading() as session:
        _, mine = project_by_id(session, by(world.anna), world.project)
        counts = counts_of(session, mine, NOW + timedelta(days=2))
    assert counts == (3, 1, 1, 2)


@pytest.mark.parametrize("over", [lambda session, who: edit_task(session, who, 1, None, {"status": "done"}, now=LATER),
                                  lambda session, who: archive_task(session, who, 1, now=LATER)])  # fmt: skip
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
                f"Задача {number % 7}", owner=world.ira, priority=("high", "normal", "low")[number % 3],
                needed_by=None if number % 3 == 0 else date(2026, 12, 1 + number % 5),
                waiting=WaitInput(WaitKind.OUTSIDE, note="банк") if number % 4 == 0 else None,
            )  # fmt: skip
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
