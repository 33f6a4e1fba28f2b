"""From an empty database to a working register, in the browser alone."""

import re
from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.people import fill, press, says
from tests.places import DATA
from tracker.wording.say import say

SHEET = DATA / "register-utf8-bom.csv"
ROOT = "/projects/SHOP"
t = partial(say, "ru")


def test_a_project_is_set_up_worked_on_and_filled_from_a_sheet(empty, visit):
    page = visit(empty)
    the_first_conductor_comes_in(page)
    a_project_is_opened(page)
    parties_and_people_are_brought_in(page)
    an_integration_is_put_down(page)
    a_task_is_put_down(page)
    a_sheet_is_brought(page)
    the_project_is_put_away(page)


def form(page: Page):
    return page.locator("main form.form").first


def the_first_conductor_comes_in(page: Page) -> None:
    page.goto("/")
    page.goto("/set-up")
    fill(form(page), name="Вера Лунина", email="vera@conductor.example", password="короткий")
    press(page, t("Begin"))
    expect(page.locator(".wrong")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Вера Лунина")
    fill(form(page), password="тихая музыка перед началом")
    press(page, t("Begin"))
    page.wait_for_url(lambda url: "set-up" not in url)
    answer = page.request.get("/set-up")
    assert answer.status == 404, "the door is shut behind the first one"


def a_project_is_opened(page: Page) -> None:
    page.goto("/projects")
    page.get_by_role("link", name=t("New project"), exact=True).first.click()
    fill(form(page), name="Лавка", key="SHOP", purpose="Продаём чай")
    press(page, t("Open the project"))
    page.wait_for_url(re.compile(ROOT))
    page.goto(f"{ROOT}/register")
    expect(page.locator(".empty")).to_contain_text(
        t("The register is empty. Put down what is needed first, or bring your sheet.")
    )
    page.goto(f"{ROOT}/settings")
    fill(form(page), name="Лавка чая")
    press(page, t("Save"))
    says(page, t("The settings are saved."))
    expect(page.locator(".switch summary")).to_contain_text("Лавка чая")


def parties_and_people_are_brought_in(page: Page) -> None:
    for name, kind in (("CRM-подрядчик", t("contractor")), ("Лишняя сторона", t("vendor support"))):
        page.goto(f"{ROOT}/parties/new")
        fill(form(page), name=name, kind=kind)
        press(page, t("Bring it in"))
        says(page, name)
    page.get_by_role("link", name=t("change"), exact=True).last.click()
    fill(form(page), note="Больше не участвует")
    press(page, t("Save"))
    says(page, t("Saved."))
    page.get_by_role("link", name=t("change"), exact=True).last.click()
    press(page, t("Put away"))
    says(page, t("{name} is put away.", name="Лишняя сторона"))

    for name in ("Пётр Соколов", "Лишний Человек"):
        page.goto(f"{ROOT}/people/new")
        fill(form(page), name=name, party="CRM-подрядчик", role=t("contributor"))
        press(page, t("Bring in"))
        expect(page.locator("h1")).to_contain_text(name)
    press(page, t("End the place in this project"))
    page.goto(f"{ROOT}/people")
    expect(page.locator("main")).to_contain_text("Пётр Соколов")
    expect(page.locator("main td", has_text="Лишний Человек")).to_have_count(0)
    page.get_by_text(t("No longer taking part: {n}", n=1)).click()
    press(page, t("Bring back"))
    expect(page.locator("h1")).to_contain_text("Лишний Человек")
    press(page, t("End the place in this project"))
    page.goto(f"{ROOT}/people")
    page.get_by_role("link", name="Пётр Соколов").click()
    page.get_by_text(t("Change the person's own record")).click()
    record = page.locator("form[action$='/edit']")
    fill(record, salutation="Пётр Ильич")
    record.get_by_role("button", name=t("Save")).click()
    says(page, t("Saved."))


def an_integration_is_put_down(page: Page) -> None:
    for name in ("Форма сайта → CRM", "Лишний стык"):
        page.goto(f"{ROOT}/integrations/new")
        fill(form(page), name=name, accountable="Пётр Соколов")
        press(page, t("Put it down"))
        expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("#who")).to_contain_text(t("has not agreed yet"))
    page.get_by_role("link", name=t("Change"), exact=True).click()
    fill(form(page), purpose="Стык, который не нужен")
    press(page, t("Save"))
    page.get_by_role("link", name=t("Change"), exact=True).click()
    press(page, t("Put away"))
    says(page, t("{name} is put away.", name="Лишний стык"))


def a_task_is_put_down(page: Page) -> None:
    page.goto(f"{ROOT}/tasks/new")
    fill(form(page), title="Прислать поля формы", owner="Пётр Соколов", integration="Форма сайта → CRM")
    press(page, t("Put it down"))
    says(page, t("№ {number} is in the register.", number=1))
    page.locator("tr[id^=task-] td.no a").click()
    page.get_by_text(t("Change all fields")).click()
    fields = page.locator("details[open] form")
    fill(fields, title="Прислать все поля формы", done_means="Список из десяти полей")
    fields.get_by_role("button", name=t("Save")).click()
    expect(page.locator("h1")).to_contain_text("Прислать все поля формы")
    press(page, t("Put away"))
    says(page, t("№ {number} is put away.", number=1))
    press(page, t("Bring it back"))
    says(page, t("№ {number} is back in the register.", number=1))


def a_sheet_is_brought(page: Page) -> None:
    """First what would become of each row, then the rows: 36 = 33 + 0 + 3."""
    page.goto(f"{ROOT}/import")
    page.locator("#sheet").set_input_files(SHEET)
    press(page, t("Look at it first"))
    expect(page.locator("dl.facts dd")).to_have_text(["36", "33", "0", "3"])
    page.goto(f"{ROOT}/register")
    expect(page.locator("tr[id^=task-]")).to_have_count(1)
    page.go_back()
    press(page, t("Do it"))
    expect(page.locator("dl.facts dd")).to_have_text(["36", "33", "0", "3"])
    page.goto(f"{ROOT}/register?q=эквайринга")
    expect(page.locator("tr[id^=task-]")).to_have_count(1)


def the_project_is_put_away(page: Page) -> None:
    page.goto(f"{ROOT}/settings")
    page.locator(f"form[action='{ROOT}/archive'] button").click()
    page.goto("/projects")
    page.locator(f"form[action='{ROOT}/restore'] button").click()
    page.goto(f"{ROOT}/register")
    expect(page.locator("h1")).to_have_text(t("Register"))
