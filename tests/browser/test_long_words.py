"""A word without an end, an address or a key: it breaks, and no page becomes wider than the phone."""

from tests.browser.people import does_not_scroll_sideways, sign_in

WORD = "Длинное" + "слово" * 60


def test_a_long_word_widens_no_page_even_when_the_session_has_ended(demo, visit):
    with demo() as site:
        page = visit(site, width=390, javascript=False)
        sign_in(page)
        page.goto("/projects/LEN/t/20")
        page.locator("#comments textarea").fill(WORD)
        page.locator("#comments form button").first.click()
        page.wait_for_url(lambda url: url.endswith("#comments"))
        does_not_scroll_sideways(page)
        page.locator("#comments textarea").fill(WORD)
        page.context.clear_cookies(name="auftakt")
        page.locator("#comments form button").first.click()
        page.locator(".prose", has_text=WORD).wait_for()
        does_not_scroll_sideways(page)
