"""Sheets as people keep them, and files that are none."""

import io
import struct
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.places import DATA
from tracker.domain.errors import Invalid
from tracker.domain.sheets.columns import SYNONYMS, Column, Row, Sheet
from tracker.formats.sheet_reader import MAX_BYTES, MAX_ROWS, read_pasted, read_sheet

REGISTER = ("№", "Интеграция", "Что нужно", "От кого", "Ответственный", "Статус", "Срок", "Комментарий")
COLUMNS = tuple(column for column in SYNONYMS if column is not Column.DONE_MEANS)
HEADER = "Что нужно;От кого;Статус\n"


def shipped(name: str) -> Sheet:
    return read_sheet((DATA / name).read_bytes(), name)


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd.mm.yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return file.getvalue()


def repacked(content: bytes, name: str, replaced: bytes) -> bytes:
    """The archive with another text in one of its entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, replaced if entry == name else old.read(entry))
    return file.getvalue()


def refusal(content: bytes, name: str = "register.csv") -> Invalid:
    with pytest.raises(Invalid) as refused:
        read_sheet(content, name)
    return refused.value


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
        Column.REFERENCE, Column.INTEGRATION, Column.TITLE, Column.PARTY, Column.OWNER, Column.STATUS,
    )  # fmt: skip


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
        (4, ("a", "b", "c")), (5, ("", "", "")), (6, ("d", "e", "f")),
    ]  # fmt: skip


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


@pytest.mark.parametrize("content", [b"", b"  \r\n", b"\xef\xbb\xbf", b";;;\n;;;\n", workbook(Empty=[])])
def test_an_empty_file_is_called_empty(content: bytes) -> None:
    assert refusal(content).code == "sheet_empty"


@pytest.mark.parametrize(
    "text", ["просто письмо\nбез таблицы", "Имя;Почта\nАнна;a@b.example\n", "a,b\nc,d\n", "<html><b>Реестр</b></html>"]
)
def test_a_text_that_is_no_register_is_refused(text: str) -> None:
    assert refusal(text.encode()).code == "sheet_not_table"


def test_a_table_that_does_not_say_what_is_needed_is_told_so() -> None:
    error = refusal("Ответственный;Статус;Бюджет\nАнна;ждём;5\n".encode())
    assert (error.code, error.facts) == ("sheet_no_title", {"columns": "Ответственный, Статус"})


def test_broken_quotes_are_refused_with_their_line() -> None:
    error = refusal(f'{HEADER}a;b;c\n"не закрыто;b;c\nd;e;f\n'.encode())
    assert (error.code, error.facts) == ("sheet_quotes", {"line": 3})
    error = refusal(f'{HEADER}a;"b" d;c\n'.encode())
    assert (error.code, error.facts) == ("sheet_quotes", {"line": 2})


def test_a_cell_as_long_as_a_book_is_read_whole() -> None:
    text = "Ж" * 200_000
    sheet = read_sheet(f"№;Что нужно;Статус\n1;{text};в работе\n".encode(), "r.csv")
    assert [row.cells[1] for row in sheet.rows] == [text]


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.7\n\x00\xff", bytes(range(256)), b"PK\x03\x04" + b"\x00" * 40 + b"rubbish"],
)
def test_binary_rubbish_is_refused(content: bytes) -> None:
    assert refusal(content).code in {"sheet_binary", "sheet_corrupt"}


def test_another_archive_is_not_a_workbook() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(file.getvalue()).code == "sheet_binary"


@pytest.mark.parametrize("encoding", ["koi8-r", "cp866", "utf-8-cut", "utf-16-cut"])
def test_an_encoding_we_do_not_know_is_never_guessed(encoding: str) -> None:
    text = (DATA / "register-utf8-bom.csv").read_text("utf-8-sig").replace("→", "-")
    text = text.replace("«", '""').replace("»", '""').replace('"', "").replace("№", "N")
    content = {"utf-8-cut": text.encode() + b"\xd0", "utf-16-cut": b"\xff\xfe" + text.encode("utf-16-le") + b"\x00"}
    assert refusal(content.get(encoding) or text.encode(encoding)).code == "sheet_encoding"


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    error = refusal(b"a" * (MAX_BYTES + 1))
    assert (error.code, error.facts) == ("sheet_too_large", {"limit": 10})


def test_the_number_of_rows_and_columns_has_an_end() -> None:
    assert len(read_sheet((HEADER + "a;b;c\n" * (MAX_ROWS - 1)).encode(), "s.csv").rows) == MAX_ROWS - 1
    assert refusal((HEADER + "a;b;c\n" * MAX_ROWS).encode()).code == "sheet_too_many_rows"
    assert refusal((HEADER + "a;" * 300).encode()).code == "sheet_too_wide"


def test_a_password_and_an_old_format_are_told_apart() -> None:
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512
    assert refusal(container + "EncryptedPackage".encode("utf-16-le"), "r.xlsx").code == "sheet_password"
    assert refusal(container, "r.xls").code == "sheet_old_format"


def test_a_damaged_workbook_is_refused() -> None:
    content = (DATA / "register.xlsx").read_bytes()
    assert refusal(content[:2000], "r.xlsx").code == "sheet_corrupt"
    assert refusal(repacked(content, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"), "r.xlsx").code == (
        "sheet_corrupt"
    )
    assert refusal(repacked(content, "xl/workbook.xml", b"no xml at all"), "r.xlsx").code in {
        "sheet_corrupt", "sheet_empty",
    }  # fmt: skip


def test_a_workbook_that_unpacks_into_too_much_is_refused() -> None:
    content = (DATA / "register.xlsx").read_bytes()
    bomb = repacked(content, "docProps/app.xml", b"0" * (65 * 1024 * 1024))
    assert len(bomb) < 200_000
    assert refusal(bomb, "r.xlsx").code == "sheet_too_large"


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    content = repacked((DATA / "register.xlsx").read_bytes(), "docProps/app.xml", b"0" * 100_000)
    lying = content.replace(struct.pack("<I", 100_000), struct.pack("<I", 100))
    assert lying != content
    assert refusal(lying, "r.xlsx").code == "sheet_corrupt"


def test_two_cells_in_far_corners_do_not_take_the_memory() -> None:
    xml = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c s="1" r="XFD1048576"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    content = repacked((DATA / "register.xlsx").read_bytes(), "xl/worksheets/sheet1.xml", xml)
    assert refusal(content, "r.xlsx").code == "sheet_too_many_rows"
    nameless = (
        xml.replace(b' r="A1"', b"")
        .replace(b's="1" r="XFD1048576"', b"")
        .replace(b"<c >", b"<c><v>1</v></c>" * 9 + b"<c>")
    )
    content = repacked((DATA / "register.xlsx").read_bytes(), "xl/worksheets/sheet1.xml", nameless)
    assert refusal(content, "r.xlsx").code == "sheet_too_many_rows"
    # Only coloured, not filled: the sheet is as small as it looks.
    coloured = xml.replace(b'<c s="1" r="XFD1048576"><v>1</v></c>', b'<c s="1" r="XFD1048576"/>')
    read_sheet(repacked((DATA / "register.xlsx").read_bytes(), "xl/worksheets/sheet2.xml", coloured), "r.xlsx")


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
