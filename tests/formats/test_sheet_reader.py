"""Sheets as people keep them."""

import io
from contextlib import suppress
from datetime import date, datetime, time

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.sheets import COLUMNS, HEADER, REGISTER, shipped, workbook
from tracker.domain.errors import Invalid
from tracker.domain.sheets.columns import Column, Row
from tracker.formats.sheet_reader import read_pasted, read_sheet


@pytest.mark.parametrize("name", ["register-cp1251.csv", "register-utf8-bom.csv", "register.xlsx"])
def test_a_kept_register_is_read_with_all_its_rows(name: str) -> None:
    sheet = shipped(name)
    assert sheet.header == REGISTER
    assert sheet.columns == COLUMNS
    assert len(sheet.rows) == 36
    assert sheet.unknown == ()
    assert sheet.rows[6].cells[-1] == "прислали\nво вложении"
    assert sheet.rows[9].cells == ("",) * 8
    assert sheet.rows[20].cells[-1] == "«зависло» в прошлый раз".replace("«", '"').replace("»", '"')
    assert sheet.rows[12].cells[-1] == "=ВПР сломан"
    assert sheet.rows[-1].cells == ("", "Итого", *("",) * 6)


def test_every_encoding_holds_the_same_rows_but_for_the_arrow_that_cp1251_lacks() -> None:
    narrow, wide, book = map(shipped, ("register-cp1251.csv", "register-utf8-bom.csv", "register.xlsx"))
    assert [row.cells for row in narrow.rows] == [
        tuple(cell.replace("→", "->") for cell in row.cells) for row in wide.rows
    ]
    dates = Column.DUE, wide.columns.index(Column.DUE)
    for theirs, ours in zip(book.rows, wide.rows, strict=True):
        assert [c for i, c in enumerate(theirs.cells) if i != dates[1]] == [
            c for i, c in enumerate(ours.cells) if i != dates[1]
        ]


def test_a_workbook_gives_its_first_register_its_title_and_its_dates() -> None:
    sheet = shipped("register.xlsx")
    assert sheet.name == "Реестр"
    assert sheet.titles == ("Реестр интеграций, магазин «Лён и нить»",)
    assert sheet.rows[0].number == 4
    assert [row.cells[6] for row in sheet.rows[:3]] == ["к пятнице", "", "2026-11-05"]


def test_a_paste_without_a_header_is_known_by_what_stands_in_it() -> None:
    sheet = shipped("register-paste.tsv")
    assert sheet.columns == (Column.TITLE, Column.OWNER, Column.STATUS, Column.DUE)
    assert sheet.header == ("", "", "", "")
    assert len(sheet.rows) == 34
    assert sheet.rows[0].number == 1


def test_one_pasted_line_is_a_register_too() -> None:
    sheet = read_pasted("Подтвердить домен\tАнна Белова\tждём\tк пятнице")
    assert sheet.columns == (Column.TITLE, Column.OWNER, Column.STATUS, Column.DUE)


def test_a_paste_with_number_joint_and_side_is_read_by_form_and_place() -> None:
    sheet = read_pasted(
        "1\tФорма → CRM\tДобавить поле «телефон» в форму\tСтудия\tМарина Ким\tв работе\n"
        "2\tОплата\tДоговор эквайринга и тестовые ключи\tБанк\tРуслан Ахметов\tждём"
    )
    assert sheet.columns == (
        Column.REFERENCE,
        Column.INTEGRATION,
        Column.TITLE,
        Column.PARTY,
        Column.OWNER,
        Column.STATUS,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_delimiter_and_line_end_is_read(encoding: str, delimiter: str, end: str) -> None:
    lines = (("Задача", "Сторона", "Статус"), ('"Ключи; доступы, пароль"', "Студия сайта", "ждём"), ("", "", ""))
    sheet = read_sheet(end.join(map(delimiter.join, lines)).encode(encoding), "sheet.csv")
    assert sheet.columns == (Column.TITLE, Column.PARTY, Column.STATUS)
    assert sheet.rows == (Row(2, ("Ключи; доступы, пароль", "Студия сайта", "ждём")), Row(3, ("", "", "")))


@pytest.mark.parametrize(
    "header",
    [
        "№ п/п;Стык;Задача;Сторона;Исполнитель;Статус;Дедлайн;Примечание",
        "#;Integration;What;From whom;Owner;Status;Due date;Notes",
        "Номер;Раздел;ЧТО НУЖНО:;Компания;Кто;Состояние;Нужно к;Заметки",
        "id;Joint;Task;Party;Assignee;State;Needed by;Comment",
        '№;Интеграция;"Что\nнужно";От кого;Ответственный (ФИО);Статус;Срок (план);Комментарий',
    ],
)
def test_columns_are_known_by_their_usual_words_in_both_languages(header: str) -> None:
    sheet = read_sheet(f"{header}\n1;a;b;c;d;e;f;g\n".encode(), "sheet.csv")
    assert sheet.columns == COLUMNS


def test_a_title_and_empty_lines_above_the_header_are_no_rows() -> None:
    sheet = read_sheet(f"Реестр, ноябрь\n\n{HEADER}a;b;c\n\nd;e;f\n".encode(), "sheet.csv")
    assert sheet.titles == ("Реестр, ноябрь",)
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (4, ("a", "b", "c")),
        (5, ("", "", "")),
        (6, ("d", "e", "f")),
    ]


