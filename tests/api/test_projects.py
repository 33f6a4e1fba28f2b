"""A project by program: opened and conducted."""

from datetime import UTC, datetime

from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.people.speaking import see_preview


def test_a_project_is_opened_by_who_may_and_conducted_by_them(callers, db, world):
    from tracker.tables import Person

    body = {"name": "Склад", "key": "SKLAD"}
    assert callers.anna.post("/projects", body).status_code == 403
    with db.writing() as session:
        anna = session.get_one(Person, world.anna)
        anna.may_found = True
        session.add(anna)
    made = callers.anna.post("/projects", body)
    assert (made.status_code, made.json()["key"], made.json()["messages"]) == (201, "SKLAD", "off")
    assert callers.anna.post("/projects", body).json()["errors"] == [
        {"field": "key", "code": "taken", "message": made.json() and "Это уже занято."}
    ]
    path = f"/projects/{made.json()['id']}"
    told = {"version": 1, "name": "Склад и сайт", "messages": "approve", "stall_days": 3}
    silent = callers.anna.patch(path, told)
    assert (silent.status_code, silent.json()["code"]) == (409, "preview_first"), "read first what would go out"
    with db.writing() as session:
        see_preview(session, Actor(world.anna, Way.WEB), made.json()["id"], now=datetime.now(UTC))
    changed = callers.anna.patch(path, told)
    assert (changed.json()["name"], changed.json()["messages"]) == ("Склад и сайт", "approve")
    assert callers.anna.patch("/projects/sklad", {"version": 3, "key": "OTHER2"}).status_code == 422
    assert callers.ira.get(path).status_code == 404
    assert callers.anna.delete(path).status_code == 204
    assert "SKLAD" not in [one["key"] for one in callers.anna.get("/projects").json()["items"]]
    assert callers.anna.post(f"{path}/restore").status_code == 200
