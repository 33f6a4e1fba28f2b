"""A meeting by program: its invitations, its lines, its end in steps."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.tables import Task

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()


@pytest.fixture
def meeting(callers, world):
    return callers.anna.post(
        "/meetings",
        {
            "project": "LAVKA",
            "title": "Созвон",
            "starts_at": "2026-12-01T10:00:00Z",
            "integrations": [world.form],
            "people": [{"person": world.ira}, {"person": world.olga}],
            "items": [{"title": "Поле"}, {"title": "Кнопка"}, {"title": "Маска"}],
        },
    ).json()


def test_a_meeting_does_not_end_while_a_line_is_open(callers, meeting, world):
    path, (first, second, third) = f"/meetings/{meeting['id']}/close", (item["id"] for item in meeting["items"])
    answer = callers.anna.post(
        path,
        {
            "version": 1,
            "items": [
                {"id": first, "step": {"title": "Прислать макет", "owner": world.ira}},
                {"id": second, "moved": True},
            ],
        },
    )
    assert answer.status_code == 409
    assert answer.json()["items"] == [
        {"id": first, "reason": "step_without_date"},
        {"id": third, "reason": "no_outcome"},
    ]
    assert callers.anna.get(f"/meetings/{meeting['id']}").json()["state"] == "planned"
    assert callers.anna.get("/tasks").json()["items"] == [], "nothing of it was kept"


def test_a_meeting_ends_and_its_step_is_a_task(callers, meeting, world, db):
    path, (first, second, third) = f"/meetings/{meeting['id']}/close", (item["id"] for item in meeting["items"])
    body = {
        "version": 1,
        "notes": "Решили",
        "items": [
            {"id": first, "step": {"title": "Прислать макет", "owner": {"id": world.ira}, "needed_by": NEXT_WEEK}},
            {"id": second, "moved": True},
            {"id": third, "reason": "Уже работает"},
        ],
    }
    assert callers.ira.post(path, body).status_code == 403
    assert callers.stas.post(path, body).status_code == callers.gleb.post(path, body).status_code == 404
    assert callers.anna.post(path, {name: body[name] for name in ("notes", "items")}).status_code == 428
    for _ in range(2):
        closed = callers.anna.post(path, body)
        assert (closed.status_code, closed.json()["state"]) == (200, "closed"), closed.text
    assert [item["outcome"] for item in closed.json()["items"]] == ["step", "moved", "no_step"]
    (task,) = callers.anna.get("/tasks").json()["items"]
    assert (task["title"], task["owner"]["id"], task["needed_by"]) == ("Прислать макет", world.ira, NEXT_WEEK)
    assert closed.json()["items"][0]["task"] == {"id": task["id"], "name": "Прислать макет"}
    with db.reading() as session:
        assert session.get_one(Task, task["id"]).needed_by == date.fromisoformat(NEXT_WEEK)


def test_what_is_wrong_with_a_step_is_told_by_its_line(callers, meeting, world):
    first = meeting["items"][0]["id"]
    foreign = {"title": "x", "owner": world.stas, "needed_by": NEXT_WEEK}
    for item, field in (
        ({"id": first, "step": foreign}, f"items.{first}.step_owner"),
        ({"id": first, "moved": True, "reason": "x"}, f"items.{first}.outcome"),
        ({"id": 9999, "moved": True}, "items"),
        ({"id": first, "step": {"title": "x", "owner": "Ira"}}, "items.0.step.owner"),
        ({"id": first, "skipped": True}, "items.0.skipped"),
    ):
        answer = callers.anna.post(f"/meetings/{meeting['id']}/close", {"version": 1, "items": [item]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text


def test_an_ended_meeting_stands_as_it_was(callers, meeting):
    path = f"/meetings/{meeting['id']}"
    assert callers.anna.post(f"{path}/not-held", {"version": 1, "reason": ""}).status_code == 409
    assert callers.anna.post(f"{path}/not-held", {"version": 1, "reason": "Заболели"}).json()["state"] == "not_held"
    answer = callers.anna.patch(path, {"version": 2, "starts_at": "2026-12-02T10:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (409, "meeting_ended")


def test_whoever_is_invited_says_whether_they_come(callers, meeting, world):
    path = f"/meetings/{meeting['id']}/rsvp"
    assert callers.ira.post(path, {"rsvp": "yes"}).json()["people"][0]["rsvp"] == "yes"
    assert callers.anna.post(path, {"rsvp": "no", "behalf": world.olga}).json()["people"][1]["rsvp"] == "no"
    assert callers.anna.post(path, {"rsvp": "yes"}).status_code == 403, "who is not invited has nothing to answer"
    assert callers.gleb.post(path, {"rsvp": "yes"}).status_code == 404
    assert callers.ira.post(path, {"rsvp": "maybe"}).json()["errors"][0]["code"] == "unknown_word"
