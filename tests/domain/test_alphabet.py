"""The order of names."""

from tracker.domain.alphabet import by_name


def test_numbers_in_names_are_counted_and_not_spelled():
    names = ["Интеграция 10", "Интеграция 2", "интеграция 1", "1С 8.10", "1С 8.9", "СДЭК"]
    assert sorted(names, key=by_name) == ["1С 8.9", "1С 8.10", "интеграция 1", "Интеграция 2", "Интеграция 10", "СДЭК"]


def test_yo_stands_beside_ye_and_letters_of_both_sizes_together():
    assert sorted(["Ёлка", "еда", "Жук", "анна", "Борис"], key=by_name) == ["анна", "Борис", "еда", "Ёлка", "Жук"]


def test_who_has_no_name_comes_last():
    assert sorted(["Ясень", None, "2"], key=by_name) == ["2", "Ясень", None]
