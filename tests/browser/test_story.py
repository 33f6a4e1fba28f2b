"""The main job in a browser, from the register through Telegram and a meeting to the gate."""

import json
import re
from datetime import date, datetime, timedelta
from functools import partial
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import choose, day_and_month, does_not_scroll_sideways, fill, press, says, sign_in
from tests.browser.server import Site
from tracker.domain.dates import date_of
from tracker.wording.say import say

REGISTER = "/projects/LEN/register"
MOSCOW = ZoneInfo("Europe/Moscow")

LIVES = [
    ("sqlite", "ru", 1280),
    ("sqlite", "ru", 390),
    ("sqlite", "en", 1280),
    ("sqlite", "en", 390),
    ("postgresql", "ru", 1280),
]


MOMENTS = [
    "2026-11-29T23:40", "2026-12-31T23:30", "2027-01-03T12:00", "2027-02-22T08:59", "2027-03-28T02:30",
    "2027-04-30T18:01", "2027-11-05T17:55", "2028-02-29T04:00",
]  # fmt: skip
"""In Moscow: Sunday night, the last half hour of a year, amid its holidays, before another one, a change of clocks
elsewhere, after the last hour before May, the last minutes of a week, a leap day."""


@pytest.mark.parametrize(("database", "language", "width"), LIVES)
def test_the_conductor_brings_a_project_forward(demo, visit, database, language, width):
    with demo(database) as site:
        the_story(site, visit, language, width, datetime.now(MOSCOW).date())


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_story_passes_at_any_hour_of_any_day(demo, visit, moment):
    at = datetime.fromisoformat(moment).replace(tzinfo=MOSCOW)
    with demo(at=at) as site:
        the_story(site, visit, "ru", 1280, at.date())


def the_story(site: Site, visit, language: str, width: int, today: date) -> None:
    page = visit(site, language=language, width=width)
    t = partial(say, language)
    soon = today + timedelta(days=47)  # no date of the demo lies there
    shown = day_and_month(language, soon)
    sign_in(page)
    what_stands_is_seen(page, t)
    a_row_is_changed_in_place(page, t, soon, shown)
    title, day = a_contractor_answers_in_telegram(visit(site, language=language, width=width), t, today)
    the_register_shows(page, title, day_and_month(language, day))
    title = a_step_is_answered_behind_the_private_link(visit(site, language=language, width=390), site, t, soon)
    the_register_shows(page, title, shown)
    a_word_on_the_phone_counts(page, t)
    a_meeting_ends_in_a_next_step(page, t, soon, shown)
    the_calendar_holds_the_meeting(page, t)
    a_check_is_passed_and_the_gate_holds(page, t)
    does_not_scroll_sideways(page)


def row(page: Page, number: int) -> Locator:
    return page.locator("tr[id^=task-]").filter(has=page.locator("td.no", has_text=re.compile(rf"^\s*{number}\s*$")))


def what_stands_is_seen(page: Page, t) -> None:
    page.goto(REGISTER)
    expect(page.locator("tr[id^=task-]")).to_have_count(40)
    page.locator("a.chip", has_text=t("Standing still")).click()
    expect(row(page, 6)).to_contain_text("Руслан Ахметов")
    expect(page.locator("tr[id^=task-].stands")).not_to_have_count(0)
    expect(page.locator("tr[id^=task-]:not(.stands)")).to_have_count(0)


def a_row_is_changed_in_place(page: Page, t, soon: date, shown: str) -> None:
    """Owner, status, a date: the row answers at once; one step back; the history tells it all."""
    page.goto(f"{REGISTER}?q=19")
    task = row(page, 19)
    task.locator("td.from a.cell").click()
    choose(task, "owner", "Дарья Лапина")
    expect(task.locator("td.from a.cell")).to_contain_text("Дарья Лапина")
    says(page, "Дарья Лапина")
    page.locator("#toast [data-undo]").click()
    expect(task.locator("td.from a.cell")).to_contain_text("Тимур Азаров")

    task.locator("td.state a.cell").click()
    choose(task, "status", t("in progress"))
    expect(task.locator("td.state .status")).to_have_text(t("in progress"))

    task.locator("td.dates a.cell").click()
    fill(task, needed_by=soon.isoformat())
    press(page, t("Save"))
    expect(task.locator("td.dates")).to_contain_text(shown)

    page.goto("/projects/LEN/t/19")
    history = page.locator(".history li")
    expect(history.nth(0)).to_contain_text("Марина Ким")
    expect(history.nth(0)).to_contain_text(shown)
    expect(history.nth(1)).to_contain_text(f"{t('not started')} → {t('in progress')}")
    expect(history.nth(2)).to_contain_text("Дарья Лапина → Тимур Азаров")
    expect(history.nth(3)).to_contain_text("Тимур Азаров → Дарья Лапина")
    page.goto("/projects/LEN/journal")
    latest = page.locator(".journal > li").first
    expect(latest).to_contain_text("Марина Ким")
    expect(latest).to_contain_text("Расчёт стоимости доставки")
    expect(latest).to_contain_text(shown)


