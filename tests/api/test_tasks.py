"""Tasks over the wire: made, changed, merged, answered."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from tracker.tables import Event, Task

TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


@pytest.fixture
def asked(callers, world):
    """A task of Ira."""
    answer = callers.anna.post("/tasks", {"project": "lavka", "title": "Поле", "owner": world.ira})
    return answer.json()


def test_a_task_is_made_with_all_its_fields(callers, world, db):
    answer = callers.anna.post(
        "/tasks",
        {
            "project": {"id": world.project, "key": "LAVKA", "name": "LAVKA"},
            "title": "  Поле «телефон» ",
            "kind": "question",
            "status": "in_progress",
            "priority": "high",
            "integration": world.form,
            "party": world.crm,
            "owner": {"id": world.ira, "name": "Ira"},
            "checker": world.gleb,
            "plain_title": "Телефон",
            "notes": "макет",
            "done_means": "видно",
            "external_url": "https://tracker.example.org/1",
            "needed_by": TOMORROW,
            "promised_on": TOMORROW,
            "asks_evidence": True,
            "waiting_on": {"kind": "outside", "note": "банк"},
            "own_1": "a",
            "own_2": "b",
            "own_3": "c",
        },
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (made["title"], made["kind"], made["status"], made["priority"]) == (
        "Поле «телефон»",
        "question",
        "in_progress",
        "high",
    )
    assert made["waiting_on"] == {"kind": "outside", "id": None, "name": "банк", "note": "банк", "agreed": True}
    assert made["party"]["id"] == world.crm and made["needed_by"] == made["promised_on"] == TOMORROW
    with db.reading() as session:
        task = session.get_one(Task, made["id"])
        assert (task.notes, task.checker_id, task.external_url, task.asks_evidence, task.own_3) == (
            "макет",
            world.gleb,
            "https://tracker.example.org/1",
            True,
            "c",
        )


def test_a_change_names_the_version_it_was_made_on(callers, asked):
    path = f"/tasks/{asked['id']}"
    without = callers.anna.patch(path, {"title": "Другое"})
    assert (without.status_code, without.json()["code"]) == (428, "version_required")
    by_body = callers.anna.patch(path, {"version": 1, "title": "Другое"})
    assert (by_body.status_code, by_body.json()["title"], by_body.headers["etag"]) == (200, "Другое", '"2"')
    by_header = callers.anna.ask("PATCH", path, {"title": "Третье"}, headers={"if-match": '"2"'})
    assert (by_header.status_code, by_header.json()["version"]) == (200, 3)


def test_a_stale_change_of_another_field_merges(callers, asked, world):
    path = f"/tasks/{asked['id']}"
    assert callers.anna.patch(path, {"version": 1, "title": "Другое"}).status_code == 200
    merged = callers.anna.patch(path, {"version": 1, "needed_by": TOMORROW, "priority": "high"})
    assert merged.status_code == 200
    assert (merged.json()["title"], merged.json()["needed_by"], merged.json()["version"]) == ("Другое", TOMORROW, 3)


def test_a_stale_change_of_the_same_field_is_shown_both_values(callers, asked, world):
    path = f"/tasks/{asked['id']}"
    callers.anna.patch(path, {"version": 1, "title": "Их слова", "needed_by": TOMORROW})
    answer = callers.anna.patch(path, {"version": 1, "title": "Мои слова", "needed_by": None, "priority": "low"})
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["version"]) == ("conflict", 2)
    assert sorted(problem["conflicts"], key=lambda one: one["field"]) == [
        {"field": "needed_by", "theirs": TOMORROW, "yours": None},
        {"field": "title", "theirs": "Их слова", "yours": "Мои слова"},
    ]
    assert {one["field"] for one in problem["errors"]} == {"title", "needed_by"}
    assert callers.anna.get(path).json()["priority"] == "normal", "nothing of it was changed"


def test_the_same_value_twice_is_no_conflict_and_no_event(callers, asked, db):
    path = f"/tasks/{asked['id']}"
    for _ in range(2):
        assert callers.anna.patch(path, {"version": 1, "title": "Другое"}).json()["version"] == 2
    with db.reading() as session:
        kinds = session.exec(select(Event.kind).where(Event.object_type == "task")).all()
        assert kinds.count("task.changed") == 1


def test_a_task_as_it_was_given_out_can_be_sent_back(callers, asked, world):
    body = {"version": asked["version"], "owner": asked["owner"], "party": asked["party"], "needed_by": None}
    answer = callers.anna.patch(f"/tasks/{asked['id']}", body | {"owner": {"id": world.gleb, "name": "Gleb"}})
    assert answer.status_code == 200, answer.text
    assert answer.json()["owner"] == {"id": world.gleb, "name": "Gleb"}


def test_waiting_is_put_and_taken_away(callers, asked, world):
    path = f"/tasks/{asked['id']}"
    waits = callers.anna.patch(path, {"version": 1, "waiting_on": {"kind": "party", "id": world.crm, "note": "доступ"}})
    assert waits.json()["waiting_on"] == {
        "kind": "party",
        "id": world.crm,
        "name": "Интегратор",
        "note": "доступ",
        "agreed": True,
    }
    assert waits.json()["waiting_since"] is not None
    again = callers.anna.patch(path, {"version": 2, "waiting_on": waits.json()["waiting_on"]})
    assert (again.status_code, again.json()["version"]) == (200, 2), "sent back as it was given out, nothing changes"
    ended = callers.anna.patch(path, {"version": 2, "waiting_on": None})
    assert (ended.json()["waiting_on"], ended.json()["waiting_since"]) == (None, None)


def test_it_can_not_wait_for_itself_or_for_what_is_not_there(callers, asked, world):
    path = f"/tasks/{asked['id']}"
    for waiting in ({"kind": "task", "id": asked["id"]}, {"kind": "person", "id": world.stas}, {"kind": "party"}):
        answer = callers.anna.patch(path, {"version": 1, "waiting_on": waiting})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "waiting_on")


def test_put_away_and_brought_back(callers, asked):
    path = f"/tasks/{asked['id']}"
    for _ in range(2):
        assert callers.anna.delete(path).status_code == 204
    assert callers.anna.get("/tasks").json()["items"] == []
    assert callers.anna.get(path).status_code == 200
    for _ in range(2):
        assert callers.anna.post(f"{path}/restore").status_code == 200
    assert len(callers.anna.get("/tasks").json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "outcome", "fields"),
    [
        ({"kind": "done"}, "done", {"status": "done", "turn": None}),
        ({"kind": "in_progress"}, "noted", {"status": "in_progress"}),
        ({"kind": "promise", "on": TOMORROW}, "noted", {"promised_on": TOMORROW}),
        ({"kind": "later", "on": TOMORROW}, "noted", {"status": "open"}),
    ],
)
def test_the_person_of_the_turn_answers(callers, asked, body, outcome, fields):
    answer = callers.ira.post(f"/tasks/{asked['id']}/answers", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"] == outcome
    assert {name: answer.json()["task"][name] for name in fields} == fields


@pytest.mark.parametrize("kind", ["help", "not_mine"])
def test_help_and_not_mine_reach_the_conductor(callers, asked, world, kind):
    answer = callers.ira.post(f"/tasks/{asked['id']}/answers", {"kind": kind, "note": "Нет доступа"})
    assert answer.json()["task"]["turn"] == {"id": world.anna, "name": "Anna"}


def test_the_conductor_notes_what_was_said_on_the_phone(callers, asked, world, db):
    path = f"/tasks/{asked['id']}/answers"
    answer = callers.anna.post(path, {"kind": "promise", "on": TOMORROW, "behalf": world.ira})
    assert answer.status_code == 200, answer.text
    with db.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "task.changed")).one()
        assert (event.actor_id, event.behalf_id) == (world.anna, world.ira)
    foreign = callers.anna.post(path, {"kind": "done", "behalf": world.stas})
    assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (422, "behalf")
    denied = callers.ira.post(path, {"kind": "done", "behalf": world.gleb})
    assert (denied.status_code, denied.json()["code"]) == (403, "act_for")


def test_whoever_was_awaited_passes_it_back_and_may_lose_sight_of_it(callers, asked, world):
    callers.anna.patch(f"/tasks/{asked['id']}", {"version": 1, "waiting_on": {"kind": "person", "id": world.lena}})
    assert callers.lena.get(f"/tasks/{asked['id']}").status_code == 200
    answer = callers.lena.post(f"/tasks/{asked['id']}/answers", {"kind": "done"})
    assert answer.json() == {"outcome": "passed_back", "task": None}
    assert callers.anna.get(f"/tasks/{asked['id']}").json()["turn"]["id"] == world.ira


WRONG_ANSWERS = [
    ({"kind": "promise"}, "on", "required"),
    ({"kind": "promise", "on": "2020-01-01"}, "on", "date_in_past"),
    ({"kind": "promise", "on": "2099-01-01"}, "on", "date_out_of_range"),
    ({"kind": "later", "on": "2020-01-01"}, "on", "date_in_past"),
    ({"kind": "maybe"}, "kind", "unknown_word"),
    ({"kind": "help", "note": "я" * 10_001}, "note", "too_long"),
    ({"kind": "help", "unblocker": 10_000}, "unblocker", "not_a_member"),
    ({}, "kind", "required"),
]


def test_an_answer_that_can_not_be_taken_says_why(callers, asked):
    for body, field, code in WRONG_ANSWERS:
        answer = callers.ira.post(f"/tasks/{asked['id']}/answers", body)
        assert answer.status_code == 422
        assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)], body


def test_done_with_nothing_to_show_asks_for_it_and_then_goes_to_review(callers, asked):
    path = f"/tasks/{asked['id']}"
    callers.anna.patch(path, {"version": 1, "asks_evidence": True})
    assert callers.ira.post(f"{path}/answers", {"kind": "done"}).json()["outcome"] == "evidence_needed"
    shown = callers.ira.post(f"{path}/evidence", {"url": "https://example.org/shot", "caption": "снимок"})
    assert shown.status_code == 201 and shown.headers["location"] == f"/api/v1/evidence/{shown.json()['id']}"
    twice = callers.ira.post(f"{path}/evidence", {"url": "https://example.org/shot"})
    assert twice.json()["id"] == shown.json()["id"], "the same link is one piece"
    assert callers.ira.post(f"{path}/answers", {"kind": "done"}).json()["outcome"] == "review"
    assert callers.ira.get(f"{path}/evidence").json()["items"] == [shown.json()]
    assert callers.gleb.get(f"{path}/evidence").status_code == 404


def test_evidence_is_taken_back_by_who_gave_it(callers, asked):
    piece = callers.ira.post(f"/tasks/{asked['id']}/evidence", {"url": "https://example.org/shot"}).json()["id"]
    assert callers.gleb.delete(f"/evidence/{piece}").status_code == 404
    assert callers.vera.delete(f"/evidence/{piece}").status_code == 403
    assert callers.ira.delete(f"/evidence/{piece}").status_code == 204
    assert callers.ira.get(f"/evidence/{piece}").status_code == 404


def test_comments_are_said_and_read_and_private_ones_stay_with_conductors(callers, asked):
    path = f"/tasks/{asked['id']}/comments"
    said = callers.ira.post(path, {"text": "Нужен макет"})
    assert (said.status_code, said.json()["person"], said.json()["way"]) == (201, "Ira", "api")
    assert callers.anna.post(path, {"text": "Спросить Павла", "private": True}).status_code == 201
    assert callers.ira.post(path, {"text": "тайна", "private": True}).status_code == 403
    assert [one["text"] for one in callers.anna.get(path).json()["items"]] == ["Нужен макет", "Спросить Павла"]
    assert [one["text"] for one in callers.ira.get(path).json()["items"]] == ["Нужен макет"]
    assert callers.lena.get(path).status_code == 404


def test_a_wait_across_parties_is_passed_on_by_the_conductor(callers, asked, world):
    path = f"/tasks/{asked['id']}"
    waits = callers.ira.patch(path, {"version": 1, "waiting_on": {"kind": "party", "id": world.crm}})
    assert (waits.json()["waiting_on"]["agreed"], waits.json()["turn"]["id"]) == (False, world.anna)
    assert callers.ira.post(f"{path}/pass-on").status_code == 403
    for _ in range(2):
        assert callers.anna.post(f"{path}/pass-on").json()["waiting_on"]["agreed"] is True


def test_contributors_change_what_is_theirs_to_say_and_nothing_else(callers, asked, world):
    path = f"/tasks/{asked['id']}"
    assert callers.ira.patch(path, {"version": 1, "status": "in_progress"}).status_code == 200
    for body in ({"title": "Другое"}, {"status": "dropped"}, {"owner": world.gleb}):
        assert callers.ira.patch(path, {"version": 2} | body).status_code == 403, body
    assert callers.vera.patch(path, {"version": 2, "status": "done"}).status_code == 403
    assert callers.pavel.patch(path, {"version": 2, "owner": world.pavel}).status_code == 200, "a lead hands over"
