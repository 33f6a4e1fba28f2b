"""The podium on one screen of a desk: on a usual day, and when three weeks went by without an answer."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.people import does_not_scroll_sideways, sign_in

DESK = 800
"""Pixels of height that a laptop 1280 pixels wide has."""
ALARM = 60
"""The self-watch may stand above: here nothing beats between the rounds that the test makes."""


@pytest.mark.parametrize("weeks", [0, 3])
def test_the_podium_is_one_screen_of_a_desk(demo, visit, weeks):
    with demo() as site:
        morning = datetime.now(UTC).replace(hour=7, minute=54)
        for day in range(1, weeks * 7, 2):
            at = (morning + timedelta(days=day)).isoformat()
            site.auftakt("tick", "--at", at)
            site.auftakt("deliver", "--at", at)
        page = visit(site)
        sign_in(page)
        page.goto("/")
        if weeks:
            assert page.locator("#needs details.fold").count() == 1, "there is more than one screen shows"
        assert page.locator(".podium").evaluate("one => one.getBoundingClientRect().bottom") < DESK + (
            ALARM if page.locator("#watch").count() else 0
        )
        does_not_scroll_sideways(page)
