"""What an import would do, row by row, and why: planned, reported, and the same once more."""

from datetime import date

import pytest
from sqlmodel import select

from tests.worlds.imports import FILES, LATER, NOW, PEOPLE, Shop, codes, counts, shipped
from tracker.formats.import_report import report
from tracker.services.house.journal_check import verify_journal
from tracker.services.imports.plan import RowAction
from tracker.services.turns.drift_check import verify_moments
from tracker.tables import Integration, Party, Task


@pytest.mark.parametrize("name", FILES)
def test_thirty_six_rows_are_thirty_three_tasks_and_three_reasons(shop: Shop, name: str) -> None:
    dry = shop.plan(shipped(name))
    assert counts(dry) == {"created": 33, "updated": 0, "skipped": 3}
    with shop.db.reading() as session:
        assert session.exec(select(Task)).all() == []
    done = shop.apply(shipped(name))
    assert counts(done) == counts(dry)
    assert [line.notes for line in done.lines] == [line.notes for line in dry.lines]
    skipped = [codes(line) for line in done.lines if line.action is RowAction.SKIPPED]
    assert skipped == [["empty"], ["repeated"], ["totals"]]
    with shop.db.reading() as session:
        assert len(session.exec(select(Task)).all()) == 33
        assert len(session.exec(select(Integration)).all()) == 8
        assert {party.name for party in session.exec(select(Party))} == {*PEOPLE, "СДЭК"}
        assert verify_journal(session).problems == []
        assert verify_moments(session, shop.project, NOW) == []


@pytest.mark.parametrize("second", FILES)
def test_the_same_register_once_more_changes_nothing_in_whatever_format(shop: Shop, second: str) -> None:
    shop.apply(shipped("register-utf8-bom.csv"))
    again = shop.apply(shipped(second), LATER)
    assert counts(again) == {"created": 0, "updated": 0, "skipped": 36}
    assert sum(codes(line) == ["unchanged"] for line in again.lines) == 33


def test_a_paste_of_the_same_tasks_without_integrations_knows_them(shop: Shop) -> None:
    shop.apply(shipped("register-utf8-bom.csv"))
    again = shop.plan(shipped("register-paste.tsv"), LATER)
    assert counts(again) == {"created": 0, "updated": 0, "skipped": 34}


def test_a_paste_without_a_header_makes_tasks_of_its_rows(shop: Shop) -> None:
    done = shop.apply(shipped("register-paste.tsv"))
    assert counts(done) == {"created": 33, "updated": 0, "skipped": 1}
    first = shop.task(done.lines[0])
    assert (first.owner_id, first.needed_by) == (shop.people["Тимур Ахметов"], date(2026, 11, 27))
    assert first.notes == "Нужно к: к пятнице"


def test_the_report_has_a_line_for_each_row_in_both_languages(shop: Shop) -> None:
    done = shop.apply(shipped("register-utf8-bom.csv"))
    for language in ("ru", "en"):
        said = report(language, done)
        assert {name: said[name] for name in ("rows", "created", "updated", "skipped", "applied")} == {
            "rows": 36,
            "created": 33,
            "updated": 0,
            "skipped": 3,
            "applied": True,
        }
        assert len(said["items"]) == 36
        assert all(item["reason"] for item in said["items"])
        assert all((item["task"] is None) == (item["action"] == "skipped") for item in said["items"])
    assert report("ru", shop.plan(shipped("register.xlsx")))["applied"] is False
