"""What an import meets: tasks of earlier imports, and names that somebody has come for since."""

from sqlmodel import select

from tests.worlds.imports import HEAD, HOUSE, LATER, NOW, Shop, codes, pasted, shipped
from tracker.domain.terms import Role
from tracker.services.imports.plan import RowAction
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.persons import PersonInput
from tracker.services.tasks.editing import archive_task
from tracker.tables import Card, Party


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
    updated = [line for line in done.lines if line.action is RowAction.UPDATED]
    assert [line.number for line in updated] == [14, 33]
    assert {shop.task(line).owner_id for line in updated} == {role.id}
    assert "Бухгалтерия" not in shop.task(updated[0]).notes


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


def test_a_renumbered_sheet_is_the_same_sheet(shop: Shop) -> None:
    shop.apply(pasted(HEAD, "1 | Форма | Ключи | | | ждём |", "2 | Форма | Доступ | | | ждём |"))
    rows = "1 | Форма | Домен | | | ждём |", "2 | Форма | Ключи | | | ждём |", "3 | Форма | Доступ | | | ждём |"
    done = shop.apply(pasted(HEAD, *rows), LATER)
    assert [line.action for line in done.lines] == [RowAction.CREATED, RowAction.UPDATED, RowAction.UPDATED]
    assert [shop.task(line).title for line in done.lines] == ["Домен", "Ключи", "Доступ"]
    assert [shop.task(line).sheet_ref for line in done.lines] == ["1", "2", "3"]


def test_a_mended_title_under_its_number_is_the_same_task_but_another_one_is_not(shop: Shop) -> None:
    shop.apply(pasted(HEAD, "1 | Форма | Дать доступ к тстовой CRM | | | ждём |", "2 | Форма | Ключи | | | ждём |"))
    rows = "1 | Форма | Дать доступ к тестовой CRM | | | ждём |", "2 | Форма | Список складов | | | ждём |"
    done = shop.apply(pasted(HEAD, *rows), LATER)
    assert [line.action for line in done.lines] == [RowAction.UPDATED, RowAction.CREATED]
    assert shop.task(done.lines[0]).title == "Дать доступ к тестовой CRM"


def test_what_was_put_away_does_not_come_back(shop: Shop) -> None:
    sheet = pasted(HEAD, "1 | Форма | Ключи | | | ждём |")
    line = shop.apply(sheet).lines[0]
    with shop.db.writing() as session:
        assert line.task_id is not None
        archive_task(session, shop.conductor, line.task_id, now=NOW)
    assert codes(shop.apply(sheet, LATER).lines[0]) == ["archived"]
