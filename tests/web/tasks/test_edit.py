"""Editing in place: the five questions of the verb as a browser asks them, with and without htmx."""

import json
import re

import pytest

from tracker.tables import Task


def task_of(db, task_id: int) -> Task:
    with db.reading() as session:
        task: Task = session.get_one(Task, task_id)
        return task


def test_a_cell_becomes_a_form_and_the_form_becomes_the_row(vera, world, db):
    task_id = world.tasks[3]
    form = vera.get(f"/tasks/{task_id}/edit?field=owner", htmx=True)
    assert form.status_code == 200
    assert form.text.strip().startswith(f'<tr id="task-{task_id}"')
    assert '<select id="owner" name="owner"' in form.text
    assert form.headers["cache-control"] == "no-store"
    version = re.search(r'name="version" value="(\d+)"', form.text)
    assert version
    saved = vera.post(f"/tasks/{task_id}/edit", data={"version": version[1], "owner": str(world.pete)}, htmx=True)
    assert saved.status_code == 200
    assert saved.text.strip().startswith(f'<tr id="task-{task_id}" data-version="{int(version[1]) + 1}"')
    assert "Пётр Соколов" in saved.text
    assert task_of(db, task_id).owner_id == world.pete


def test_the_line_at_the_bottom_takes_it_back(vera, world, db):
    task_id = world.tasks[3]
    before = task_of(db, task_id)
    saved = vera.post(f"/tasks/{task_id}/edit", data={"owner": str(world.pete)}, htmx=True)
    told = json.loads(saved.headers["hx-trigger"])["auftakt:said"]
    assert told["text"].startswith("№ 3")
    undone = vera.post(told["undo"]["url"], data=told["undo"]["values"], htmx=True)
    assert undone.status_code == 200
    after = task_of(db, task_id)
    assert (after.owner_id, after.promised_on) == (before.owner_id, before.promised_on)


