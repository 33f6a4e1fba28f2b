"""Files in a process of their own: read the same, refused in the same words, and their memory is not ours."""

import io
import os
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import pytest

from tests.places import DATA
from tracker.domain.errors import Invalid
from tracker.formats import sheet_worker
from tracker.formats.sheet_reader import read_pasted, read_sheet
from tracker.formats.sheet_worker import end_reading, read_file, read_paste

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def workbook(text: str, rows: int, columns: int) -> bytes:
    """One text, which each cell names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>')
        row = '<c t="s"><v>0</v></c>' * columns
        lines = "".join(f'<row r="{number + 1}">{row}</row>' for number in range(rows))
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
        )
    return packed.getvalue()


@pytest.mark.parametrize("name", ["register.xlsx", "register-cp1251.csv", "register-utf8-bom.csv"])
def test_it_is_read_as_here(monkeypatch, name):
    monkeypatch.setattr(sheet_worker, "HARMLESS", 0)
    content = (DATA / name).read_bytes()
    assert read_file(content, name) == read_sheet(content, name)


def test_a_paste_is_read_as_here(monkeypatch):
    monkeypatch.setattr(sheet_worker, "HARMLESS", 0)
    pasted = (DATA / "register-paste.tsv").read_text()
    assert read_paste(pasted) == read_pasted(pasted)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"PK\x03\x04 and then nothing", "x.xlsx", "sheet_corrupt"),
        (b"a;b\n" * 90_000, "x.csv", "sheet_too_many_rows"),
        (b"x" * 11_000_000, "x.csv", "sheet_too_large"),
        (b";" * 1_000_000, "x.csv", "sheet_too_wide"),
    ],
)
def test_it_is_refused_in_the_same_words(content, name, code):
    with pytest.raises(Invalid) as refused:
        read_file(content, name)
    assert refused.value.code == code


BOMBS = [
    ("a" * 32_767, 1_350, 100),  # ten kilobytes of four gigabytes
    pytest.param("a", 20_000, 200, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("text", "rows", "columns"), BOMBS, ids=["one text", "cells"])
def test_what_would_take_all_memory_is_refused_and_leaves_none_of_it_here(text, rows, columns):
    bomb = workbook(text, rows, columns)
    assert len(bomb) < 300_000
    before = resident()
    with pytest.raises(Invalid) as refused:
        read_file(bomb, "x.xlsx")
    assert refused.value.code in ("sheet_unreadable", "sheet_not_table")
    assert resident() - before < 100


def test_more_than_a_register_is_not_taken_from_a_worker(monkeypatch):
    monkeypatch.setattr(sheet_worker, "ANSWER", 300)
    with pytest.raises(Invalid) as refused:
        read_file((DATA / "register.xlsx").read_bytes(), "register.xlsx")
    assert refused.value.code == "sheet_unreadable"


def resident() -> int:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def test_a_worker_knows_nothing_of_our_secrets(monkeypatch):
    """And what it writes beside its answer is no answer."""
    seen = []
    begin = subprocess.Popen

    def look(command, **told):
        seen.append(told["env"])
        return begin(command, **told)

    monkeypatch.setenv("AUFTAKT_SECRET_KEY", "k" * 40)
    monkeypatch.setattr(subprocess, "Popen", look)
    read_file((DATA / "register.xlsx").read_bytes(), "register.xlsx")
    assert [sorted(one) for one in seen] == [["LC_ALL", "PYTHONPATH"]]


def test_who_ends_does_not_wait_for_what_is_being_read(monkeypatch):
    told = []

    def read():
        try:
            read_file(workbook("x" * 100, 20_000, 150), "x.xlsx")
        except Invalid as refused:
            told.append(refused.code)

    reading = threading.Thread(target=read)
    reading.start()
    while not sheet_worker._at_work:
        time.sleep(0.01)
    end_reading()
    reading.join(5)
    assert not reading.is_alive()
    assert told == ["sheet_unreadable"]