def test_an_unknown_column_and_one_without_a_word_are_named() -> None:
    sheet = read_sheet("Что нужно;Статус;Бюджет;;Пусто;\nКлючи;ждём;100;x;;\nДоступ;;;;;;;y\n".encode(), "sheet.csv")
    assert sheet.unknown == ("Бюджет", "4", "8")


def test_the_second_column_of_a_kind_is_unknown_but_notes_may_be_several() -> None:
    sheet = read_sheet("Задача;Что нужно;Статус;Комментарий;Примечание\na;b;c;d;e\n".encode(), "sheet.csv")
    assert sheet.columns == (Column.TITLE, None, Column.STATUS, Column.NOTES, Column.NOTES)
    assert sheet.unknown == ("Что нужно",)


def test_a_header_alone_is_a_register_of_no_rows() -> None:
    assert read_sheet(HEADER.encode(), "sheet.csv").rows == ()


def test_what_cannot_be_seen_is_taken_off() -> None:
    sheet = read_sheet(f"{HEADER}\u200bКлю\u202eчи\u00a0API;b;c\n".encode(), "sheet.csv")
    assert sheet.rows[0].cells[0] == "Ключи API"


def test_a_tabbed_paste_may_hold_a_cell_that_begins_with_a_quotation_mark() -> None:
    sheet = read_pasted('Что нужно\tКто\tСтатус\n"зависло" в прошлый раз\tМарина Ким\tждём\n')
    assert sheet.rows[0].cells == ('"зависло" в прошлый раз', "Марина Ким", "ждём")


def test_values_of_a_workbook_are_texts() -> None:
    content = workbook(
        Contacts=[["Имя", "Сторона", "Почта"], ["Анна", "Заказчик", "a@b.example"]],
        Register=[
            ["Задача", "Статус", "Срок", "Код"],
            ["Ключи", True, date(2026, 11, 5), 7],
            ["Пилот", False, datetime(2026, 11, 5, 14, 30), 0.5],  # noqa: DTZ001 (a cell has no zone)
            ["Время", None, time(9, 30), "=1+1"],
        ],
    )
    sheet = read_sheet(content, "book.xlsx")
    assert sheet.name == "Register"
    assert sheet.rows == (
        Row(2, ("Ключи", "true", "2026-11-05", "7")),
        Row(3, ("Пилот", "false", "2026-11-05 14:30:00", "0.5")),
        Row(4, ("Время", "", "09:30:00", "0")),
    )


def test_a_cell_merged_over_several_rows_is_said_of_each() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:C1", "Реестр")
        sheet.write_row("A2", ["Интеграция", "Что нужно", "Статус"])
        sheet.merge_range("A3:A4", "Форма → CRM")
        sheet.write_row("B3", ["Ключи", "ждём"])
        sheet.write_row("B4", ["Доступ", "ждём"])
    read = read_sheet(file.getvalue(), "book.xlsx")
    assert read.titles == ("Реестр",)
    assert [row.cells[:2] for row in read.rows] == [("Форма → CRM", "Ключи"), ("Форма → CRM", "Доступ")]


def test_a_cell_as_long_as_a_book_is_read_whole() -> None:
    text = "Ж" * 200_000
    sheet = read_sheet(f"№;Что нужно;Статус\n1;{text};в работе\n".encode(), "r.csv")
    assert [row.cells[1] for row in sheet.rows] == [text]


@given(st.binary(max_size=300))
def test_no_file_whatever_ends_in_anything_but_a_register_or_a_refusal(content: bytes) -> None:
    with suppress(Invalid):
        assert Column.TITLE in read_sheet(content, "x").columns


@given(st.text(alphabet='абaB1;,\t"\n\r?', max_size=200))
def test_no_text_whatever_loses_a_row(text: str) -> None:
    with suppress(Invalid):
        sheet = read_pasted(f"Что нужно\tСтатус\n{text}")
        assert [row.number for row in sheet.rows] == list(range(2, len(sheet.rows) + 2))
        assert all(len(row.cells) == len(sheet.columns) for row in sheet.rows)
