"""The main job by program: a check passed, a gate that holds, a meeting that ends in steps, a deadlock decided."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tracker.domain.terms import MessageState, Way
from tracker.services.ground.journal import Actor
from tracker.services.people.speaking import see_preview
from tracker.tables import Message, MessageTask, Task

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()


def missing(answer):
    assert answer.status_code == 409, answer.text
    return [row["code"] for row in answer.json()["missing"]]


def test_an_integration_goes_live_when_nothing_is_missing_and_not_before(callers, world):
    anna, form = callers.anna, f"/integrations/{world.form}"
    check = anna.post("/checks", {
        "integration": world.form, "title": "Заявка доходит", "expected": "Телефон в CRM", "tester": world.gleb,
    }).json()["id"]  # fmt: skip
    refused = anna.post(f"{form}/go-live", {"version": 1})
    assert missing(refused) == [
        "no_accountable", "list_unconfirmed", "check_open", "unsigned",
    ]  # fmt: skip
    page = f"/projects/LAVKA/integrations/{world.form}"
    assert [row["url"] for row in refused.json()["missing"]] == [page, page, f"{page}#check-{check}", page]
    assert refused.json()["code"] == "not_ready"
    assert all(set(row) == {"code", "url"} for row in refused.json()["missing"])

    version = anna.get(form).json()["version"]
    assert anna.patch(form, {"version": version, "accountable": world.ira}).json()["accountable"]["name"] == "Ira"
    assert callers.gleb.post(f"{form}/accept").status_code == 403, "nobody takes it on for somebody else"
    for _ in range(2):
        assert callers.ira.post(f"{form}/accept").status_code == 200
    assert anna.post(f"{form}/agree", {"behalf": world.ira}).status_code == 200
    assert missing(anna.post(f"{form}/go-live")) == ["check_open", "unsigned", "unsigned"]

    assert callers.lena.post(f"/checks/{check}/result", {"result": "passed"}).status_code == 404
    bare = callers.gleb.post(f"/checks/{check}/result", {"result": "passed"})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "evidence")
    for _ in range(2):
        passed = callers.gleb.post(f"/checks/{check}/result", {"result": "passed", "url": "https://example.org/s"})
        assert passed.json()["result"] == "passed" and len(passed.json()["evidence"]) == 1
    assert anna.post(f"{form}/sign", {"behalf": world.ira}).status_code == 200
    assert anna.post(f"{form}/sign", {"person": world.olga, "letter": "https://example.org/letter"}).status_code == 200
    before = anna.get(form).json()
    assert before["readiness"]["done"] == before["readiness"]["of"]
    for _ in range(2):
        live = anna.post(f"{form}/go-live")
        assert (live.status_code, live.json()["state"]) == (200, "live")


def test_a_check_is_failed_skipped_waived_and_set_back_with_reasons(callers, world):
    check = callers.anna.post("/checks", {"integration": world.form, "title": "x", "tester": world.gleb}).json()["id"]
    path = f"/checks/{check}/result"
    for result in ("failed", "not_applicable", "waived"):
        assert callers.anna.post(path, {"result": result}).status_code == 422, "a reason is needed"
        noted = callers.anna.post(path, {"result": result, "reason": "Стенд не отвечает"})
        assert noted.json()["result"] == result
    assert callers.gleb.post(path, {"result": "waived", "reason": "x"}).status_code == 403
    assert callers.gleb.post(path, {"result": "pending"}).json()["result"] == "pending"
    assert callers.vera.post(path, {"result": "pending"}).status_code == 403


@pytest.fixture
def meeting(callers, world):
    return callers.anna.post("/meetings", {
        "project": "LAVKA", "title": "Созвон", "starts_at": "2026-12-01T10:00:00Z", "integrations": [world.form],
        "people": [{"person": world.ira}, {"person": world.olga}],
        "items": [{"title": "Поле"}, {"title": "Кнопка"}, {"title": "Маска"}],
    }).json()  # fmt: skip


def test_a_meeting_does_not_end_while_a_line_is_open(callers, meeting, world):
    path, (first, second, third) = f"/meetings/{meeting['id']}/close", (item["id"] for item in meeting["items"])
    answer = callers.anna.post(path, {"version": 1, "items": [
        {"id": first, "step": {"title": "Прислать макет", "owner": world.ira}}, {"id": second, "moved": True},
    ]})  # fmt: skip
    assert answer.status_code == 409
    assert answer.json()["items"] == [
        {"id": first, "reason": "step_without_date"}, {"id": third, "reason": "no_outcome"},
    ]  # fmt: skip
    assert callers.anna.get(f"/meetings/{meeting['id']}").json()["state"] == "planned"
    assert callers.anna.get("/tasks").json()["items"] == [], "nothing of it was kept"


def test_a_meeting_ends_and_its_step_is_a_task(callers, meeting, world, db):
    path, (first, second, third) = f"/meetings/{meeting['id']}/close", (item["id"] for item in meeting["items"])
    body = {"version": 1, "notes": "Решили", "items": [
        {"id": first, "step": {"title": "Прислать макет", "owner": {"id": world.ira}, "needed_by": NEXT_WEEK}},
        {"id": second, "moved": True}, {"id": third, "reason": "Уже работает"},
    ]}  # fmt: skip
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


def test_a_deadlock_moves_the_turn_to_its_decider_and_back(callers, world):
    task = callers.anna.post("/tasks", {"project": "LAVKA", "title": "Кнопка", "owner": world.ira}).json()["id"]
    made = callers.anna.post("/deadlocks", {
        "project": "LAVKA", "title": "Одна кнопка или две", "decider": world.olga, "decide_by": NEXT_WEEK,
        "tasks": [task], "parties": [world.studio, world.crm],
    }).json()  # fmt: skip
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


def test_the_journal_is_read_in_order_and_only_as_far_as_one_sees(callers, world):
    anna = callers.anna
    mine = anna.post("/tasks", {"project": "LAVKA", "title": "Ире", "owner": world.ira}).json()["id"]
    anna.post("/tasks", {"project": "LAVKA", "title": "Глебу", "owner": world.gleb})
    anna.post(f"/tasks/{mine}/comments", {"text": "Между нами", "private": True})
    anna.post(f"/tasks/{mine}/comments", {"text": "Для всех"})
    everything = anna.get("/events", limit="200").json()["items"]
    assert [one["seq"] for one in everything] == sorted(one["seq"] for one in everything)
    assert [one["kind"] for one in everything].count("comment.added") == 2
    rest = anna.get("/events", project="LAVKA", after=str(everything[0]["seq"])).json()["items"]
    assert rest == everything[1:]
    watched = callers.vera.get("/events").json()["items"]
    assert [one["seq"] for one in everything if one not in watched] == [
        next(one["seq"] for one in everything if one["kind"] == "comment.added")
    ], "the private note alone"
    own = callers.ira.get("/events").json()["items"]
    assert {one["object"]["id"] for one in own} == {mine} and len(own) == 2
    assert callers.stas.get("/events", project="LAVKA").status_code == 404
    assert callers.stas.get("/events").json()["items"] == []


def test_messages_are_read_by_who_conducts_or_observes_and_by_whom_they_are_for(callers, db, world):
    task = callers.anna.post("/tasks", {"project": "LAVKA", "title": "Ире", "owner": world.ira}).json()["id"]
    foreign = callers.stas.post("/tasks", {"project": "OTHER", "title": "Тайна другого проекта"}).json()["id"]
    at = datetime.now(UTC)

    def put(person, *tasks):
        with db.writing() as session:
            message = Message(
                project_id=world.project, person_id=person, kind="digest", rule="stalled", local_day=at.date(),
                queued_at=at, send_after=at, state=MessageState.SENT, channel="email", text="Текст", updated_at=at,
            )  # fmt: skip
            session.add(message)
            session.flush()
            for place, one in enumerate(tasks):
                session.add(MessageTask(message_id=message.id, task_id=one, step="nudge", position=place))
            return message.id

    for_ira, for_gleb = put(world.ira, task), put(world.gleb, task, foreign)
    for name, seen in (("anna", 2), ("vera", 2), ("ira", 1), ("gleb", 1), ("lena", 0)):
        items = getattr(callers, name).get("/messages", project="LAVKA").json()["items"]
        assert len(items) == seen, name
    shared = callers.anna.get(f"/messages/{for_gleb}").json()
    assert (shared["text"], [one["id"] for one in shared["tasks"]]) == ("", [task]), "nothing of the other project"
    assert len(callers.gleb.get(f"/messages/{for_gleb}").json()["tasks"]) == 2
    assert callers.ira.get(f"/messages/{for_gleb}").status_code == 404
    assert callers.anna.get(f"/messages/{for_ira}").json()["text"] == "Текст"
    assert callers.anna.get("/messages", state="held").json()["items"] == []
    assert callers.anna.post("/messages", {}).status_code == 405


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
        ({"opens": "noon"}, "opens"), ({"opens": "20:00"}, "closes"), ({"timezone": "Mars"}, "timezone"),
        ({"email": "x"}, "email"), ({"name": None}, "name"), ({"knows_bot": 1}, "knows_bot"),
    ):  # fmt: skip
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