def test_without_a_script_the_same_form_is_a_page_and_leads_on(vera, world, db):
    task_id = world.tasks[3]
    assert "<!doctype html>" in vera.get(f"/tasks/{task_id}/edit?field=dates").text
    saved = vera.post(f"/tasks/{task_id}/edit", data={"needed_by": "2026-12-04", "next": "/projects/LEN/register"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/projects/LEN/register")
    assert "Needed by: 4 Dec, Fri" in vera.get("/projects/LEN/register").text
    assert str(task_of(db, task_id).needed_by) == "2026-12-04"


@pytest.mark.parametrize(
    ("typed", "day"),
    [("27.11.2026", "2026-11-27"), ("к пятнице", "2026-11-27"), ("завтра", "2026-11-24"), ("", "None")],
)
def test_a_day_is_read_as_people_write_it(vera, world, db, typed, day):
    vera.post(f"/tasks/{world.tasks[1]}/edit", data={"needed_by": typed}, htmx=True)
    assert str(task_of(db, world.tasks[1]).needed_by) == day


@pytest.mark.parametrize(
    "wrong",
    [
        {"needed_by": "когда-нибудь"},
        {"status": "nonsense"},
        {"owner": "999999"},
        {"owner": "Никто Такой"},
        {"title": "   "},
        {"title": "x" * 400},
        {"waiting": "person:999999"},
        {"waiting": "task", "waiting_task": "77"},
        {"external_url": "javascript:alert(1)"},
        {"needed_by": "2099-01-01"},
        {"version": "99", "title": "x"},
    ],
)
def test_nonsense_comes_back_as_typed_and_changes_nothing(vera, world, db, wrong):
    task_id = world.tasks[1]
    before = task_of(db, task_id).version
    for htmx in (True, False):
        answer = vera.post(f"/tasks/{task_id}/edit", data=wrong, htmx=htmx)
        assert answer.status_code == 422
    assert task_of(db, task_id).version == before


def test_what_was_typed_stays_in_the_form(vera, world):
    answer = vera.post(f"/tasks/{world.tasks[1]}/edit", data={"needed_by": "когда-нибудь"}, htmx=True)
    assert 'value="когда-нибудь"' in answer.text
    assert "not a day that can be read" in answer.text


def test_two_people_in_one_field_see_both_values_and_in_two_fields_merge(vera, world, db):
    task_id = world.tasks[3]
    seen = str(task_of(db, task_id).version)
    assert (
        vera.post(f"/tasks/{task_id}/edit", data={"version": seen, "title": "Мой макет"}, htmx=True).status_code == 200
    )
    merged = vera.post(f"/tasks/{task_id}/edit", data={"version": seen, "needed_by": "2026-12-10"}, htmx=True)
    assert merged.status_code == 200
    for htmx in (True, False):
        late = vera.post(f"/tasks/{task_id}/edit", data={"version": seen, "title": "Другой макет"}, htmx=htmx)
        assert late.status_code == 409
        assert "Мой макет" in late.text
        assert 'value="Другой макет"' in late.text
    version = re.search(r'name="version" value="(\d+)"', late.text)
    assert version
    mine = {"version": version[1], "title": "Другой макет"}
    assert vera.post(f"/tasks/{task_id}/edit", data=mine, htmx=True).status_code == 200
    assert task_of(db, task_id).title == "Другой макет"


def test_the_same_edit_twice_is_one_change(vera, world, db):
    task_id = world.tasks[5]
    sent = {"version": str(task_of(db, task_id).version), "owner": str(world.ann)}
    assert vera.post(f"/tasks/{task_id}/edit", data=sent, htmx=True).status_code == 200
    version = task_of(db, task_id).version
    assert vera.post(f"/tasks/{task_id}/edit", data=sent, htmx=True).status_code == 200
    assert task_of(db, task_id).version == version


def test_who_may_not_is_told_so_and_who_may_not_see_finds_nothing(sign_in, world):
    task_id = world.tasks[3]
    sent = {"owner": str(world.pete)}
    for htmx in (True, False):
        assert sign_in("lev").post(f"/tasks/{task_id}/edit", data=sent, htmx=htmx).status_code == 403
        assert sign_in("pete").post(f"/tasks/{task_id}/edit", data=sent, htmx=htmx).status_code == 404
        assert sign_in("stranger").post(f"/tasks/{task_id}/edit", data=sent, htmx=htmx).status_code == 404
    assert sign_in("pete").post(f"/tasks/{world.tasks[1]}/edit", data={"title": "x"}).status_code == 403
    assert (
        sign_in("pete").post(f"/tasks/{world.tasks[1]}/edit", data={"status": "review"}, htmx=True).status_code == 200
    )


def test_whoever_has_no_party_stands_under_no_party_in_the_list(vera, world):
    html = vera.get(f"/tasks/{world.tasks[3]}/edit?field=waiting").text
    assert html.count("<optgroup") == html.count("</optgroup>")
    of_no_party = re.sub(r"<optgroup.*?</optgroup>", "", html, flags=re.DOTALL)
    assert ">Вера Лунина</option>" in of_no_party
    assert ">Пётр Соколов</option>" not in of_no_party


def test_the_form_on_a_page_of_its_own_offers_to_leave_what_stands_now(vera, world):
    path = f"/tasks/{world.tasks[3]}/edit"
    version = re.search(r'name="version" value="(\d+)"', vera.get(f"{path}?field=title").text)[1]
    assert vera.post(path, data={"version": version, "title": "Их слова"}).status_code == 303
    answer = vera.post(path, data={"version": version, "title": "Мои слова"})
    assert answer.status_code == 409
    assert "Leave theirs</a>" in answer.text
    assert "Cancel</a>" not in answer.text


def test_a_refusal_swaps_nothing_away(sign_in, world):
    answer = sign_in("lev").post(f"/tasks/{world.tasks[3]}/edit", data={"status": "done"}, htmx=True)
    assert (answer.headers["hx-reswap"], answer.text) == ("none", "")
    assert json.loads(answer.headers["hx-trigger"])["auftakt:said"]["text"]


@pytest.mark.parametrize("path", ["/tasks/999999/edit", "/tasks/0/edit", "/tasks/nonsense/edit", "/projects/LEN/t/999"])
def test_a_nonsense_id_is_not_found(vera, path):
    assert vera.get(path).status_code == 404


ALL = {
    "title": "Прислать поля", "plain_title": "Чтобы заявки не терялись", "notes": "Список полей у Марины",
    "done_means": "Заявка видна", "kind": "task", "priority": "high", "asks_evidence": ["", "1"],
}  # fmt: skip


def test_all_fields_at_once_lose_nothing_to_one_that_is_wrong(vera, world, db):
    with db.reading() as session:
        version = session.get_one(Task, world.tasks[1]).version
    sent = {**ALL, "version": str(version), "external_url": "спросить у Марины"}
    answer = vera.post(f"/tasks/{world.tasks[1]}/edit", data=sent)
    assert answer.status_code == 422
    assert "An address begins with http" in answer.text
    for name in ("title", "plain_title", "notes", "done_means", "external_url"):
        assert sent[name] in answer.text
    assert '<option value="high" selected>' in answer.text
    assert 'name="asks_evidence" value="1" checked' in answer.text


def test_all_fields_at_once_lose_nothing_to_somebody_elses_change(vera, world, db):
    with db.reading() as session:
        version = session.get_one(Task, world.tasks[1]).version
    sent = {**ALL, "version": str(version)}
    theirs = {"version": str(version), "notes": "Список уже пришёл"}
    assert vera.post(f"/tasks/{world.tasks[1]}/edit", data=theirs).status_code == 303
    answer = vera.post(f"/tasks/{world.tasks[1]}/edit", data=sent)
    assert answer.status_code == 409
    assert "Список уже пришёл" in answer.text
    for name in ("title", "plain_title", "notes", "done_means"):
        assert ALL[name] in answer.text
    again = {**sent, "version": re.search(r'name="version" value="(\d+)"', answer.text)[1]}
    assert vera.post(f"/tasks/{world.tasks[1]}/edit", data=again).status_code == 303


def test_a_version_that_never_was_is_told(vera, world):
    answer = vera.post(f"/tasks/{world.tasks[1]}/edit", data={"version": "999", "title": "Поля"})
    assert answer.status_code == 422
    assert "Open the page again" in answer.text


def test_a_session_that_ended_sends_a_fragment_to_the_door(anybody, world):
    answer = anybody.post(f"/tasks/{world.tasks[1]}/edit", data={"status": "done"}, htmx=True)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


def test_the_first_line_of_a_new_task_is_enough(vera, world):
    assert "<!doctype html>" in vera.get("/projects/LEN/tasks/new").text
    made = vera.post("/projects/LEN/tasks", data={"title": "Проверить оплату", "owner": "", "needed_by": ""}, htmx=True)
    assert made.status_code == 200
    assert "Проверить оплату" in made.text
    assert vera.post("/projects/LEN/tasks", data={"title": ""}, htmx=True).status_code == 422
    plain = vera.post("/projects/LEN/tasks", data={"title": "И ещё", "owner": str(world.pete)})
    assert plain.status_code == 303


def test_only_the_conductor_puts_tasks_down(sign_in):
    for who, status in (("pete", 403), ("mary", 403), ("lev", 403), ("stranger", 404)):
        assert sign_in(who).post("/projects/LEN/tasks", data={"title": "x"}).status_code == status


def test_a_task_is_put_away_and_brought_back(vera, world, sign_in):
    task_id = world.tasks[5]
    assert sign_in("ann").post(f"/tasks/{world.tasks[2]}/archive").status_code == 403
    assert vera.post(f"/tasks/{task_id}/archive").status_code == 303
    assert f"task-{task_id}" not in vera.get("/projects/LEN/register").text
    assert vera.post(f"/tasks/{task_id}/restore").status_code == 303
    assert f"task-{task_id}" in vera.get("/projects/LEN/register").text


@pytest.mark.parametrize("who", ["vera", "mary", "pete", "ann", "lev"])
def test_the_form_of_a_cell_is_shown_to_whom_the_change_is_allowed(sign_in, world, who):
    """Cell by cell: a GET answers 200 where its POST is taken, and what the POST refuses otherwise."""
    from tracker.web.tasks.edit import CELLS

    browser = sign_in("conductor" if who == "vera" else who)
    sent = {
        "title": {"title": "Иначе"}, "owner": {"owner": str(world.mary)}, "status": {"status": "review"},
        "dates": {"promised_on": "2026-11-30"}, "waiting": {"waiting": f"person:{world.pete}"},
        "own_1": {"own_1": "х"}, "own_2": {"own_2": "х"}, "own_3": {"own_3": "х"},
    }  # fmt: skip
    assert set(sent) == set(CELLS)
    for number in (1, 3, 4):
        for cell, fields in sent.items():
            path = f"/tasks/{world.tasks[number]}/edit"
            shown = browser.get(f"{path}?field={cell}").status_code
            taken = browser.post(path, data=fields).status_code
            assert shown == {303: 200}.get(taken, taken), (number, cell, shown, taken)


def test_without_a_word_the_first_cell_that_is_ones_own_is_offered(sign_in, world, vera):
    path = f"/tasks/{world.tasks[1]}/edit"
    assert 'name="title"' in vera.get(path).text
    pete = sign_in("pete").get(path)
    assert pete.status_code == 200 and 'name="status"' in pete.text
    assert sign_in("lev").get(path).status_code == 403
