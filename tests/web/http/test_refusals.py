"""When something goes wrong: a page in our look, JSON for programs, never a traceback, never a lost form."""

import pytest

from tests.web.conftest import Browser
from tracker.web.podium.page import podium

# What the two databases differ in does not come up here: one of them is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_an_unknown_address_is_a_page_for_people_and_json_for_programs(anybody):
    page = anybody.get("/nowhere")
    assert page.status_code == 404
    assert "<h1>Nothing here</h1>" in page.text
    program = anybody.get("/nowhere", headers={"accept": "application/json"})
    assert program.status_code == 404
    assert program.json()["code"] == "not_found"


def test_a_wrong_method_and_too_large_a_body_are_told_calmly(vera):
    assert vera.get("/sign-out").status_code == 405
    assert vera.post("/tasks/1/comment", data={"text": "я" * 1_100_000}).status_code == 413


def test_a_bug_is_a_calm_page_without_its_inside(vera, monkeypatch, caplog):
    import tracker.web.register.page as module

    def fails(*told, **more):
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setattr(module, "find_page", fails)
    answer = vera.get("/projects/LEN/register")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "secret inside" not in answer.text
    assert "Traceback" not in answer.text
    assert any("unexpected error" in record.message for record in caplog.records)
    fragment = vera.get("/projects/LEN/register", htmx=True)
    assert (fragment.status_code, fragment.headers["hx-reswap"]) == (500, "none")


def test_a_dead_database_is_a_503_that_says_so(client, vera, db):
    from dataclasses import replace

    from sqlalchemy.engine import make_url

    from tracker.db import make_engine

    running = client.app.state.running
    dead = make_engine(make_url("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"))
    client.app.state.running = replace(running, database=replace(db, engine=dead))
    try:
        page = vera.get("/projects/LEN/register")
        assert page.status_code == 503
        assert "The database does not answer" in page.text
        assert Browser(client).get("/readyz").status_code == 503
        assert Browser(client).get("/healthz").status_code == 200
    finally:
        client.app.state.running = running
        dead.dispose()


def test_a_refusal_without_the_form_gives_back_what_was_written(sign_in, world):
    sent = {"text": "Не видно\nв CRM", "behalf": "999999"}
    answer = sign_in("lev").post(f"/tasks/{world.tasks[3]}/comment", data=sent)
    assert answer.status_code == 403
    assert "Не видно\nв CRM" in answer.text
    assert "999999" not in answer.text, "a choice is no text"


def test_a_bug_gives_back_what_was_written_but_no_password(vera, world, monkeypatch):
    import tracker.web.people.me as me
    import tracker.web.tasks.page as module

    def fails(*told, **more):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "add_comment", fails)
    answer = vera.post(f"/tasks/{world.tasks[1]}/comment", data={"text": "Договорились на среду <b>"})
    assert answer.status_code == 500
    assert "Договорились на среду &lt;b&gt;" in answer.text
    monkeypatch.setattr(me, "hash_password", fails)
    answer = vera.post("/me/password", data={"current": "тайное слово", "password": "новое тайное слово"})
    assert answer.status_code == 500
    assert "тайное слово" not in answer.text


def test_a_form_whose_session_has_ended_is_not_lost(vera, anybody, world):
    path, sent = f"/tasks/{world.tasks[1]}/comment", {"text": "Долго писали, и вот"}
    ours = {"sec-fetch-site": "same-origin"}
    answer = anybody.post(path, data=sent, headers=ours)
    assert answer.status_code == 401
    assert sent["text"] in answer.text
    assert 'href="/sign-in"' in answer.text
    assert sent["text"] not in vera.get("/projects/LEN/t/1").text
    fragment = anybody.post(path, data=sent, htmx=True, headers=ours)
    assert (fragment.status_code, fragment.text, fragment.headers["hx-reswap"]) == (401, "", "none")
    assert "still here" in fragment.headers["hx-trigger"]
    assert anybody.post(f"/tasks/{world.tasks[1]}/take", headers=ours).headers["location"] == "/sign-in"
    # What never stood in a page of ours is sent to the door.
    assert anybody.post(path, data=sent).headers["location"] == "/sign-in"
    anybody.cookies["auftakt"] = "ended"
    assert anybody.post(path, data=sent).status_code == 401


def test_the_start_of_a_person_with_one_project_is_its_register(vera, sign_in):
    assert podium.opt["guard"] == "person"
    assert sign_in("pete").get("/").headers["location"] == "/projects/LEN"
    assert vera.get("/projects/LEN").headers["location"] == "/projects/LEN/register?status=unfinished"
