"""Every code of an import has its words, in both languages."""

import re
from datetime import date

import pytest

from tests.places import ROOT
from tracker.domain.errors import Invalid
from tracker.domain.sheets.rows import Note
from tracker.formats.import_report import REASONS, reason
from tracker.wording.refusals import REFUSALS, sentence

TRACKER = ROOT / "tracker"
FACTS = {
    "fields": ("status", "needed_by"), "number": 5, "row": 4, "names": "А, Б", "name": "Анна", "written": "к пятнице",
    "date": date(2026, 11, 27), "limit": 300, "rows": 20_001, "line": 7, "columns": "Статус", "party": "Банк",
}  # fmt: skip


def found(pattern: str) -> set[str]:
    rooms = (TRACKER / "domain" / "sheets", TRACKER / "services" / "imports")
    files = [TRACKER / "formats" / "sheet_reader.py", *(file for room in rooms for file in room.glob("*.py"))]
    assert len(files) > len(rooms)
    return {code for file in files for code in re.findall(pattern, file.read_text())}


def test_every_reason_that_is_given_has_words() -> None:
    given = found(r'Note\(\s*"(\w+)"') | {"date_unread", "new_party", "new_integration"} | {"owner"}
    assert given | {"empty", "header_again", "totals", "no_title"} == set(REASONS)


def test_every_refusal_of_a_sheet_has_words() -> None:
    codes = found(r'"(sheet_(?!ref)\w+)"')
    assert len(codes) == 12
    assert codes <= set(REFUSALS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_is_a_sentence_in_both_languages(code: str) -> None:
    russian, english = (reason(language, [Note(code, FACTS)]) for language in ("ru", "en"))
    assert russian.endswith((".", "»."))
    assert english.endswith(".")
    assert "{" not in russian + english
    assert re.search("[а-я]", russian)


@pytest.mark.parametrize("code", [code for code in sorted(REFUSALS) if code.startswith(("sheet_", "import_"))])
def test_a_refused_file_is_explained_in_both_languages(code: str) -> None:
    russian, english = (sentence(language, Invalid(code=code, **FACTS)) for language in ("ru", "en"))
    assert "{" not in russian + english
    assert re.search("[а-я]", russian)


def test_a_counted_date_is_written_out() -> None:
    note = Note("date_counted", {"written": "к пятнице", "date": date(2026, 11, 27)})
    assert reason("ru", [note]) == "«к пятнице» — это 27 ноября 2026; исходный текст сохранён в заметках."
    stored = Note("date_counted", {"written": "к пятнице", "date": "2026-11-27"})
    assert reason("en", [stored]) == "“к пятнице” counts as 27 November 2026; the words stay in the notes."
