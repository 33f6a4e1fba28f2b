"""The same sheet again: what a row changes of its task, and what it leaves alone."""

from datetime import date, timedelta

from tests.worlds.imports import HEAD, LATER, NOW, Shop, codes, counts, pasted
from tracker.domain.terms import Status
from tracker.formats.import_report import reason


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
