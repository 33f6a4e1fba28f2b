"""The journal and the messages by program, as far as one sees."""

from datetime import UTC, datetime

from tracker.domain.terms import MessageState
from tracker.tables import Message, MessageTask


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
                project_id=world.project,
                person_id=person,
                kind="digest",
                rule="stalled",
                local_day=at.date(),
                queued_at=at,
                send_after=at,
                state=MessageState.SENT,
                channel="email",
                text="Текст",
                updated_at=at,
            )
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
