"""Everything is read and done by plain links and forms: nothing waits for a script."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

from playwright.sync_api import expect

from tests.browser.people import day_and_month, press, says, sign_in
from tracker.wording.say import say

t = partial(say, "ru")
SOON = datetime.now(UTC).date() + timedelta(days=47)


def test_the_register_the_task_and_the_meeting_need_no_javascript(demo, visit):
    with demo() as site:
        page = visit(site, javascript=False, width=390)
        sign_in(page)

        page.goto("/projects/LEN/register")
        page.locator("#q").fill("телефон")
        page.locator("#q").press("Enter")
        page.wait_for_url(lambda url: "q=" in url)
        found = page.locator("tr[id^=task-]").count()
        assert 0 < found < 40
        page.goto("/projects/LEN/register?status=unfinished&sort=-number")
        numbers = [int(one) for one in page.locator("tr[id^=task-] td.no").all_inner_texts()]
        assert numbers == sorted(numbers, reverse=True) and len(numbers) > 20

        page.goto("/projects/LEN/register")
        page.locator("tr[id^=task-]", has_text="Расчёт стоимости доставки").locator("td.dates a.cell").click()
        page.locator("[name=needed_by]").fill(SOON.isoformat())
        press(page, t("Save"))
        says(page, day_and_month("ru", SOON))

        page.goto("/projects/LEN/register")
        page.get_by_role("link", name=t("New task"), exact=True).click()
        page.locator("[name=title]").fill("Задача без сценариев")
        page.locator("[name=owner]").select_option(label="Тимур Азаров")
        press(page, t("Put it down"))
        says(page, t("№ {number} is in the register.", number=41))

        page.goto("/projects/LEN/t/41")
        page.locator("#answering [name=on]").fill(SOON.isoformat())
        press(page, t("Promise this date"))
        expect(page.locator("dl.facts")).to_contain_text(day_and_month("ru", SOON))

        page.goto("/projects/LEN/meetings/2")
        for reason in page.locator("[name$=reason]").all()[:3]:
            reason.fill("Решено на месте")
        press(page, t("Close the meeting"))
        says(page, t("The meeting is closed. The next steps are in the register."))

        invited = json.loads(site.auftakt("person", "invite", "belova@len-i-nit.example", "--project", "LEN", "--json"))
        page.goto(invited["my_url"])
        step = page.locator("article.step", has_text="Обновить ключ доступа")
        step.get_by_text(t("By a date…")).click()
        step.locator("[name=on]").fill(SOON.isoformat())
        press(page, t("Name it"))
        says(page, day_and_month("ru", SOON))
