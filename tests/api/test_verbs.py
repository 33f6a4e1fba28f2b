"""The five questions for each verb: it works, not for everybody, not for outsiders, not for nonsense, and twice."""

from typing import Any, NamedTuple

import pytest

from tests.worlds.integrations import change
from tracker.tables import Person

MISSING = 999_999


class Verb(NamedTuple):
    """A call. `{name}` in path and body is an id of the fixture `things`."""

    method: str
    path: str
    body: Any = None
    again: int = 200
    """The status of doing it twice."""


CONDUCTORS = [
    Verb("PATCH", "/projects/{project}", {"version": 1, "name": "Лавка"}),
    Verb("DELETE", "/parties/{empty_party}", again=204),
    Verb("PATCH", "/parties/{studio}", {"version": 1, "name": "Студия сайта", "lead": "{pavel}"}),
    Verb("POST", "/parties/{studio}/restore"),
    Verb("PATCH", "/projects/{project}/people/{lena}", {"role": "lead", "why": "вместо Глеба"}, again=204),
    Verb("DELETE", "/projects/{project}/people/{lena}", again=404),
    Verb("PATCH", "/systems/{system}", {"version": 1, "current_version": "2.0", "owner": "{crm}"}),
    Verb("DELETE", "/systems/{system}", again=204),
    Verb("POST", "/systems/{system}/restore"),
    Verb("PATCH", "/integrations/{form}", {"version": 1, "purpose": "Заявки с телефоном", "systems": ["{system}"]}),
    Verb("DELETE", "/integrations/{form}", again=204),
    Verb("POST", "/integrations/{form}/restore"),
    Verb("POST", "/integrations/{form}/bypass", {"person": "{olga}", "reason": "Сезон"}),
    Verb("POST", "/integrations/{form}/inherit"),
    Verb("POST", "/integrations/{form}/signers", {"people": ["{olga}"]}),
    Verb("PATCH", "/checks/{check}", {"version": 1, "expected": "Виден телефон"}),
    Verb("DELETE", "/checks/{check}", again=204),
    Verb("PATCH", "/tasks/{task}", {"version": 1, "title": "Другое", "party": "{crm}"}),
    Verb("DELETE", "/tasks/{task}", again=204),
    Verb("POST", "/tasks/{task}/restore"),
    Verb("PATCH", "/meetings/{meeting}", {"version": 1, "place": "Звонок", "minutes": 45}),
    Verb("DELETE", "/meetings/{meeting}", again=204),
    Verb("POST", "/meetings/{meeting}/restore"),
    Verb("POST", "/meetings/{meeting}/people", {"people": [{"person": "{lena}"}]}),
    Verb("DELETE", "/meetings/{meeting}/people/{gleb}", again=204),
    Verb("POST", "/meetings/{meeting}/items", {"items": [{"title": "Ещё"}]}),
    Verb("PATCH", "/meetings/{meeting}/items/{item}", {"outcome": "no_step", "reason": "Решено в переписке"}),
    Verb("DELETE", "/meetings/{meeting}/items/{item}", again=404),
    Verb("POST", "/meetings/{meeting}/not-held", {"version": 1, "reason": "Заболели"}),
    Verb("PATCH", "/deadlocks/{deadlock}", {"version": 1, "decide_by": "2026-12-20"}),
    Verb("POST", "/deadlocks/{deadlock}/reopen"),
]

MADE = [
    Verb("POST", "/parties", {"project": "LAVKA", "name": "Банк"}, again=422),
    Verb("POST", "/people", {"project": "LAVKA", "name": "Нина", "email": "n@x.org", "party": "{crm}"}, again=201),
    Verb("POST", "/systems", {"project": "LAVKA", "name": "Банк", "owner": "{crm}"}, again=201),
    Verb("POST", "/integrations", {"project": "LAVKA", "name": "Банк", "systems": ["{system}"]}, again=422),
    Verb("POST", "/checks", {"integration": "{form}", "title": "Ещё"}, again=201),
    Verb("POST", "/tasks", {"project": "LAVKA", "title": "Ещё"}, again=201),
    Verb("POST", "/meetings", {"project": "LAVKA", "title": "Ещё", "starts_at": "2026-12-02T10:00:00Z"}, again=201),
    Verb(
        "POST",
        "/deadlocks",
        {
            "project": "LAVKA",
            "title": "Ещё",
            "kind": "block",
            "tasks": ["{task}"],
            "parties": ["{crm}"],
        },
        again=201,
    ),
]


