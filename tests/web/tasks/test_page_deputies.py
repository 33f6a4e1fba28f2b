"""Somebody is away and another stands in: on the task's page, in the register, on the private page."""

from datetime import date

import pytest

from tests.telling import answers
from tests.worlds.shop import LONG_AGO, NOW
from tracker.domain.terms import Scope, WaitKind, Way
from tracker.services.access.tokens import issue
from tracker.services.ground.journal import Actor
from tracker.services.people.absences import add_absence
from tracker.services.people.persons import edit_person
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput, WaitInput
from tracker.tables import Task


@pytest.fixture
def away(db, world):
    """Pete is away this week; Mary, of another party, stands in."""
    vera = Actor(world.conductor, Way.WEB)
    with db.writing() as session:
        edit_person(session, vera, world.pete, None, {"deputy": world.mary}, now=NOW)
        add_absence(session, vera, world.pete, date(2026, 11, 23), date(2026, 11, 27), now=NOW)


@pytest.fixture
def task(db, world):
    """Pete's, on no integration: nobody else of the contributors sees it. It is number 6."""
    with db.writing() as session:
        given = TaskInput("Выгрузить номера", owner=world.pete, done_means="файл у заказчика")
        return create_task(session, Actor(world.conductor, Way.WEB), world.project, given, now=LONG_AGO).id


@pytest.fixture
def address(db, world):
    with db.writing() as session:
        secret = issue(session, Actor(None, Way.CLI), world.mary, Scope.PAGE, key=b"k" * 40, now=NOW).secret
    return f"/my/{secret}"


def test_a_deputy_answers_on_the_page_of_the_task(sign_in, away, world, task, db, vera):
    mary = sign_in("mary")
    assert "файл у заказчика" in mary.get("/projects/LEN/t/6").text
    assert "Выгрузить номера" in mary.get("/projects/LEN/register").text
    answer = mary.post(f"/tasks/{task}/answer", data={"answer": "promise", "on": "2026-11-26"})
    assert answer.headers["location"] == "/projects/LEN/t/6"
    with db.reading() as session:
        task = session.get_one(Task, task)
        assert (task.promised_on, task.turn_id) == (date(2026, 11, 26), world.pete)
    assert "Марина Ким, for Пётр Соколов · in the browser" in vera.get("/projects/LEN/t/6").text
    assert "for Пётр Соколов" in vera.get("/projects/LEN/journal").text


def test_what_has_left_the_deputys_sight_leads_back_to_the_register(sign_in, away, task):
    mary = sign_in("mary")
    done = mary.post(f"/tasks/{task}/answer", data={"answer": "done"})
    assert (done.status_code, done.headers["location"]) == (303, "/projects/LEN/register")
    assert mary.get("/projects/LEN/t/6").status_code == 404


def test_without_an_absence_the_task_is_not_found(sign_in, task):
    mary = sign_in("mary")
    mary.get("/projects/LEN/register")
    assert mary.get("/projects/LEN/t/6").status_code == 404
    assert mary.post(f"/tasks/{task}/answer", data={"answer": "done"}).status_code == 404


def test_an_absence_that_is_noted_shows_at_once_although_the_page_was_kept(sign_in, world, task, db):
    mary = sign_in("mary")
    first = mary.get("/projects/LEN/register")
    assert "Выгрузить номера" not in first.text
    vera = Actor(world.conductor, Way.WEB)
    with db.writing() as session:
        edit_person(session, vera, world.pete, None, {"deputy": world.mary}, now=NOW)
        add_absence(session, vera, world.pete, date(2026, 11, 23), date(2026, 11, 27), now=NOW)
    second = mary.get("/projects/LEN/register", headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 200 and "Выгрузить номера" in second.text


def test_the_private_page_shows_them_under_a_heading_and_takes_the_answers(anybody, address, away, task, db):
    shown = anybody.get(address).text
    assert "For: Пётр Соколов" in shown and "Выгрузить номера" in shown
    assert shown.index("For: Пётр Соколов") < shown.index("Выгрузить номера")
    answer = anybody.post(f"{address}/tasks/{task}/answer", data={"answer": "promise", "on": "2026-11-26"})
    assert answer.status_code == 303
    again = anybody.get(address).text
    assert "Nothing is asked until then" in again
    done = anybody.post(f"{address}/tasks/{task}/evidence", data={"url": "https://a.example", "answer": "done"})
    assert done.status_code == 303
    with db.reading() as session:
        assert session.get_one(Task, task).status == "done"
    assert "For: Пётр Соколов" in anybody.get(address).text, "another task waits for Pete as well"


def test_in_the_other_language(anybody, address, away):
    anybody.cookies["auftakt_language"] = "ru"
    assert "За: Пётр Соколов" in anybody.get(address).text


def test_who_is_away_does_not_wait_for_themself_and_what_is_asked_comes_first(anybody, address, away, task, db, world):
    vera = Actor(world.conductor, Way.WEB)
    with db.writing() as session:
        waiting = WaitInput(WaitKind.TASK, task_id=task)
        create_task(session, vera, world.project, TaskInput("Ещё", owner=world.pete, waiting=waiting), now=LONG_AGO)
        answers.promise(session, Actor(world.pete, Way.LINK), world.tasks[1], date(2026, 11, 26), now=NOW)
    shown = anybody.get(address).text
    assert "Waiting: Пётр Соколов" not in shown
    assert shown.index("Выгрузить номера") < shown.index("Добавить поле"), "the promised one is quiet"
