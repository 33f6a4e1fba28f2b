"""People by program: changed, and spoken for."""

from typing import Any


def test_people_are_changed_by_themselves_and_by_who_keeps_their_record(callers, world):
    path = f"/people/{world.ira}"
    own = callers.ira.patch(path, {"version": 1, "salutation": "Ирина Павловна", "opens": "09:30", "weekdays": "0123"})
    assert own.status_code == 200, own.text
    assert own.json()["salutation"] == "Ирина Павловна"
    assert callers.gleb.patch(path, {"version": 2, "name": "x"}).status_code == 403
    assert callers.stas.patch(path, {"version": 2, "name": "x"}).status_code == 404
    taken = callers.anna.patch(path, {"version": 2, "email": "gleb@example.org"})
    assert taken.json()["errors"][0]["code"] == "taken"
    for body, field in (
        ({"opens": "noon"}, "opens"),
        ({"opens": "20:00"}, "closes"),
        ({"timezone": "Mars"}, "timezone"),
        ({"email": "x"}, "email"),
        ({"name": None}, "name"),
        ({"knows_bot": 1}, "knows_bot"),
    ):
        answer = callers.anna.patch(path, {"version": 2} | body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), body
    assert callers.anna.delete(path).status_code == 409, "they are in a project yet"


def test_nobody_speaks_for_another_but_the_conductor_for_a_member(callers, world):
    """«Со слов», on every way that takes it."""
    task = callers.anna.post("/tasks", {"project": "LAVKA", "title": "x", "owner": world.ira}).json()["id"]
    check = callers.anna.post("/checks", {"integration": world.form, "title": "x", "tester": world.ira}).json()["id"]
    callers.anna.patch(f"/integrations/{world.form}", {"version": 1, "accountable": world.ira})
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", f"/tasks/{task}", {"version": 1, "status": "in_progress"}),
        ("POST", f"/tasks/{task}/answers", {"kind": "in_progress"}),
        ("POST", f"/tasks/{task}/comments", {"text": "x"}),
        ("POST", f"/tasks/{task}/evidence", {"url": "https://example.org/x"}),
        ("POST", f"/checks/{check}/result", {"result": "failed", "reason": "x"}),
        ("POST", f"/integrations/{world.form}/accept", {}),
    ]
    for method, path, body in ways:
        assert callers.ira.ask(method, path, body | {"behalf": world.pavel}).status_code == 403, path
        for nobody in (world.stas, 999_999):
            answer = callers.anna.ask(method, path, body | {"behalf": nobody})
            assert answer.status_code in (403, 422), (path, answer.text)
        said = callers.anna.ask(method, path, body | {"behalf": world.ira})
        assert said.status_code in (200, 201), (path, said.text)
    by = {one["kind"]: one["behalf"] for one in callers.anna.get("/events", limit="200").json()["items"]}
    for kind in ("task.changed", "comment.added", "evidence.added", "check.failed", "integration.accepted"):
        assert by[kind] == {"id": world.ira, "name": "Ira"}, kind