@pytest.fixture
def things(callers, world):
    """Something of each kind, on an integration that Ira and Gleb are on."""
    found = {name: getattr(world, name) for name in world.__dataclass_fields__}
    anna = callers.anna

    def put(name, path, body):
        answer = anna.post(path, body)
        assert answer.status_code in (200, 201), answer.text
        found[name] = answer.json()["id"]
        return answer.json()

    put("empty_party", "/parties", {"project": "LAVKA", "name": "Никого"})
    put("system", "/systems", {"project": "LAVKA", "name": "Сайт", "owner": world.studio})
    put("task", "/tasks", {"project": "LAVKA", "title": "Поле", "integration": world.form, "party": world.studio})
    put("check", "/checks", {"integration": world.form, "title": "Доходит", "tester": world.gleb})
    meeting = put(
        "meeting",
        "/meetings",
        {
            "project": "LAVKA",
            "title": "Созвон",
            "starts_at": "2026-12-01T10:00:00Z",
            "items": [{"title": "Поле"}],
            "people": [{"person": world.ira}, {"person": world.gleb}],
            "integrations": [world.form],
        },
    )
    found["item"] = meeting["items"][0]["id"]
    put(
        "deadlock",
        "/deadlocks",
        {
            "project": "LAVKA",
            "title": "Кнопка",
            "decider": world.ira,
            "parties": [world.studio, world.crm],
            "integration": world.form,
        },
    )
    return found


def filled(value, things):
    if isinstance(value, dict):
        return {name: filled(one, things) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, things) for one in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return things[value[1:-1]]
    return value


def call(caller, verb, things):
    return caller.ask(verb.method, verb.path.format(**things), filled(verb.body, things))


def test_who_does_not_conduct_is_refused_and_an_outsider_finds_nothing(callers, things):
    for verb in CONDUCTORS:
        for name in ("ira", "vera"):
            answer = call(getattr(callers, name), verb, things)
            # Ira does not see the system, so it is not found; everything else she sees and may not change.
            expected = (403, 404) if "/systems/" in verb.path else (403,)
            assert answer.status_code in expected, (name, verb, answer.text)
        assert call(callers.stas, verb, things).status_code == 404, verb
        assert call(callers.nobody, verb, things).status_code == 401, verb


def test_nobody_else_makes_anything_in_the_project(callers, things):
    for verb in MADE:
        for name in ("ira", "vera"):
            assert call(getattr(callers, name), verb, things).status_code == 403, (name, verb)
        answer = call(callers.stas, verb, things)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (
            422,
            "integration" if verb.path == "/checks" else "project",
        ), verb


def test_a_nonsense_id_is_not_found(callers, things):
    nonsense = dict.fromkeys(things, MISSING)
    for verb in CONDUCTORS:
        assert callers.anna.ask(verb.method, verb.path.format(**nonsense), filled(verb.body, things)).status_code == 404


def test_the_conductor_does_it_and_twice_is_once(callers, things):
    """In this order one leaves the next one something to do."""
    for verb in CONDUCTORS:
        if verb.method == "DELETE" or "restore" in verb.path or "item" in verb.path:
            continue
        for status in (204 if "people/{lena}" in verb.path else 200, verb.again):
            answer = call(callers.anna, verb, things)
            assert answer.status_code == status, (verb, answer.text)
    for verb in CONDUCTORS:
        if verb.method == "DELETE" and "item" not in verb.path and "/people/" not in verb.path:
            for status in (204, verb.again):
                answer = call(callers.anna, verb, things)
                assert answer.status_code == status, (verb, answer.text)
    for verb in CONDUCTORS:
        if "restore" in verb.path and verb.path != "/meetings/{meeting}/restore":
            for status in (200, verb.again):
                assert call(callers.anna, verb, things).status_code == status, verb


