"""The frame round a page: which place of the navigation it belongs to."""

import pytest


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("register", "register?status=unfinished"),
        ("t/1", "register?status=unfinished"),
        ("tasks/new", "register?status=unfinished"),
        ("systems/new", "integrations"),
        ("deadlocks/new", "integrations"),
        ("parties/new", "people"),
        ("import", "settings"),
    ],
)
def test_a_page_shows_the_place_it_was_reached_from(vera, path, place):
    text = vera.get(f"/projects/LEN/{path}").text
    assert text.count('aria-current="page"') == 1
    assert f'<a href="/projects/LEN/{place}" aria-current="page">' in text


def test_a_page_of_no_project_belongs_to_no_place(vera):
    assert 'aria-current="page"' not in vera.get("/me").text
