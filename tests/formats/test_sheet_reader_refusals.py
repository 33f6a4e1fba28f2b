"""Files that are no sheet, or no honest one: refused with what is wrong."""

import io
import struct
import zipfile

import pytest

from tests.formats.sheets import HEADER, refusal, repacked, workbook
from tests.places import DATA
from tracker.formats.sheet_reader import MAX_BYTES, MAX_ROWS, read_sheet


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
        "sheet_corrupt",
        "sheet_empty",
    }


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
