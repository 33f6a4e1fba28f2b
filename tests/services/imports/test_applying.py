"""Imports: nothing lost, nothing doubled, nobody told, and what people did meanwhile is not undone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from tests.places import DATA
from tests.worlds.soundness import unsound
from tracker.db import Database
from tracker.domain.errors import Forbidden, NotFound, Refused
from tracker.domain.sheets.columns import Sheet
from tracker.domain.terms import Role, Status, Way
from tracker.formats.import_report import reason, report
from tracker.formats.sheet_reader import read_pasted, read_sheet
from tracker.services.ground.journal import Actor
from tracker.services.house.journal_check import verify_journal
from tracker.services.imports import applying as importing
from tracker.services.imports.plan import Action, Line, Plan, plan
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput
from tracker.services.people.projects import ProjectInput, create_project
from tracker.services.tasks.editing import archive_task, edit_task
from tracker.services.turns.drift_check import verify_moments
from tracker.tables import Card, Event, Import, Integration, Message, Party, Person, Task

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # a Sunday
LATER = NOW + timedelta(days=1)
HOUSE = Actor(None, Way.CLI)
FILES = ["register-cp1251.csv", "register-utf8-bom.csv", "register.xlsx"]
PEOPLE = {
    "Студия сайта": ["Тимур Ахметов", "Марина Ким"],
    "CRM-подрядчик": ["Пётр Соколов", "Лев Гринберг"],
    "1С-франчайзи": ["Ольга Ветрова"],
    "Банк (эквайринг)": ["Руслан Ахметов"],
    "Заказчик": ["Анна Белова"],
}


@dataclass
class Shop:
    """A project with its conductor and everybody of the sheets but a role or two."""

    db: Database
    project: int
    conductor: Actor
    people: dict[str, int]

    def plan(self, sheet: Sheet, now: datetime = NOW) -> Plan:
        with self.db.reading() as session:
            return plan(session, self.conductor, self.project, sheet, now=now)

    def apply(self, sheet: Sheet, now: datetime = NOW) -> Plan:
        return importing.apply(
            self.db, self.conductor, self.project, sheet, file_name="register.csv", sha256="0" * 64, now=now
        )

    def task(self, line: Line) -> Task:
        assert line.task_id is not None
        with self.db.reading() as session:
            return session.get_one(Task, line.task_id)

    def card_note(self) -> str | None:
        """What the open card of unknown names says; None: there is no open one."""
        with self.db.reading() as session:
            return session.exec(select(Card.note).where(Card.settled_at == None)).one_or_none()  # noqa: E711

    def edit(self, line: Line, **changes: object) -> None:
        assert line.task_id is not None
        with self.db.writing() as session:
            edit_task(session, self.conductor, line.task_id, None, changes, now=NOW)


@pytest.fixture
def shop(db: Database) -> Iterator[Shop]:
    with db.writing() as session:
        project = create_project(session, HOUSE, ProjectInput("Лён и нить", "SHOP"), now=NOW)
        place = Place(Role.CONDUCTOR)
        conductor = add_member(session, HOUSE, project.id, PersonInput("Олег Дирижёров", "o@d.example"), place, now=NOW)
        people = {}
        for party, names in PEOPLE.items():
            row = create_party(session, HOUSE, project.id, PartyInput(party), now=NOW)
            for name in names:
                place = Place(Role.CONTRIBUTOR, row.id)
                people[name] = add_member(session, HOUSE, project.id, PersonInput(name), place, now=NOW).id
    yield Shop(db, project.id, Actor(conductor.id, Way.WEB), people)
    assert unsound(db) == [], "whatever a sheet does, the journal tells of it"


def shipped(name: str) -> Sheet:
    return read_sheet((DATA / name).read_bytes(), name)


def pasted(*lines: str) -> Sheet:
    return read_pasted("\n".join("\t".join(cell.strip() for cell in line.split("|")) for line in lines))


def counts(done: Plan) -> dict[str, int]:
    return {str(action): done.count(action) for action in Action}


def codes(line: Line) -> list[str]:
    return [note.code for note in line.notes]


HEAD = "№ | Интеграция | Что нужно | От кого | Ответственный | Статус | Срок"


@pytest.mark.parametrize("name", FILES)
def test_thirty_six_rows_are_thirty_three_tasks_and_three_reasons(shop: Shop, name: str) -> None:
    dry = shop.plan(shipped(name))
    assert counts(dry) == {"created": 33, "updated": 0, "skipped": 3}
    with shop.db.reading() as session:
        assert session.exec(select(Task)).all() == []
    done = shop.apply(shipped(name))
    assert counts(done) == counts(dry)
    assert [line.notes for line in done.lines] == [line.notes for line in dry.lines]
    skipped = [codes(line) for line in done.lines if line.action is Action.SKIPPED]
    assert skipped == [["empty"], ["repeated"], ["totals"]]
    with shop.db.reading() as session:
        assert len(session.exec(select(Task)).all()) == 33
        assert len(session.exec(select(Integration)).all()) == 8
        assert {party.name for party in session.exec(select(Party))} == {*PEOPLE, "СДЭК"}
        assert verify_journal(session).problems == []
        assert verify_moments(session, shop.project, NOW) == []


@pytest.mark.parametrize("second", FILES)
def test_the_same_register_once_more_changes_nothing_in_whatever_format(shop: Shop, second: str) -> None:
    shop.apply(shipped("register-utf8-bom.csv"))
    again = shop.apply(shipped(second), LATER)
    assert counts(again) == {"created": 0, "updated": 0, "skipped": 36}
    assert sum(codes(line) == ["unchanged"] for line in again.lines) == 33


def test_a_paste_of_the_same_tasks_without_integrations_knows_them(shop: Shop) -> None:
    shop.apply(shipped("register-utf8-bom.csv"))
    again = shop.plan(shipped("register-paste.tsv"), LATER)
    assert counts(again) == {"created": 0, "updated": 0, "skipped": 34}


def test_a_paste_without_a_header_makes_tasks_of_its_rows(shop: Shop) -> None:
    done = shop.apply(shipped("register-paste.tsv"))
    assert counts(done) == {"created": 33, "updated": 0, "skipped": 1}
    first = shop.task(done.lines[0])
    assert (first.owner_id, first.needed_by) == (shop.people["Тимур Ахметов"], date(2026, 11, 27))
    assert first.notes == "Нужно к: к пятнице"


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


def test_the_number_of_the_sheet_is_never_the_number_of_the_task(shop: Shop) -> None:
    done = shop.apply(pasted(HEAD, "17 | Форма | Ключи | | | |", "3 | Форма | Доступ | | | |"))
    assert [(shop.task(line).number, shop.task(line).sheet_ref) for line in done.lines] == [(1, "17"), (2, "3")]


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


def test_a_question_mark_is_unclear_and_never_stalls(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    task = shop.task(done.lines[5])
    assert (task.status, task.stalls_at) == (Status.DRAFT, None)
    assert task.kind == "question"


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


def test_one_candidate_of_the_party_is_taken_and_said(shop: Shop) -> None:
    sheet = pasted(HEAD, "1 | Форма | Ключи | Студия сайта | Ахметов | |", "2 | Форма | Доступ | | Ахметов | |")
    done = shop.apply(sheet)
    inside, anywhere = done.lines
    assert shop.task(inside).owner_id == shop.people["Тимур Ахметов"]
    assert "«Ахметов» — это Тимур Ахметов." in reason("ru", inside.notes)
    assert shop.task(anywhere).owner_id is None
    assert "owner_several" in codes(anywhere)
    assert "Тимур Ахметов, Руслан Ахметов" in reason("ru", anywhere.notes)
    assert shop.task(anywhere).notes == "Ответственный: Ахметов"


def test_nobody_of_another_party_is_taken_and_nobody_is_made(shop: Shop) -> None:
    done = shop.apply(pasted(HEAD, "1 | Форма | Ключи | Заказчик | Марина Ким | в работе |"))
    task = shop.task(done.lines[0])
    assert (task.owner_id, task.notes) == (None, "Ответственный: Марина Ким")
    assert "owner_none" in codes(done.lines[0])


def test_whom_nobody_knows_is_listed_for_the_conductor_once(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    assert set(done.unmatched) == {"Бухгалтерия", "менеджер СДЭК"}
    shop.apply(shipped("register-utf8-bom.csv"), LATER)
    with shop.db.reading() as session:
        cards = session.exec(select(Card)).all()
    assert [card.kind for card in cards] == ["unmatched"]
    assert cards[0].note == "Бухгалтерия: № 14, № 33; менеджер СДЭК: № 19"


def test_a_role_that_has_come_meanwhile_takes_what_was_left_to_it(shop: Shop) -> None:
    shop.apply(shipped("register-utf8-bom.csv"))
    with shop.db.writing() as session:
        party = session.exec(select(Party).where(Party.name == "Заказчик")).one()
        place = Place(Role.CONTRIBUTOR, party.id)
        role = add_member(session, HOUSE, shop.project, PersonInput("Бухгалтерия", is_role=True), place, now=NOW)
    done = shop.apply(shipped("register-utf8-bom.csv"), LATER)
    updated = [line for line in done.lines if line.action is Action.UPDATED]
    assert [line.number for line in updated] == [14, 33]
    assert {shop.task(line).owner_id for line in updated} == {role.id}
    assert "Бухгалтерия" not in shop.task(updated[0]).notes


def test_three_columns_may_name_the_person_from_whom(shop: Shop) -> None:
    sheet = pasted("Что нужно | От кого | Статус", "Ключи | Марина Ким | ждём", "Доступ | Хостинг | ждём")
    done = shop.apply(sheet)
    assert shop.task(done.lines[0]).owner_id == shop.people["Марина Ким"]
    assert "new_party" in codes(done.lines[1])


def test_a_person_whom_nobody_knows_is_made_no_party_of(shop: Shop) -> None:
    head = "Что нужно | От кого | Статус"
    rows = ["Ключи | Ольга Зимина | в работе", "Поля | Зимина О. | ждём", "Доступ | Ахметов | в работе"]
    sheet = pasted(head, *rows)
    done = shop.apply(sheet)
    assert done.parties == ()
    assert done.unmatched == {"Ольга Зимина": (2,), "Зимина О.": (3,), "Ахметов": (4,)}
    first, second, third = (shop.task(line) for line in done.lines)
    assert [task.party_id for task in (first, second, third)] == [None, None, None]
    assert (first.notes, first.status) == ("От кого: Ольга Зимина", Status.IN_PROGRESS)
    assert (second.waiting_kind, second.waiting_note) == ("outside", "Зимина О.")
    assert "owner_several" in codes(done.lines[2])
    assert shop.card_note() == "Ольга Зимина: № 1; Зимина О.: № 2; Ахметов: № 3"
    assert shop.apply(sheet, LATER).count(Action.SKIPPED) == 3, "the same sheet again says nothing new"
    with shop.db.writing() as session:
        party = session.exec(select(Party).where(Party.name == "Заказчик")).one()
        place = Place(Role.CONTRIBUTOR, party.id)
        zimina = add_member(session, HOUSE, shop.project, PersonInput("Ольга Зимина"), place, now=NOW).id
    again = shop.apply(sheet, LATER)
    first, second = (shop.task(line) for line in again.lines[:2])
    assert [task.owner_id for task in (first, second)] == [zimina, zimina]
    assert shop.card_note() == "Ахметов: № 3"


def test_the_card_of_unknown_names_goes_once_all_are_found_or_given_to_somebody(shop: Shop) -> None:
    sheet = pasted(HEAD, "1 | Форма | Ключи | Хостинг | Нина Роева | в работе |", "2 | Форма | Поля | | ??? Ы | |")
    first, second = shop.apply(sheet).lines
    assert shop.card_note() == "Нина Роева: № 1; ??? Ы: № 2"
    shop.edit(first, owner=shop.people["Анна Белова"])
    shop.apply(sheet, LATER)
    assert shop.card_note() == "??? Ы: № 2"
    assert second.task_id is not None
    with shop.db.writing() as session:
        archive_task(session, shop.conductor, second.task_id, now=NOW)
    shop.apply(sheet, LATER)
    assert shop.card_note() is None


def test_a_changed_cell_changes_its_field_alone(shop: Shop) -> None:
    row = "1 | Форма | Ключи | Студия сайта | Марина Ким | в работе | 27.11.2026"
    line = shop.apply(pasted(HEAD, row)).lines[0]
    shop.edit(line, status=Status.REVIEW, notes="позвонили")
    done = shop.apply(pasted(HEAD, row.replace("27.11", "30.11")), LATER)
    assert counts(done) == {"created": 0, "updated": 1, "skipped": 0}
    task = shop.task(done.lines[0])
    assert task.needed_by == date(2026, 11, 30)
    # What people did in the meantime stands: the sheet still says «в работе».
    assert (task.status, task.notes, task.owner_id) == (Status.REVIEW, "позвонили", shop.people["Марина Ким"])
    assert reason("ru", done.lines[0].notes) == "Изменилось в таблице: нужно к."


def test_a_relative_date_counts_from_the_first_import_only(shop: Shop) -> None:
    sheet = pasted(HEAD, "1 | Форма | Ключи | | Марина Ким | | завтра")
    line = shop.apply(sheet).lines[0]
    assert shop.task(line).needed_by == date(2026, 11, 23)
    done = shop.apply(sheet, NOW + timedelta(days=7))
    assert counts(done) == {"created": 0, "updated": 0, "skipped": 1}
    assert shop.task(line).needed_by == date(2026, 11, 23)


def test_an_answer_in_the_sheet_ends_the_wait(shop: Shop) -> None:
    row = "1 | Форма | Ключи | | Марина Ким | ждём |"
    line = shop.apply(pasted(HEAD, row)).lines[0]
    done = shop.apply(pasted(HEAD, row.replace("ждём", "готово")), LATER)
    task = shop.task(done.lines[0])
    assert line.task_id == task.id
    assert (task.status, task.waiting_kind, task.finished_at) == (Status.DONE, None, LATER)


def test_the_conductors_own_import_is_no_act_of_progress(shop: Shop) -> None:
    row = "1 | Форма | Ключи | | Олег Дирижёров | не начато |"
    line = shop.apply(pasted(HEAD, row)).lines[0]
    assert shop.task(line).turn_id == shop.conductor.person_id
    shop.apply(pasted(HEAD, row.replace("не начато", "в работе")), LATER)
    assert shop.task(line).progress_at is None


def test_done_by_the_sheet_does_not_stand_for_evidence(shop: Shop) -> None:
    row = "1 | Форма | Ключи | | Марина Ким | в работе |"
    line = shop.apply(pasted(HEAD, row)).lines[0]
    shop.edit(line, asks_evidence=True)
    done = shop.apply(pasted(HEAD, row.replace("в работе", "готово")), LATER)
    assert shop.task(line).status == Status.IN_PROGRESS
    assert codes(done.lines[0]) == ["unchanged", "needs_evidence"]


def test_a_renumbered_sheet_is_the_same_sheet(shop: Shop) -> None:
    shop.apply(pasted(HEAD, "1 | Форма | Ключи | | | ждём |", "2 | Форма | Доступ | | | ждём |"))
    rows = "1 | Форма | Домен | | | ждём |", "2 | Форма | Ключи | | | ждём |", "3 | Форма | Доступ | | | ждём |"
    done = shop.apply(pasted(HEAD, *rows), LATER)
    assert [line.action for line in done.lines] == [Action.CREATED, Action.UPDATED, Action.UPDATED]
    assert [shop.task(line).title for line in done.lines] == ["Домен", "Ключи", "Доступ"]
    assert [shop.task(line).sheet_ref for line in done.lines] == ["1", "2", "3"]


def test_a_mended_title_under_its_number_is_the_same_task_but_another_one_is_not(shop: Shop) -> None:
    shop.apply(pasted(HEAD, "1 | Форма | Дать доступ к тстовой CRM | | | ждём |", "2 | Форма | Ключи | | | ждём |"))
    rows = "1 | Форма | Дать доступ к тестовой CRM | | | ждём |", "2 | Форма | Список складов | | | ждём |"
    done = shop.apply(pasted(HEAD, *rows), LATER)
    assert [line.action for line in done.lines] == [Action.UPDATED, Action.CREATED]
    assert shop.task(done.lines[0]).title == "Дать доступ к тестовой CRM"


def test_what_was_put_away_does_not_come_back(shop: Shop) -> None:
    sheet = pasted(HEAD, "1 | Форма | Ключи | | | ждём |")
    line = shop.apply(sheet).lines[0]
    with shop.db.writing() as session:
        assert line.task_id is not None
        archive_task(session, shop.conductor, line.task_id, now=NOW)
    assert codes(shop.apply(sheet, LATER).lines[0]) == ["archived"]


def test_an_unknown_column_is_a_line_of_the_report_and_goes_into_the_notes(shop: Shop) -> None:
    done = shop.apply(pasted("Что нужно | Статус | Бюджет | Комментарий", "Ключи | почти | 100 | срочно"))
    assert shop.task(done.lines[0]).notes == "Бюджет: 100\nсрочно\nСтатус: почти"
    said = report("ru", done)["items"]
    assert said[0] == {
        "row": 1,
        "action": "note",
        "reason": "Колонка «Бюджет» здесь неизвестна; её текст сохранён в заметках.",
        "task": None,
    }


def test_a_date_that_is_none_and_texts_that_are_too_long_are_kept_and_said(shop: Shop) -> None:
    title = "Ключи " * 80
    done = shop.apply(
        pasted(HEAD, f"1 | {'и' * 301} | {title} | | | | когда ответит банк", "2 | Форма | Доступ | | | | 01.01.2126")
    )
    long, far = done.lines
    assert {"title_shortened", "name_too_long", "date_unread"} <= set(codes(long))
    task = shop.task(long)
    assert len(task.title) <= 300
    assert task.title.endswith("…")
    assert title.strip() in task.notes
    assert "и" * 301 in task.notes
    assert "Срок: когда ответит банк" in task.notes
    assert shop.task(far).needed_by is None
    assert "01.01.2126" in shop.task(far).notes
    assert counts(shop.apply(pasted(HEAD, f"1 | {'и' * 301} | {title} | | | | когда ответит банк"), LATER)) == {
        "created": 0, "updated": 0, "skipped": 1,
    }  # fmt: skip


def test_a_party_and_an_integration_are_made_once_and_said(shop: Shop) -> None:
    done = shop.apply(
        pasted(HEAD, "1 | Форма → CRM | Ключи | Хостинг | | |", "2 | форма -> CRM | Доступ | «Хостинг» | | |")
    )
    assert [codes(line)[1:] for line in done.lines] == [["new_party", "new_integration"], []]
    assert shop.task(done.lines[0]).party_id == shop.task(done.lines[1]).party_id
    assert shop.task(done.lines[0]).integration_id == shop.task(done.lines[1]).integration_id


def test_nobody_to_ask_is_unclear(shop: Shop) -> None:
    done = shop.apply(pasted(HEAD, "1 | Форма | Ключи | | | не начато |"))
    assert "unclear_without_owner" in codes(done.lines[0])
    assert shop.task(done.lines[0]).status == Status.DRAFT


def test_the_report_has_a_line_for_each_row_in_both_languages(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    for language in ("ru", "en"):
        said = report(language, done)
        assert {name: said[name] for name in ("rows", "created", "updated", "skipped", "applied")} == {
            "rows": 36, "created": 33, "updated": 0, "skipped": 3, "applied": True,
        }  # fmt: skip
        assert len(said["items"]) == 36
        assert all(item["reason"] for item in said["items"])
        assert all((item["task"] is None) == (item["action"] == "skipped") for item in said["items"])
    assert report("ru", shop.plan(shipped("register.xlsx")))["applied"] is False


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
    assert sorted(done.count(Action.CREATED) for done in both) == [0, 33]


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
