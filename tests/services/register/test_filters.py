"""What the register's address asks for: filters, order, names and remarks."""

from datetime import timedelta

import pytest

from tests.services.register.reading import look, titles
from tests.worlds.integrations import LATER, NOW, by
from tracker.services.access.loading import project_by_id
from tracker.services.register.page import counts_of
from tracker.services.tasks.comments import add_comment


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
        (
            {"owner": "", "status": "", "party": "", "stalled": "", "sort": "nonsense", "after": "x"},
            ["Ёмкость склада", "Формат 100%", "Кто меняет DNS?"],
        ),
    ],
)
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


def test_the_head_counts_what_the_filters_find(db, world, three):
    with db.reading() as session:
        _, mine = project_by_id(session, by(world.anna), world.project)
        counts = counts_of(session, mine, NOW + timedelta(days=2))
    assert counts == (3, 1, 1, 2)
