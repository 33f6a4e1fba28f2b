"""What a person does at the pages, in words: sign in, fill in a form, choose from a list that completes."""

import re
from datetime import date

from playwright.sync_api import Locator, Page, expect

from tracker.wording.dates import short_day

CONDUCTOR = ("marina@auftakt.example", "auftakt-demo")


def sign_in(page: Page, email: str = CONDUCTOR[0], password: str = CONDUCTOR[1]) -> None:
    page.goto("/sign-in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("form[action='/sign-in'] button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def fill(form: Locator, **fields: str) -> None:
    """By the names of the fields: lines to type in, or lists to choose from by the text shown there."""
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        kind = field.evaluate("field => field.type")
        if kind == "select-one":
            choose(form, name, value)
        elif kind == "checkbox":
            field.set_checked(bool(value))
        else:
            field.fill(value)


def choose(form: Locator, name: str, text: str) -> None:
    """From a list, the entry that begins so: from one that completes what is typed, or from a plain one."""
    field = form.locator(f"select[name$={name}]")
    if field.get_attribute("data-complete") is None or field.is_visible():
        option = field.locator("option").filter(has_text=re.compile(f"^{re.escape(text)}")).first
        field.select_option(value=option.get_attribute("value"))
    else:
        line = form.locator(f".complete:has(select[name$={name}]) input[role=combobox]")
        line.fill(text)
        form.get_by_role("option", name=text).click()


def press(page: Page, name: str) -> None:
    """The button of that name, wherever it stands on the page."""
    page.get_by_role("button", name=name, exact=True).first.click()


def says(page: Page, text: str | re.Pattern[str]) -> None:
    """The line at the bottom says what was done."""
    expect(page.locator("#toast")).to_contain_text(text)


def does_not_scroll_sideways(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def day_and_month(language: str, day: date) -> str:
    """«27 ноя»: what stands beside it (a weekday, a year) changes with the year in which it is read."""
    return short_day(language, day, day).partition(",")[0]
