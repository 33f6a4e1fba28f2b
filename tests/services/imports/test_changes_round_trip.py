"""Our own export, changed in a spreadsheet or not, and read again; and a person named where a party is asked for."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from tests.telling import answers
from tests.worlds.imports import LATER, NOW, codes, counts, pasted
from tracker.domain.sheets.own_export import SHOWN, VERSION, is_own_export
from tracker.domain.sheets.rows import folded
from tracker.domain.terms import Status, WaitKind, Way
from tracker.formats.import_report import reason
from tracker.formats.sheet_reader import read_sheet
from tracker.formats.sheet_writer import COLUMNS, as_csv, as_xlsx, register_table
from tracker.services.access.loading import standing
from tracker.services.ground.journal import Actor
from tracker.services.imports.plan import RowAction
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.people.projects import edit_project
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput, WaitInput
from tracker.tables import Party, Project, Task
from tracker.wording.fields import label

# A table with every kind of cell that a spreadsheet may spoil.
TITLES = ["Поля формы", "=1+1 в отчёте", "Поля формы", "Доступ к CRM?", "Ждём банк"]


@pytest.fixture
def full(shop):
    """Five tasks: two of one name, a formula, a wait, a promise, lines within a text, own columns."""
    with shop.db.writing() as session:
        joint = create_integration(session, shop.conductor, shop.project, IntegrationInput("Сайт → CRM"), now=NOW).id
        own = {"own_columns": ["Ссылка", "", "Часы"]}
        edit_project(session, shop.conductor, shop.project, None, own, now=NOW)
        people = shop.people
        given = [
            TaskInput(
                TITLES[0],
                owner=people["Тимур Ахметов"],
                integration=joint,
                needed_by=date(2026, 12, 4),
                done_means="Видно в CRM;\nв карточке",
                own_1="https://a.example",
                own_3="4",
            ),
            TaskInput(TITLES[1], owner=people["Ольга Ветрова"], status=Status.IN_PROGRESS, own_3="-2"),
            TaskInput(TITLES[2], integration=joint, owner=people["Марина Ким"]),
            TaskInput(TITLES[3], kind="question"),
            TaskInput(
                TITLES[4],
                owner=people["Анна Белова"],
                status=Status.IN_PROGRESS,
                waiting=WaitInput(WaitKind.PERSON, person_id=people["Руслан Ахметов"]),
            ),
        ]
        made = [create_task(session, shop.conductor, shop.project, one, now=NOW).id for one in given]
        answers.promise(session, Actor(people["Тимур Ахметов"], Way.LINK), made[0], date(2026, 12, 2), now=NOW)
    return shop


def table(shop, language):
    with shop.db.reading() as session:
        mine = standing(session, shop.conductor, shop.project)
        return list(register_table(session, session.get_one(Project, shop.project), mine, language, now=NOW))


def taken(shop, kind="csv", language="ru"):
    rows = iter(table(shop, language))
    content = as_xlsx(rows) if kind == "xlsx" else as_csv(rows, for_excel=kind == "excel")
    return read_sheet(content, f"register.{'xlsx' if kind == 'xlsx' else 'csv'}")


def changed(shop, number, **cells):
    """Our export with cells of one row changed, by the words of their columns (None: a new row)."""
    head, *rows = table(shop, "ru")
    target = next((row for row in rows if row[0] == number), None)
    if target is None:
        target = [None] * len(head)
        rows.append(target)
    for word, value in cells.items():
        target[head.index(word.replace("_", " "))] = value
    return read_sheet(as_csv(iter([head, *rows]), for_excel=False), "register.csv")


def states(shop):
    with shop.db.reading() as session:
        return [task.model_dump() for task in session.exec(select(Task).order_by(Task.id))]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_importer_knows_every_heading_of_the_export(language):
    heads: list[Any] = [label(language, name, "sheet") for name in COLUMNS]
    shown = [label(language, name, "sheet") for name in ("turn", "promised_on", "waiting", "waiting_since")]
    assert {folded(head) for head in heads} & SHOWN == {folded(head) for head in shown}
    assert f"{folded(label(language, 'version', 'sheet'))} " in VERSION
    sheet = read_sheet(as_csv(iter([heads, ["1", "", "Поля"]]), for_excel=False), "x")
    assert is_own_export(sheet)
    assert {sheet.header[place] for place, column in enumerate(sheet.columns) if column is None} == set(shown)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("kind", ["csv", "excel", "xlsx"])
def test_an_unchanged_export_changes_nothing(full, kind, language):
    before = states(full)
    done = full.apply(taken(full, kind, language), LATER)
    assert counts(done) == {"created": 0, "updated": 0, "skipped": 5}
    assert [codes(line) for line in done.lines] == [["unchanged"]] * 5
    assert [line.number for line in done.lines] == [1, 2, 3, 4, 5]
    assert [note.code for note in done.notes] == ["columns_shown"]
    assert (done.parties, done.integrations, done.unmatched) == ((), (), {})
    assert states(full) == before
    again = full.apply(taken(full, kind, language), LATER + timedelta(hours=1))
    assert counts(again) == counts(done)


def test_what_was_changed_in_it_is_changed_and_nothing_else(full):
    before = states(full)
    sheet = changed(full, 1, Что_нужно="Данные заказа", Нужно_к="2026-12-11", Статус="в работе", Часы="6")
    done = full.apply(sheet, LATER)
    assert counts(done) == {"created": 0, "updated": 1, "skipped": 4}
    first, after = before[0], states(full)
    assert (after[0]["title"], after[0]["needed_by"], after[0]["status"], after[0]["own_3"]) == (
        "Данные заказа",
        date(2026, 12, 11),
        "in_progress",
        "6",
    )
    same = ("owner_id", "integration_id", "party_id", "done_means", "notes", "promised_on", "own_1", "sheet_ref")
    assert [after[0][name] for name in same] == [first[name] for name in same]
    assert after[1:] == before[1:]


def test_of_two_of_one_name_the_number_tells(full):
    done = full.apply(changed(full, 3, Ответственный="Тимур Ахметов"), LATER)
    assert [line.number for line in done.lines if line.action is RowAction.UPDATED] == [3]
    assert states(full)[2]["owner_id"] == full.people["Тимур Ахметов"]


def test_a_wait_stays_unless_the_status_is_changed(full):
    full.apply(changed(full, 5, Ждём="никого", Что_нужно="Ждём банк с ответом"), LATER)
    assert states(full)[4]["waiting_kind"] == "person"
    full.apply(changed(full, 5, Статус="готово"), LATER)
    assert (states(full)[4]["status"], states(full)[4]["waiting_kind"]) == ("done", None)


def test_what_was_changed_here_meanwhile_is_not_undone(full):
    sheet = changed(full, 1, Что_нужно="Поля формы в CRM", Нужно_к="2026-12-20")
    with full.db.writing() as session:
        from tracker.services.tasks.editing import edit_task

        edit_task(session, full.conductor, states(full)[0]["id"], None, {"needed_by": date(2026, 12, 8)}, now=NOW)
        edit_task(session, full.conductor, states(full)[1]["id"], None, {"status": "review"}, now=NOW)
    done = full.apply(sheet, LATER)
    assert counts(done) == {"created": 0, "updated": 1, "skipped": 4}
    assert (states(full)[0]["title"], states(full)[0]["needed_by"]) == ("Поля формы в CRM", date(2026, 12, 8))
    assert states(full)[1]["status"] == "review"
    assert codes(done.lines[1]) == ["unchanged", "changed_here"]
    assert "№ 1: здесь есть правки новее таблицы, поэтому остаётся как есть: нужно к." in reason(
        "ru", done.lines[0].notes
    )


def test_a_row_that_was_added_is_a_new_task_and_keeps_all_its_cells(full):
    done = full.apply(changed(full, None, Что_нужно="Новое дело", Ориентир="2026-12-24", Часы="2"), LATER)
    assert counts(done) == {"created": 1, "updated": 0, "skipped": 5}
    new = states(full)[-1]
    assert (new["title"], new["own_3"], new["promised_on"]) == ("Новое дело", "2", None)
    assert "Ориентир: 2026-12-24" in new["notes"]


def test_a_column_that_somebody_added_goes_into_the_notes_once(full):
    head, *rows = table(full, "ru")
    sheet = read_sheet(
        as_csv(iter([[*head, "Бюджет"], *([*row, "100" if row[0] == 2 else ""] for row in rows)]), for_excel=False),
        "x.csv",
    )
    assert counts(full.apply(sheet, LATER)) == {"created": 0, "updated": 1, "skipped": 4}
    assert states(full)[1]["notes"] == "Бюджет: 100"
    assert counts(full.apply(sheet, LATER)) == {"created": 0, "updated": 0, "skipped": 5}


def test_the_numbers_of_another_project_mean_nothing_here(full):
    head, *rows = table(full, "ru")
    head[-1] = "Версия OTHER"
    rows = [[*row[:2], f"Совсем другое дело {row[0]}", *row[3:]] for row in rows]
    done = full.apply(read_sheet(as_csv(iter([head, *rows]), for_excel=False), "x.csv"), LATER)
    assert counts(done) == {"created": 5, "updated": 0, "skipped": 0}
    assert [task["title"] for task in states(full)[:5]] == TITLES


def test_an_emptied_own_column_is_not_in_the_sheet_and_moves_no_other(full):
    head = table(full, "ru")[0]
    assert head[-3:] == ["Ссылка", "Часы", "Версия SHOP"]
    assert table(full, "ru")[1][-3:] == ["https://a.example", "4", 2]


def test_a_foreign_sheet_with_such_a_column_keeps_it_in_the_notes(shop):
    done = shop.apply(pasted("№ | Что нужно | Статус | Ориентир", "7 | Поля формы | в работе | 4 декабря"))
    assert counts(done)["created"] == 1
    task = shop.task(done.lines[0])
    assert (task.notes, task.sheet_ref, task.promised_on) == ("Ориентир: 4 декабря", "7", None)


# --- a person where a party is asked for


def test_a_known_person_under_from_whom_is_taken_with_their_party(shop):
    done = shop.apply(pasted("Что нужно | От кого | Статус", "Поля | Соколов П. | в работе", "Счёт | СДЭК | в работе"))
    assert done.parties == ("СДЭК",)
    first = shop.task(done.lines[0])
    assert first.owner_id == shop.people["Пётр Соколов"]
    with shop.db.reading() as session:
        assert session.get_one(Party, first.party_id).name == "CRM-подрядчик"
    said = reason("ru", done.lines[0].notes)
    assert "«Соколов П.»: это Пётр Соколов, сторона: CRM-подрядчик." in said


def test_beside_an_owner_the_person_only_names_the_party(shop):
    lines = (
        "Что нужно | От кого | Ответственный | Статус",
        "Поля | Пётр Соколов | Лев Гринберг | в работе",
        "Форма | Пётр Соколов | | в работе",
    )
    done = shop.apply(pasted(*lines))
    assert done.parties == ()
    owners = [shop.task(line).owner_id for line in done.lines]
    assert owners == [shop.people["Лев Гринберг"], shop.people["Пётр Соколов"]]


def test_a_name_that_fits_two_people_is_no_party_but_a_question(shop):
    done = shop.plan(pasted("Что нужно | От кого | Статус", "Поля | Ахметов | в работе"))
    assert (done.parties, done.unmatched) == ((), {"Ахметов": (2,)})
