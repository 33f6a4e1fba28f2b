"""Lists: walked page by page, filtered, over all projects; as many statements for 20 rows as for 10."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.test_tasks import TOMORROW
from tests.worlds.integrations import NOW, put_task
from tracker.domain.terms import MessageState
from tracker.services.ground.kept import _kept
from tracker.tables import (
    Check,
    Deadlock,
    DeadlockTask,
    Evidence,
    Integration,
    Meeting,
    MeetingItem,
    MeetingPerson,
    Membership,
    Message,
    MessageTask,
    Party,
    Person,
    Position,
    System,
)


def titles(answer):
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def walk(caller, path, **query):
    """All items, page by page."""
    found, after = [], None
    for _ in range(50):
        page = caller.get(path, **query, **({"after": after} if after else {})).json()
        found += page["items"]
        after = page["next"]
        if after is None:
            return found
    raise AssertionError("the list does not end")


@pytest.fixture
def tasks(callers, world):
    """Seven of Lavka's, in no order of their dates, and one of the other project."""
    for number, day in enumerate((3, 1, None, 2, 1, None, 5)):
        needed = None if day is None else (datetime.now(UTC) + timedelta(days=day)).date().isoformat()
        body = {"project": "LAVKA", "title": f"Задача {number + 1}", "owner": world.ira, "needed_by": needed}
        assert callers.anna.post("/tasks", body).status_code == 201
    assert callers.stas.post("/tasks", {"project": "OTHER", "title": "Чужая"}).status_code == 201


def test_a_list_walked_page_by_page_gives_each_row_once_in_order(callers, tasks):
    for sort in ("number", "-number", "needed_by", "-needed_by", "title"):
        whole = callers.anna.get("/tasks", project="LAVKA", sort=sort, limit="200").json()
        assert len(whole["items"]) == 7 and whole["next"] is None
        for limit in ("1", "3", "7"):
            assert walk(callers.anna, "/tasks", project="LAVKA", sort=sort, limit=limit) == whole["items"], sort
        days = [item["needed_by"] for item in whole["items"]]
        if sort.endswith("needed_by"):
            assert days == [*sorted((day for day in days if day), reverse=sort[0] == "-"), None, None]


def test_without_a_project_all_of_the_callers_are_walked_one_after_another(callers, db, world, tasks):
    with db.writing() as session:
        session.add(Membership(project_id=world.other, person_id=world.anna, role="observer", created_at=NOW))
    for limit in ("1", "3", "50"):
        found = walk(callers.anna, "/tasks", limit=limit)
        assert [(one["project"]["name"], one["number"]) for one in found] == [
            *(("LAVKA", number) for number in range(1, 8)),
            ("OTHER", 1),
        ]
    assert [one["title"] for one in walk(callers.stas, "/tasks", limit="1")] == ["Чужая"]
    assert {one["id"] for one in walk(callers.anna, "/projects", limit="1")} == {world.project, world.other}
    people = walk(callers.anna, "/people", limit="2")
    assert [one["id"] for one in people] == sorted({one["id"] for one in people}) and len(people) == 8


def test_the_registers_filters_work_here_as_they_do_there(callers, world, tasks):
    anna = callers.anna
    first = anna.get("/tasks", q="задача 1").json()["items"][0]["id"]
    anna.patch(f"/tasks/{first}", {"version": 1, "status": "done", "kind": "question", "integration": world.form})
    anna.patch("/tasks/2", {"version": 1, "owner": world.gleb})
    anna.patch("/tasks/3", {"version": 1, "owner": None})
    assert titles(anna.get("/tasks", status="done")) == ["Задача 1"]
    assert len(titles(anna.get("/tasks", status="unfinished"))) == 6
    assert titles(anna.get("/tasks", kind="question")) == ["Задача 1"]
    assert titles(anna.get("/tasks", integration=str(world.form))) == ["Задача 1"]
    assert titles(anna.get("/tasks", party=str(world.crm))) == ["Задача 2"]
    assert titles(anna.get("/tasks", owner="none")) == ["Задача 3"]
    assert titles(anna.get("/tasks", owner=str(world.gleb))) == ["Задача 2"]
    assert titles(callers.gleb.get("/tasks", turn="me")) == ["Задача 2"]
    assert titles(anna.get("/tasks", stalled="true")) == []
    assert titles(anna.get("/tasks", waiting_days="0")) == []


def test_who_is_outside_gets_not_found_and_who_is_inside_their_part(callers, world, tasks):
    callers.anna.post("/tasks", {"project": "LAVKA", "title": "Глебу", "owner": world.gleb})
    assert callers.stas.get("/tasks", project="LAVKA").status_code == 404
    assert callers.anna.get("/tasks", project="NOPE").status_code == 404
    assert callers.anna.get("/tasks", project="99999999999999999999").status_code == 404
    assert titles(callers.gleb.get("/tasks")) == ["Глебу"]
    assert len(titles(callers.vera.get("/tasks"))) == 8


