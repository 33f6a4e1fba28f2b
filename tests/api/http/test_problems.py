"""What can't be taken is said clearly: problem details, by field, in the caller's language; never a traceback."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from tracker.db import Database

PROBLEM = {"type", "title", "status", "detail", "code", "errors"}


def send(caller, content, kind="application/json"):
    return caller.ask("POST", "/tasks", content=content, headers={"content-type": kind})


def codes(answer):
    assert answer.status_code == 422, answer.text
    return {one["field"]: one["code"] for one in answer.json()["errors"]}


def test_every_refusal_is_a_problem_of_one_shape(callers, world):
    anna = callers.anna
    refusals = [
        (400, "malformed", send(anna, b"{bad")),
        (401, "unauthorized", callers.nobody.get("/tasks")),
        (403, "create_task", callers.ira.post("/tasks", {"project": "LAVKA", "title": "x"})),
        (404, "not_found", anna.get("/tasks/999")),
        (422, "invalid", anna.post("/tasks", {})),
    ]
    for status, code, answer in refusals:
        assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == PROBLEM, answer.text
        assert answer.json()["type"] == "about:blank" and answer.json()["detail"]
        assert all(set(one) == {"field", "code", "message"} and one["message"] for one in answer.json()["errors"])


def test_a_body_that_is_no_json_object_is_malformed_or_wrong(callers):
    for body in (b"", b"{bad", b'{"title": "\xff"}', b"title=x", b'{"title": "\\ud800"}'):
        assert send(callers.anna, body).status_code == 400, body
    for body in (b"[]", b'"text"', b"5", b"null", b"true"):
        assert send(callers.anna, body).status_code in (400, 422), body
    assert send(callers.anna, b"title=x", "application/x-www-form-urlencoded").status_code == 400
    assert send(callers.anna, b"[" * 100_000).status_code == 400


def test_unknown_fields_and_wrong_types_are_told_each_by_its_field(callers):
    answer = callers.anna.post(
        "/tasks",
        {
            "project": "LAVKA",
            "title": 5,
            "owner": "5",
            "party": {"name": "x"},
            "checker": True,
            "needed_by": "soon",
            "promised_on": 20261127,
            "kind": "chore",
            "asks_evidence": "yes",
            "waiting_on": {"kind": "person", "id": "3"},
            "colour": "red",
            "notes": None,
            "integration": 10**30,
            "own_1": ["a"],
        },
    )
    assert codes(answer) == {
        "title": "wrong_type",
        "owner": "wrong_type",
        "party": "wrong_type",
        "checker": "wrong_type",
        "needed_by": "not_a_date",
        "promised_on": "not_a_date",
        "kind": "unknown_word",
        "asks_evidence": "wrong_type",
        "waiting_on.id": "wrong_type",
        "colour": "unknown_field",
        "notes": "wrong_type",
        "integration": "out_of_range",
        "own_1": "wrong_type",
    }


def test_missing_empty_and_over_long_texts_are_told(callers, world):
    anna = callers.anna
    assert codes(anna.post("/tasks", {})) == {"project": "required", "title": "required"}
    assert codes(anna.post("/tasks", {"project": "LAVKA", "title": "  \x00 "})) == {"title": "required"}
    assert codes(anna.post("/tasks", {"project": "LAVKA", "title": "я" * 301})) == {"title": "too_long"}
    notes = {"project": "LAVKA", "title": "x", "notes": "я" * 10_001}
    assert codes(anna.post("/tasks", notes)) == {"notes": "too_long"}
    assert codes(anna.post("/people", {"project": "LAVKA", "name": "x" * 121})) == {"name": "too_long"}
    assert codes(anna.post("/parties", {"project": "LAVKA", "name": "x" * 121})) == {"name": "too_long"}
    too_long = anna.post("/tasks", {"project": "LAVKA", "title": "я" * 301}).json()["errors"][0]["message"]
    assert "300" in too_long


def test_dates_are_days_and_moments_have_a_zone(callers):
    anna = callers.anna
    for day in ("27.11.2026", "2026-11-31", "2026-11-27T10:00:00Z", "", 5, True, {"day": 1}):
        body = {"project": "LAVKA", "title": "x", "needed_by": day}
        assert codes(anna.post("/tasks", body)) == {"needed_by": "not_a_date"}, day
    assert codes(anna.post("/tasks", {"project": "LAVKA", "title": "x", "needed_by": "9999-12-31"})) == {
        "needed_by": "date_out_of_range"
    }
    for moment in ("2026-12-01T10:00:00", "tomorrow", 1764000000, "9999-12-31T23:59:59-14:00"):
        body = {"project": "LAVKA", "title": "x", "starts_at": moment}
        assert codes(anna.post("/meetings", body)) == {"starts_at": "not_a_moment"}, moment
    body = {"project": "LAVKA", "title": "x", "starts_at": "9999-12-31T23:50:00Z"}
    assert codes(anna.post("/meetings", body)) == {"starts_at": "date_out_of_range"}


def test_what_belongs_to_another_project_is_unknown_here(callers, world):
    anna = callers.anna
    foreign = callers.stas.post("/parties", {"project": "OTHER", "name": "Чужая"}).json()["id"]
    joint = callers.stas.post("/integrations", {"project": "OTHER", "name": "Чужая"}).json()["id"]
    body = {"project": "LAVKA", "title": "x", "owner": world.stas, "party": foreign, "integration": joint}
    assert codes(anna.post("/tasks", body)) == {"owner": "not_a_member", "party": "unknown", "integration": "unknown"}
    assert codes(anna.post("/tasks", {"project": "OTHER", "title": "x"})) == {"project": "unknown_project"}
    assert codes(anna.post("/tasks", {"project": world.other, "title": "x"})) == {"project": "unknown_project"}
    assert anna.get(f"/parties/{foreign}").status_code == anna.get(f"/integrations/{joint}").status_code == 404
    assert anna.get(f"/people/{world.stas}").status_code == anna.get("/projects/OTHER").status_code == 404


def test_ids_that_are_none_are_not_found(callers):
    for number in ("0", "-1", "2147483648", "9" * 40):
        for thing in ("tasks", "people", "meetings", "checks", "messages", "evidence"):
            assert callers.anna.get(f"/{thing}/{number}").status_code == 404, (thing, number)


def test_it_is_worded_in_the_language_asked_for_else_in_the_persons(callers, db, world):
    def detail(**headers):
        answer = callers.anna.ask("POST", "/tasks", {}, headers=headers).json()
        return answer["detail"], answer["errors"][0]["message"]

    english = ("Something here can't be taken as it is.", "This has to be filled in.")
    assert detail(**{"accept-language": "en-GB,en;q=0.8"}) == english
    russian = detail(**{"accept-language": "de,ru;q=0.5"})
    assert russian != english and all("а" <= text.casefold()[1] <= "я" for text in russian)
    assert detail() == russian, "Anna's own language"
    assert callers.nobody.get("/tasks").json()["detail"].startswith("A valid API token"), "the installation's language"


def test_a_dead_database_is_told_of_and_nothing_else(callers, monkeypatch, caplog):
    assert callers.anna.get("/projects").status_code == 200

    def dead(self):
        raise OperationalError("SELECT secret", {}, Exception("connection refused"))

    monkeypatch.setattr(Database, "reading", dead)
    answer = callers.anna.get("/tasks")
    assert (answer.status_code, answer.json()["code"]) == (503, "unreachable")
    assert "SELECT" not in answer.text and "Traceback" not in answer.text


def test_a_bug_is_logged_and_not_shown(callers, monkeypatch, caplog):
    def broken(*_args, **_more):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("tracker.api.projects.my_projects", broken)
    with caplog.at_level(logging.ERROR):
        answer = callers.anna.get("/projects")
    assert (answer.status_code, answer.json()["code"]) == (500, "broken")
    assert "secret" not in answer.text and "the secret of the house" in caplog.text


def test_no_token_reaches_the_log(callers, caplog):
    with caplog.at_level(logging.DEBUG):
        callers.anna.get("/tasks")
        callers.client.get("/api/v1/tasks", headers={"authorization": "Bearer not-a-token-at-all"})
    assert callers.token("anna") not in caplog.text and "not-a-token-at-all" not in caplog.text


@pytest.mark.parametrize("path", ["/tasks", "/comments"])
def test_a_text_keeps_what_was_typed_and_loses_what_no_screen_shows(callers, path):
    task = callers.anna.post("/tasks", {"project": "LAVKA", "title": "<b>Поле</b> \u202e'\"\x07"}).json()
    assert task["title"] == "<b>Поле</b> '\""
    if path == "/comments":
        said = callers.anna.post(f"/tasks/{task['id']}/comments", {"text": "раз\nдва\x00"}).json()
        assert said["text"] == "раз\nдва"
