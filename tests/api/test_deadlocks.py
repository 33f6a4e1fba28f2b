"""A deadlock by program: the turn goes to its decider and back."""

from datetime import UTC, datetime, timedelta

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()


def test_a_deadlock_moves_the_turn_to_its_decider_and_back(callers, world):
    task = callers.anna.post("/tasks", {"project": "LAVKA", "title": "Кнопка", "owner": world.ira}).json()["id"]
    made = callers.anna.post(
        "/deadlocks",
        {
            "project": "LAVKA",
            "title": "Одна кнопка или две",
            "decider": world.olga,
            "decide_by": NEXT_WEEK,
            "tasks": [task],
            "parties": [world.studio, world.crm],
        },
    ).json()
    path = f"/deadlocks/{made['id']}"
    assert callers.anna.get(f"/tasks/{task}").json()["turn"]["id"] == world.olga
    assert callers.pavel.post(f"{path}/positions", {"party": world.studio, "text": "Одна"}).status_code == 200
    assert callers.pavel.post(f"{path}/positions", {"party": world.crm, "text": "Две"}).status_code == 403
    assert callers.anna.post(f"{path}/positions", {"party": world.crm, "text": "Две"}).status_code == 200
    assert callers.gleb.post(f"{path}/decide", {"decision": "Одна"}).status_code == 403
    assert callers.stas.post(f"{path}/decide", {"decision": "Одна"}).status_code == 404
    assert callers.olga.post(f"{path}/decide", {"decision": ""}).status_code == 422
    for _ in range(2):
        decided = callers.olga.post(f"{path}/decide", {"decision": "Одна кнопка"})
        assert decided.status_code == 200 and decided.json()["decided_at"] is not None
    assert [one["text"] for one in decided.json()["positions"]] == ["Одна", "Две"]
    assert callers.anna.get(f"/tasks/{task}").json()["turn"]["id"] == world.ira
    assert callers.anna.get("/deadlocks", undecided="true").json()["items"] == []
    assert callers.anna.post(f"{path}/reopen").json()["decided_at"] is None