def test_lines_and_people_of_a_meeting_come_and_go(callers, things):
    for verb in CONDUCTORS:
        if "/meetings/{meeting}/items" in verb.path or "/meetings/{meeting}/people" in verb.path:
            for status in (204 if verb.method == "DELETE" else 200, verb.again):
                answer = call(callers.anna, verb, things)
                assert answer.status_code == status, (verb, answer.text)
    meeting = callers.anna.get("/meetings/{meeting}".format(**things)).json()
    assert [one["title"] for one in meeting["items"]] == ["Ещё", "Ещё"]
    assert [one["person"]["name"] for one in meeting["people"]] == ["Ira", "Lena"]


def test_a_person_leaves_once(callers, things):
    for status in (204, 404):
        assert callers.anna.delete("/projects/LAVKA/people/{lena}".format(**things)).status_code == status


def test_who_was_put_away_is_brought_back_by_who_runs_the_house(callers, things, db):
    lena, back = "/people/{lena}".format(**things), "/people/{lena}/restore".format(**things)
    assert callers.anna.post(back).status_code == 403
    change(db, Person, things["anna"], may_found=True)
    callers.anna.delete(f"/projects/LAVKA{lena}")
    assert callers.anna.delete(lena).status_code == 204
    for _ in range(2):
        answer = callers.anna.post(back)
        assert (answer.status_code, answer.json()["name"]) == (200, "Lena")
    with db.reading() as session:
        assert session.get_one(Person, things["lena"]).archived_at is None


def test_what_is_made_is_made_at_an_address(callers, things):
    for verb in MADE:
        first = call(callers.anna, verb, things)
        assert first.status_code == 201, (verb, first.text)
        assert callers.client.get(first.headers["location"], headers=callers.anna.headers).json() == first.json()
        second = call(callers.anna, verb, things)
        assert second.status_code == verb.again, (verb, second.text)
    people = callers.anna.get("/people", project="LAVKA").json()["items"]
    assert [one["name"] for one in people].count("Nina") + [one["name"] for one in people].count("Нина") == 1


def test_a_change_without_its_version_is_refused_everywhere(callers, things):
    for verb in CONDUCTORS:
        if verb.method == "PATCH" and isinstance(verb.body, dict) and "version" in verb.body:
            body = {name: value for name, value in filled(verb.body, things).items() if name != "version"}
            answer = callers.anna.patch(verb.path.format(**things), body)
            assert (answer.status_code, answer.json()["code"]) == (428, "version_required"), verb


def test_a_stale_change_of_the_same_field_is_a_conflict_everywhere(callers, things):
    for path, field, theirs, mine in (
        ("/projects/LAVKA", "name", "Лавка", "Лавочка"),
        ("/parties/{studio}", "name", "Студия А", "Студия Б"),
        ("/people/{ira}", "salutation", "Ирина", "Ира"),
        ("/systems/{system}", "current_version", "2", "3"),
        ("/integrations/{form}", "purpose", "А", "Б"),
        ("/checks/{check}", "title", "А", "Б"),
        ("/tasks/{task}", "title", "А", "Б"),
        ("/meetings/{meeting}", "place", "А", "Б"),
        ("/deadlocks/{deadlock}", "title", "А", "Б"),
    ):
        address = path.format(**things)
        seen = callers.anna.get(address).headers["etag"]
        first = callers.anna.ask("PATCH", address, {field: theirs}, headers={"if-match": seen})
        assert first.status_code == 200, (path, first.text)
        second = callers.anna.ask("PATCH", address, {field: mine}, headers={"if-match": seen})
        assert second.status_code == 409, (path, second.text)
        assert second.json()["conflicts"] == [{"field": field, "theirs": theirs, "yours": mine}], path
        future = callers.anna.patch(address, {"version": 99, field: mine})
        assert (future.status_code, future.json()["errors"][0]["code"]) == (422, "unknown_version"), path
