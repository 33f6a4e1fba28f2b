"""Searching in Cyrillic: what is found by what somebody types."""

from tracker.services.ground.search import normalise, pattern, title_key


def test_case_the_letter_yo_and_spaces_do_not_matter():
    assert normalise("  ЁЖИК\tв  тумане ", None, "", "Straße") == "ежик в тумане strasse"


def test_a_title_with_yo_stands_among_those_with_ye_and_is_cut_for_the_index():
    titles = ["Жалоба", "Ёмкость", "Единица", "Дата"]
    assert sorted(titles, key=title_key) == ["Дата", "Единица", "Ёмкость", "Жалоба"]
    assert len(title_key("щ" * 300)) == 80


def test_the_wildcards_of_a_persons_own_text_are_plain_signs():
    assert pattern(r"50%_\скидка") == r"%50\%\_\\скидка%"
