"""The contract: exactly these fields, for each resource, alone and in a list."""

from datetime import UTC, datetime

import pytest

from tracker.domain.terms import MessageState
from tracker.tables import Message, MessageTask

REF = {"id", "name"}
SHAPES = {
    "tasks": "id number project integration party kind title plain_title done_means status owner turn waiting_on "
    "waiting_since needed_by promised_on stalls_at priority version created_at updated_at",
    "projects": "id key name messages timezone",
    "parties": "id project name kind lead",
    "people": "id name email salutation timezone language parties roles knows_bot reachable_by",
    "integrations": "id project name purpose accountable state launch_on readiness version",
    "systems": "id project name kind owner current_version note version",
    "checks": "id integration section title method expected required tester result evidence version",
    "meetings": "id project integrations title starts_at minutes place people items state version",
    "deadlocks": "id project integration kind title decider decide_by positions tasks decision decided_at version",
    "evidence": "id task check kind url file caption by way at",
    "messages": "id person timezone channel kind tasks rule queued_at send_after state text",
    "events": "seq at actor way behalf kind object changes",
}


@pytest.fixture
def full(db, world, callers):
    """One of everything, made by the conductor's program."""
    anna = callers.anna

    def make(path, body):
        answer = anna.post(path, body)
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/api/v1{path}/{answer.json()['id']}"
        return answer.json()["id"]

    made = {
        "systems": make("/systems", {"project": "LAVKA", "name": "Сайт", "owner": world.studio}),
        "projects": world.project,
        "parties": world.studio,
        "people": world.ira,
        "integrations": world.form,
    }
    made["tasks"] = make(
        "/tasks",
        {
            "project": "LAVKA",
            "title": "Поле «телефон»",
            "owner": world.ira,
            "integration": world.form,
            "needed_by": "2026-12-24",
            "waiting_on": {"kind": "person", "id": world.gleb},
        },
    )
    made["checks"] = make(
        "/checks",
        {"integration": world.form, "title": "Заявка доходит", "expected": "Телефон виден в CRM", "tester": world.gleb},
    )
    passed = anna.post(f"/checks/{made['checks']}/result", {"result": "passed", "url": "https://example.org/shot"})
    assert passed.status_code == 200, passed.text
    made["evidence"] = passed.json()["evidence"][0]["id"]
    made["meetings"] = make(
        "/meetings",
        {
            "project": "LAVKA",
            "title": "Созвон",
            "starts_at": "2026-12-01T10:00:00+03:00",
            "integrations": [world.form],
            "people": [{"person": world.ira, "why": "форма", "decides": True}],
            "items": [{"task": made["tasks"]}],
        },
    )
    made["deadlocks"] = make(
        "/deadlocks",
        {
            "project": "LAVKA",
            "title": "Одна кнопка или две",
            "integration": world.form,
            "decider": world.olga,
            "tasks": [made["tasks"]],
            "parties": [world.studio, world.crm],
        },
    )
    at = datetime.now(UTC)
    with db.writing() as session:
        message = Message(
            project_id=world.project,
            person_id=world.ira,
            kind="nudge",
            rule="stalled",
            local_day=at.date(),
            queued_at=at,
            send_after=at,
            state=MessageState.SENT,
            channel="telegram",
            text="Добрый день!",
            updated_at=at,
        )
        session.add(message)
        session.flush()
        session.add(MessageTask(message_id=message.id, task_id=made["tasks"], step="nudge"))
        made["messages"] = message.id
    return made


def test_a_resource_has_exactly_the_fields_of_the_contract(callers, full):
    for resource, fields in SHAPES.items():
        wanted = set(fields.split())
        listed = callers.anna.get(f"/{resource}", limit="200")
        assert listed.status_code == 200, listed.text
        assert set(listed.json()) == {"items", "next"}
        items = listed.json()["items"]
        assert items and all(set(item) == wanted for item in items), resource
        if resource == "events":
            assert [item["seq"] for item in items] == list(range(1, len(items) + 1))
            continue
        alone = callers.anna.get(f"/{resource}/{full[resource]}")
        assert set(alone.json()) == wanted, resource
        assert alone.json() in items


def test_references_are_an_id_and_a_name(callers, full, world):
    task = callers.anna.get(f"/tasks/{full['tasks']}").json()
    assert task["project"] == {"id": world.project, "name": "LAVKA"}
    assert task["owner"] == {"id": world.ira, "name": "Ira"}
    # The decider of the deadlock that blocks it has the turn.
    assert task["turn"] == {"id": world.olga, "name": "Olga"}
    assert task["party"] == {"id": world.studio, "name": "Студия"}
    assert task["waiting_on"] == {"kind": "person", "id": world.gleb, "name": "Gleb", "note": "", "agreed": True}
    assert task["created_at"].endswith("Z") and task["needed_by"] == "2026-12-24"


def test_a_meeting_shows_its_people_its_agenda_and_its_instant(callers, full, world):
    meeting = callers.anna.get(f"/meetings/{full['meetings']}").json()
    assert meeting["starts_at"] == "2026-12-01T07:00:00Z"
    assert meeting["integrations"] == [{"id": world.form, "name": "Поле «телефон»"}]
    assert meeting["people"] == [
        {"person": {"id": world.ira, "name": "Ira"}, "why": "форма", "decides": True, "rsvp": "asked"}
    ]
    (item,) = meeting["items"]
    assert set(item) == {"id", "title", "task", "outcome", "reason"}
    assert item["task"] == {"id": full["tasks"], "name": "Поле «телефон»"}


def test_an_integration_says_how_far_it_is_from_going_live(callers, full, world):
    joint = callers.anna.get(f"/integrations/{world.form}").json()
    assert set(joint["readiness"]) == {"done", "of"} and 0 < joint["readiness"]["done"] < joint["readiness"]["of"]


def test_an_event_says_who_by_which_way_and_from_what_to_what(callers, full, world):
    found = callers.anna.get("/events", object="task", object_id=str(full["tasks"])).json()["items"]
    created = found[0]
    assert created["kind"] == "task.created" and created["way"] == "api" and created["behalf"] is None
    assert created["actor"] == {"id": world.anna, "name": "Anna"}
    assert created["object"] == {"type": "task", "id": full["tasks"]}
    assert created["changes"]["title"] == [None, "Поле «телефон»"]


def test_a_message_names_its_person_and_its_tasks(callers, full, world):
    message = callers.anna.get(f"/messages/{full['messages']}").json()
    assert message["person"] == {"id": world.ira, "name": "Ira"}
    assert message["tasks"] == [{"id": full["tasks"], "name": "Поле «телефон»"}]
    assert message["text"] == "Добрый день!"


def test_who_sees_a_task_in_outline_gets_the_same_fields_without_persons_and_texts(callers, world):
    made = callers.anna.post(
        "/tasks",
        {"project": "LAVKA", "title": "Поле", "owner": world.ira, "integration": world.form, "done_means": "видно"},
    ).json()
    seen = callers.gleb.get(f"/tasks/{made['id']}").json()
    assert set(seen) == set(made)
    assert (seen["title"], seen["party"]["id"], seen["status"]) == ("Поле", world.studio, "open")
    assert (seen["owner"], seen["turn"], seen["done_means"]) == (None, None, "")


def test_contacts_are_shown_to_who_may_see_them(callers, world):
    for name, shown in (("anna", True), ("vera", True), ("ira", True), ("gleb", False)):
        person = getattr(callers, name).get(f"/people/{world.ira}").json()
        assert (person["email"] == "ira@example.org", person["reachable_by"] == ["email"]) == (shown, shown), name
