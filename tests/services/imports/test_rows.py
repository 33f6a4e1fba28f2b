"""One row with the project's names in view: whom it means, and what stays in the notes."""

from sqlmodel import select

from tests.worlds.imports import HEAD, HOUSE, LATER, NOW, Shop, codes, counts, pasted, shipped
from tracker.domain.terms import Role, Status
from tracker.formats.import_report import reason, report
from tracker.services.imports.plan import RowAction
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.persons import PersonInput
from tracker.tables import Party


def test_the_number_of_the_sheet_is_never_the_number_of_the_task(shop: Shop) -> None:
    done = shop.apply(pasted(HEAD, "17 | Форма | Ключи | | | |", "3 | Форма | Доступ | | | |"))
    assert [(shop.task(line).number, shop.task(line).sheet_ref) for line in done.lines] == [(1, "17"), (2, "3")]


def test_a_question_mark_is_unclear_and_never_stalls(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    task = shop.task(done.lines[5])
    assert (task.status, task.stalls_at) == (Status.DRAFT, None)
    assert task.kind == "question"


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
    assert shop.apply(sheet, LATER).count(RowAction.SKIPPED) == 3, "the same sheet again says nothing new"
    with shop.db.writing() as session:
        party = session.exec(select(Party).where(Party.name == "Заказчик")).one()
        place = Place(Role.CONTRIBUTOR, party.id)
        zimina = add_member(session, HOUSE, shop.project, PersonInput("Ольга Зимина"), place, now=NOW).id
    again = shop.apply(sheet, LATER)
    first, second = (shop.task(line) for line in again.lines[:2])
    assert [task.owner_id for task in (first, second)] == [zimina, zimina]
    assert shop.card_note() == "Ахметов: № 3"


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
        "created": 0,
        "updated": 0,
        "skipped": 1,
    }


def test_nobody_to_ask_is_unclear(shop: Shop) -> None:
    done = shop.apply(pasted(HEAD, "1 | Форма | Ключи | | | не начато |"))
    assert "unclear_without_owner" in codes(done.lines[0])
    assert shop.task(done.lines[0]).status == Status.DRAFT
