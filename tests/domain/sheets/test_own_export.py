"""Our own register coming back: its numbers and versions are known, what it only showed is not taken for a wish."""

from tracker.domain.sheets.columns import Column, Row, Sheet
from tracker.domain.sheets.own_export import claimed, is_own_export

HEADER = ("№", "Что нужно", "Чей ход", "Ждём с", "Версия LEN", "Этап")
COLUMNS = (Column.REFERENCE, Column.TITLE, None, None, None, None)
OWN = Sheet("", (), HEADER, COLUMNS, (Row(2, ("12", "'=Поле", "Анна", "20.11.2026", "3", "'макет")),))


def test_it_is_known_by_what_no_other_register_has_side_by_side():
    assert is_own_export(OWN)
    assert not is_own_export(OWN._replace(header=("№", "Что нужно", "Чей ход", "Кто", "Версия LEN", "Этап")))
    assert not is_own_export(OWN._replace(columns=(Column.REFERENCE, None, None, None, None, None)))


def test_its_numbers_and_versions_are_ours_and_the_sign_before_a_formula_is_gone():
    read = claimed(OWN, ["этап", "", ""], "len")
    assert read.columns == (Column.NUMBER, Column.TITLE, Column.SHOWN, Column.SHOWN, Column.VERSION, Column.OWN_1)
    assert read.rows[0].cells == ("12", "=Поле", "Анна", "20.11.2026", "3", "'макет")


def test_the_versions_of_another_project_are_only_shown():
    assert claimed(OWN, [], "shop").columns[4] is Column.SHOWN


def test_a_sheet_kept_by_others_keeps_its_columns_but_for_the_projects_own():
    theirs = OWN._replace(header=("№", "Что нужно", "Цвет", "Кто", "Версия LEN", "ЭТАП"))
    read = claimed(theirs, ["", "Этап", ""], "LEN")
    assert read.columns == (Column.REFERENCE, Column.TITLE, None, None, None, Column.OWN_2)
    assert read.rows == theirs.rows