WRONG_QUERIES = [
    ({"limit": "0"}, "out_of_range"),
    ({"limit": "201"}, "out_of_range"),
    ({"limit": "many"}, "wrong_type"),
    ({"after": "next"}, "unknown_choice"),
    ({"after": "1.2.3"}, "unknown_choice"),
    ({"after": "9" * 30}, "unknown_choice"),
    ({"status": "almost"}, "unknown_word"),
    ({"sort": "weight"}, "unknown_word"),
    ({"turn": "Ira"}, "unknown_word"),
    ({"owner": "Ira"}, "unknown_word"),
    ({"party": "Студия"}, "wrong_type"),
    ({"party": "9" * 30}, "out_of_range"),
    ({"waiting_days": "-1"}, "out_of_range"),
    ({"stalled": "perhaps"}, "wrong_type"),
    ({"stauts": "done"}, "unknown_field"),
]


def test_a_filter_that_can_not_be_read_is_told_of(callers):
    for query, code in WRONG_QUERIES:
        answer = callers.anna.get("/tasks", **query)
        assert answer.status_code == 422, (query, answer.text)
        assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(next(iter(query)), code)]


def test_signs_that_no_database_takes_find_nothing(callers):
    assert titles(callers.anna.get("/tasks", q="\x00%_\\' OR 1=1 --")) == []


def more(session, world, start, count):
    """`count` more of everything, put in directly."""
    at = datetime.now(UTC)

    def put(row):
        session.add(row)
        session.flush()
        return row.id

    for number in range(start, start + count):
        party = put(Party(project_id=world.project, name=f"Сторона {number}", created_at=at, updated_at=at))
        person = put(Person(name=f"Человек {number}", created_at=at, updated_at=at))
        put(Membership(project_id=world.project, person_id=person, party_id=party, role="contributor", created_at=at))
        put(System(project_id=world.project, name=f"С {number}", owner_party_id=party, created_at=at, updated_at=at))
        joint = put(
            Integration(
                project_id=world.project, name=f"И {number}", accountable_id=person, created_at=at, updated_at=at
            )
        )
        check = put(Check(integration_id=joint, title="п", tester_id=person, created_at=at, updated_at=at))
        task = put_task(session, world, person, integration=joint, party=party, number=number)
        for on in ({"task_id": task}, {"check_id": check}):
            put(Evidence(project_id=world.project, kind="link", url="u", by_id=person, way="web", at=at, **on))
        meeting = put(
            Meeting(
                project_id=world.project, title="Созвон", starts_at=at, uid=f"u{number}", created_at=at, updated_at=at
            )
        )
        put(MeetingPerson(meeting_id=meeting, person_id=person))
        put(MeetingItem(meeting_id=meeting, title="п", task_id=task))
        deadlock = put(
            Deadlock(
                project_id=world.project,
                kind="block",
                title="т",
                decider_id=person,
                integration_id=joint,
                created_at=at,
                updated_at=at,
            )
        )
        put(DeadlockTask(deadlock_id=deadlock, task_id=task))
        put(Position(deadlock_id=deadlock, party_id=party, text="", at=at))
        message = put(
            Message(
                project_id=world.project,
                person_id=person,
                kind="nudge",
                local_day=at.date(),
                queued_at=at,
                send_after=at,
                state=MessageState.SENT,
                channel="email",
                text="т",
                updated_at=at,
            )
        )
        put(MessageTask(message_id=message, task_id=task, step="nudge"))


LISTS = (
    "projects", "parties", "people", "systems", "integrations", "tasks", "deadlocks", "meetings", "checks", "evidence",
    "messages", "events",
)  # fmt: skip


def test_twenty_rows_take_as_many_statements_as_ten(callers, db, world, statements):
    counts: dict[str, list[tuple[int, int]]] = {name: [] for name in LISTS}
    anna = callers.anna
    anna.get("/projects")  # the token's use is noted once
    for start in (1000, 2000):
        with db.writing() as session:
            more(session, world, start, 10)
        for number in range(10):
            anna.post("/systems", {"project": "LAVKA", "name": f"Событие {start + number}"})
        for name in LISTS:
            _kept.clear()
            with statements:
                before = statements.count
                answer = anna.get(f"/{name}", limit="200")
                counts[name].append((len(answer.json()["items"]), statements.count - before))
    for name, ((few, first), (many, second)) in counts.items():
        assert first == second, name
        assert (many >= few + 10) == (name != "projects"), name


def test_a_list_of_nothing_is_empty(callers):
    for name in LISTS[3:]:
        answer = callers.anna.get(f"/{name}", project="LAVKA")
        if name not in ("integrations", "events"):
            assert answer.json() == {"items": [], "next": None}, name


def test_the_days_of_this_file_are_ahead():
    assert datetime.now(UTC).date().isoformat() < TOMORROW
