"""Round every answer: what browsers may not do, and no change at the wish of another site."""

import pytest

# What the two databases differ in does not come up here: one of them is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_form_of_another_site_changes_nothing(vera):
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        answer = vera.post("/tasks/1/edit", data={"status": "done", "version": "1"}, headers=headers)
        assert answer.status_code == 403, headers
    own = vera.post("/theme", data={"theme": "dark"}, headers={"origin": "http://auftakt.example"})
    assert own.status_code == 303


def test_every_answer_says_what_browsers_may_not_do(anybody):
    for path in ("/sign-in", "/nowhere", "/healthz"):
        headers = anybody.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_hold_no_inline_script_and_no_inline_style(vera):
    for path in ("/sign-in", "/projects/LEN/register", "/projects/LEN/t/1", "/projects/LEN/tasks/new"):
        html = vera.get(path).text
        assert " style=" not in html
        assert "<style" not in html
        assert "onclick" not in html
        assert html.count("<script") == html.count("<script src=") + html.count('<script type="module" src=')
