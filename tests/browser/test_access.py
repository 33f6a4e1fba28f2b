"""The pages for everybody: contrast and names of things, both themes, a phone's width, and a light first load."""

import pytest

from bench.first_load import first_load
from tests.browser.people import does_not_scroll_sideways, sign_in

PAGES = [
    "/", "/demo/telegram", "/projects/LEN/journal", "/projects", "/projects/LEN/register",
    "/projects/LEN/t/6", "/projects/LEN/messages", "/projects/LEN/integrations",
    "/projects/LEN/integrations/1", "/projects/LEN/meetings", "/projects/LEN/meetings/2", "/projects/LEN/people",
    "/projects/LEN/people/2", "/projects/LEN/settings", "/projects/LEN/import", "/me",
]  # fmt: skip


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_each_page_is_accessible_fits_its_width_and_breaks_no_policy(demo, visit, accessible, theme, width):
    with demo() as site:
        page = visit(site, theme=theme, width=width)
        page.goto("/sign-in")
        accessible(page)
        sign_in(page)
        for path in PAGES:
            answer = page.goto(path)
            assert answer is not None and answer.status == 200, path
            does_not_scroll_sideways(page)
            accessible(page)


def test_a_first_look_at_the_register_takes_few_requests_and_little_wire(demo, visit):
    with demo() as site:
        page = visit(site)
        sign_in(page)
        load = first_load(page.context, f"{site.url}/projects/LEN/register")
        assert load.requests <= 6, load
        assert load.bytes <= 45_000, load