def a_contractor_answers_in_telegram(page: Page, t, today: date) -> tuple[str, date]:
    """The clock moves to a working morning, the bot writes, two taps name a day. Returns the task and the day."""
    page.goto("/demo/telegram")
    press(page, t("Move the clock to the next working morning"))
    page.locator(".chats a", has_text="Лев Гринберг").click()
    asked = page.locator("#talk .bubble.theirs").first
    title = asked.locator("b").first.inner_text()
    asked.get_by_role("button", name="К дате…").click()
    button = page.locator("#talk .bubble.theirs").first.get_by_role("button", name=re.compile(r"\d")).nth(1)
    named = button.inner_text()
    button.click()
    expect(page.locator("#talk .bubble.theirs").first).to_contain_text("Записано")
    does_not_scroll_sideways(page)
    day = date_of(named.partition(", ")[2], today)
    assert day is not None, named
    page.close()  # it looks for news by itself, also after the server's end
    return title, day


def a_step_is_answered_behind_the_private_link(page: Page, site: Site, t, soon: date) -> str:
    """No account: the address is the person. Looking at it changes nothing, one press does."""
    invited = json.loads(site.auftakt("person", "invite", "belova@len-i-nit.example", "--project", "LEN", "--json"))
    page.goto(invited["my_url"])
    title = "Обновить ключ доступа к площадке до конца месяца"
    step = page.locator("article.step", has_text=title)
    step.get_by_text(t("By a date…")).click()
    step.locator("[name=on]").fill(soon.isoformat())
    press(page, t("Name it"))
    expect(page.locator("article.step", has_text=title)).to_contain_text(t("Nothing is asked until then."))
    does_not_scroll_sideways(page)
    return title


def the_register_shows(page: Page, title: str, text: str) -> None:
    page.goto(f"{REGISTER}?{urlencode({'q': title})}")
    expect(page.locator("tr[id^=task-]", has_text=title)).to_contain_text(text)


def a_word_on_the_phone_counts(page: Page, t) -> None:
    """«Со слов»: the conductor notes an answer; it is the person's own, and the journal says who noted it."""
    page.goto("/projects/LEN/t/25")
    form = page.locator("#answering")
    choose(form, "behalf", "Лев Гринберг")
    form.get_by_role("button", name=t("In progress"), exact=True).click()
    expect(page.locator("h1 + p .status")).to_have_text(t("in progress"))
    expect(page.locator(".history li").first).to_contain_text("Лев Гринберг")
    expect(page.locator(".history li").first).to_contain_text("Марина Ким")


def a_meeting_ends_in_a_next_step(page: Page, t, soon: date, shown: str) -> None:
    page.goto("/projects/LEN/meetings/2")
    items = page.locator(".agenda > li")
    expect(items).to_have_count(3)
    press(page, t("Close the meeting"))
    expect(page.get_by_role("alert").first).to_contain_text(
        t("Not closed yet: each line needs a next step, a move, or a reason.")
    )
    expect(page.locator(".agenda > li.lacks")).to_have_count(3)

    first, second, third = (items.nth(place) for place in range(3))
    first.locator("[name$=step_title]").fill("Показать десять заявок в CRM")
    choose(first, "step_owner", "Руслан Ахметов")
    first.locator("[name$=step_needed_by]").fill(soon.isoformat())
    second.get_by_label(t("to the next meeting")).check()
    third.locator("[name$=reason]").fill("Решим после проверки")
    press(page, t("Close the meeting"))
    says(page, t("The meeting is closed. The next steps are in the register."))

    page.goto(f"{REGISTER}?q=Показать десять заявок")
    made = page.locator("tr[id^=task-]")
    expect(made).to_have_count(1)
    expect(made).to_contain_text("Руслан Ахметов")
    expect(made).to_contain_text(shown)


def the_calendar_holds_the_meeting(page: Page, t) -> None:
    page.goto("/me")
    press(page, t("Show my calendar's address"))
    address = page.locator("#shown").inner_text().strip()
    answer = httpx.get(address)
    assert answer.status_code == 200, answer.text
    names = [str(event["summary"]) for event in Calendar.from_ical(answer.text).walk("VEVENT")]
    assert any("Поле «телефон»: последний шаг до запуска" in name for name in names), names


def a_check_is_passed_and_the_gate_holds(page: Page, t) -> None:
    page.goto("/projects/LEN/integrations/1")
    check = page.locator("li.check-line", has_text="Телефон принимается в привычной записи")
    check.get_by_text(t("How did it go?")).click()
    check.get_by_role("button", name=t("Works"), exact=True).click()
    check = page.locator("li.check-line", has_text="Телефон принимается в привычной записи")
    expect(check.get_by_role("alert").first).to_be_visible()
    check.locator("[name=evidence]").fill("https://test.len-i-nit.example/phone.png")
    choose(check, "behalf", "Анна Белова")
    check.get_by_role("button", name=t("Works"), exact=True).click()
    expect(page.locator("li.check-line .mark.passed")).to_have_count(3)

    press(page, t("Go live"))
    alert = page.get_by_role("alert").filter(has_text=t("Not yet. Still missing:"))
    expect(alert).to_be_visible()
    missing = alert.locator("li")
    expect(missing).not_to_have_count(0)
    expect(missing.filter(has_text="Одна кнопка или две")).to_have_count(1)
    expect(page.locator("h1 + p .tag")).not_to_have_text(t("live"))
