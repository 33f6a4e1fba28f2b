"""Sheets by command: tried, applied, taken away."""

import csv
import io

from python_calamine import CalamineWorkbook

from tests.places import DATA

SHEETS = DATA


def test_a_sheet_is_tried_then_applied_then_known(project):
    sheet = str(SHEETS / "register-utf8-bom.csv")
    tried = project.json("import", sheet, "--project", "LEN")
    assert (tried["applied"], tried["rows"]) == (False, tried["created"] + tried["updated"] + tried["skipped"])
    done = project.json("import", sheet, "--project", "LEN", "--apply")
    assert done["applied"] and done["created"] == tried["created"] > 0
    again = project.json("import", sheet, "--project", "LEN")
    assert again["created"] == 0 and again["skipped"] == again["rows"]
    assert "rows:" in project.run("import", sheet, "--project", "LEN").stdout


def test_what_can_not_be_read_ends_with_status_1_and_writes_nothing(project, tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    project.says("import", str(broken), "--project", "LEN", "--apply", status=1)
    project.says("import", str(SHEETS / "register-utf8-bom.csv"), "--project", "NONE", status=2)
    project.run("import", str(tmp_path / "absent.csv"), "--project", "LEN", status=2)
    assert len(project.run("export", "--project", "LEN").stdout.splitlines()) == 1


def test_the_register_is_taken_away_as_csv_and_xlsx(project, tmp_path):
    project.run("import", str(SHEETS / "register-utf8-bom.csv"), "--project", "LEN", "--apply")
    rows = list(csv.reader(io.StringIO(project.run("export", "--project", "LEN").stdout)))
    assert rows[0][:3] == ["№", "Integration", "What is needed"]
    assert len(rows) > 30 and [row[0] for row in rows[1:4]] == ["1", "2", "3"]
    target = tmp_path / "register.xlsx"
    assert project.json("export", "--project", "LEN", "--output", str(target)) == {
        "file": str(target),
        "rows": len(rows) - 1,
    }
    sheet = CalamineWorkbook.from_path(target).get_sheet_by_index(0).to_python()
    assert [row[2] for row in sheet] == [row[2] for row in rows]
    excel = tmp_path / "register.csv"
    project.run("export", "--project", "LEN", "--excel", "--output", str(excel))
    assert excel.read_bytes().startswith(b"\xef\xbb\xbf") and ";" in excel.read_text("utf-8-sig").splitlines()[0]
    project.run("export", "--project", "LEN", "--json", status=2)
