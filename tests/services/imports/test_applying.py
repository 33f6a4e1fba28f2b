"""Imports applied: nothing lost, nothing doubled, nobody told, and by whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.imports import HEAD, HOUSE, LATER, NOW, PEOPLE, Shop, codes, counts, pasted, shipped
from tracker.db import Database
from tracker.domain.errors import Forbidden, NotFound, Refused
from tracker.domain.terms import Status, Way
from tracker.services.ground.journal import Actor
from tracker.services.house.journal_check import verify_journal
from tracker.services.imports import applying as importing
from tracker.services.imports.plan import RowAction, plan
from tracker.services.people.projects import ProjectInput, create_project
from tracker.tables import Event, Import, Integration, Message, Party, Person, Task


def test_a_row_becomes_a_task_with_everything_that_it_says(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    first = shop.task(done.lines[0])
    assert first.title == "Добавить поле «телефон» в форму заявки и передать в CRM"
    assert first.sheet_ref == "1"
    assert first.status == Status.IN_PROGRESS
    assert first.owner_id == shop.people["Тимур Ахметов"]
    assert first.needed_by == date(2026, 11, 27)
    assert first.promised_on is None
    assert first.notes == "три трактовки: маска? обязательное? два номера?\nСрок: к пятнице"
    assert first.import_id == done.import_id
    with shop.db.reading() as session:
        assert session.get_one(Integration, first.integration_id).name == "Форма сайта → CRM"
        assert session.get_one(Party, first.party_id).name == "Студия сайта"
    assert shop.task(done.lines[6]).notes == "прислали\nво вложении"
    assert shop.task(done.lines[12]).notes == "=ВПР сломан"


def test_what_is_waited_for_is_waited_for_since_the_import(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    waiting = shop.task(done.lines[1])
    peter = shop.people["Пётр Соколов"]
    assert waiting.status == Status.IN_PROGRESS
    assert (waiting.waiting_kind, waiting.waiting_person_id, waiting.waiting_since) == ("person", peter, NOW)
    assert waiting.waiting_agreed
    assert (waiting.turn_id, waiting.turn_since) == (peter, NOW)
    # Nobody of that name: the party is waited for, which has nobody, so that it is the conductor's turn.
    delivery = next(line for line in done.lines if line.title == "Боевой договор и ключи API")
    task = shop.task(delivery)
    assert (task.waiting_kind, task.waiting_party_id) == ("party", task.party_id)
    assert task.turn_id == shop.conductor.person_id
    assert "Ответственный: менеджер СДЭК" in task.notes


def test_a_clock_starts_at_the_import_and_nobody_is_told(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    with shop.db.reading() as session:
        assert session.exec(select(Message)).all() == []
        tasks = session.exec(select(Task)).all()
        assert {task.turn_since for task in tasks} <= {NOW, None}
        assert all(task.told_turn_at == NOW for task in tasks if task.turn_id is not None)
        assert all(task.stalls_at is None or task.stalls_at > NOW for task in tasks)
        ways = set(session.exec(select(Event.way).where(Event.kind == "task.created")))
        assert ways == {"import"}
    assert done.import_id is not None


def test_a_party_and_an_integration_are_made_once_and_said(shop: Shop) -> None:
    done = shop.apply(
        pasted(HEAD, "1 | Форма → CRM | Ключи | Хостинг | | |", "2 | форма -> CRM | Доступ | «Хостинг» | | |")
    )
    assert [codes(line)[1:] for line in done.lines] == [["new_party", "new_integration"], []]
    assert shop.task(done.lines[0]).party_id == shop.task(done.lines[1]).party_id
    assert shop.task(done.lines[0]).integration_id == shop.task(done.lines[1]).integration_id


def test_the_report_is_kept(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    with shop.db.reading() as session:
        row = session.get_one(Import, done.import_id)
    assert (row.by_id, row.file_name, row.report["created"]) == (shop.conductor.person_id, "register.csv", 33)
    assert row.report["items"][0]["notes"][1][0] == "date_counted"


def test_a_long_sheet_goes_in_batches_and_is_complete(shop: Shop) -> None:
    sheet = pasted(HEAD, *(f"{n} | Форма | Задача номер {n} | | Марина Ким | ждём |" for n in range(1, 231)))
    assert counts(shop.apply(sheet)) == {"created": 230, "updated": 0, "skipped": 0}
    assert counts(shop.apply(sheet, LATER)) == {"created": 0, "updated": 0, "skipped": 230}
    with shop.db.reading() as session:
        assert sorted(session.exec(select(Task.number))) == list(range(1, 231))
        assert verify_journal(session).problems == []


def test_a_second_import_waits_for_the_first_but_not_for_one_that_died(shop: Shop) -> None:
    with shop.db.writing() as session:
        session.add(Import(project_id=shop.project, at=NOW, file_name="a.csv", sha256="1"))
    sheet = pasted(HEAD, "1 | Форма | Ключи | | | ждём |")
    with pytest.raises(Refused, match="import_running"):
        shop.apply(sheet, NOW + timedelta(minutes=9))
    assert counts(shop.apply(sheet, NOW + timedelta(minutes=11)))["created"] == 1


def test_only_who_conducts_imports_and_outsiders_find_no_project(shop: Shop) -> None:
    sheet = pasted(HEAD, "1 | Форма | Ключи | | | ждём |")
    member = Actor(shop.people["Марина Ким"], Way.WEB)
    with shop.db.reading() as session, pytest.raises(Forbidden):
        plan(session, member, shop.project, sheet, now=NOW)
    with pytest.raises(Forbidden):
        importing.apply(shop.db, member, shop.project, sheet, file_name="a", sha256="", now=NOW)
    for actor, project in ((Actor(10_000, Way.WEB), shop.project), (shop.conductor, 10_000)):
        with shop.db.reading() as session, pytest.raises(NotFound):
            plan(session, actor, project, sheet, now=NOW)
        with pytest.raises(NotFound):
            importing.apply(shop.db, actor, project, sheet, file_name="a", sha256="", now=NOW)


def test_the_command_line_imports_without_a_person(shop: Shop) -> None:
    sheet = shipped("register-utf8-bom.csv")
    done = importing.apply(shop.db, HOUSE, shop.project, sheet, file_name="a", sha256="", now=NOW)
    assert counts(done)["created"] == 33


def test_the_same_sheet_sent_twice_at_once_is_imported_once(shop: Shop) -> None:
    sheet = shipped("register-utf8-bom.csv")
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(shop.apply, [sheet, sheet]))
    assert sorted(done.count(RowAction.CREATED) for done in both) == [0, 33]


def test_an_empty_project_takes_a_register_without_knowing_anybody(db: Database) -> None:
    with db.writing() as session:
        project = create_project(session, HOUSE, ProjectInput("Новый", "NEW"), now=NOW).id
    sheet = shipped("register-cp1251.csv")
    done = importing.apply(db, HOUSE, project, sheet, file_name="a", sha256="", now=NOW)
    assert counts(done) == {"created": 33, "updated": 0, "skipped": 3}
    assert len(done.unmatched) == 12
    with db.reading() as session:
        assert session.exec(select(Person)).all() == []
        assert {party.name for party in session.exec(select(Party))} == {*PEOPLE, "СДЭК"}
        assert session.exec(select(Party.kind).where(Party.name == "Заказчик")).one() == "customer"
