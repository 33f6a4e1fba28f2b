"""The button «Remind now»: on a task's page and beside what is foreseen; it says when, or why not."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from tests.worlds.shop import NOW
from tracker.tables import Message, Person, Project, Task

PAGE = "/projects/LEN/t/1"


@pytest.fixture
def speaking(db, world):
    """Everybody has a chat with the bot, and the project writes."""
    with db.writing() as session:
        for number, person in enumerate(session.exec(select(Person))):
            person.knows_bot, person.telegram_chat_id, person.telegram_id = True, 900 + number, 900 + number
        project = session.get_one(Project, world.project)
        project.messages = "on"
        session.add(project)


def messages(db):
    with db.reading() as session:
        return session.exec(select(Message).order_by(Message.id)).all()


def test_a_plain_form_reminds_and_says_when_it_goes(vera, db, world, speaking):
    assert re.search(rf'action="/tasks/{world.tasks[1]}/remind"', vera.get(PAGE).text)
    answer = vera.post(f"/tasks/{world.tasks[1]}/remind")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    page = vera.get(PAGE).text
    assert "The reminder goes out now. To: Пётр Соколов." in page
    assert "a reminder was asked for" in page, "the history tells it"
    assert "why: the conductor asked to remind" in page, "and so does the list of messages"
    [queued] = messages(db)
    assert (queued.person_id, queued.rule, queued.send_after) == (world.pete, "reminder", NOW)


def test_in_russian_for_somebody_in_another_zone(vera, db, world, speaking):
    with db.writing() as session:
        session.get_one(Person, world.pete).timezone = "Asia/Kamchatka"
    vera.cookies["auftakt_language"] = "ru"
    vera.post("/language", data={"language": "ru"})
    assert "Напомнить сейчас" in vera.get(PAGE).text
    vera.post(f"/tasks/{world.tasks[1]}/remind")
    assert re.search(r"Уйдёт завтра в 01:\d\d \(там 10:\d\d\)\. Кому: Пётр Соколов\.", vera.get(PAGE).text)


def test_what_can_not_be_is_said_beside_the_button(vera, db, world, speaking):
    with db.writing() as session:
        session.get_one(Person, world.pete).knows_bot = False
    answer = vera.post(f"/tasks/{world.tasks[1]}/remind")
    assert answer.status_code == 409
    assert "This person does not know of the bot yet." in answer.text
    assert "Добавить поле «телефон»" in answer.text, "on the task's own page"
    assert messages(db) == []


def test_twice_in_a_day_is_once(vera, db, world, speaking):
    for _ in range(2):
        assert vera.post(f"/tasks/{world.tasks[1]}/remind").status_code == 303
    assert len(messages(db)) == 1


def test_who_does_not_conduct_has_no_such_button(sign_in, world, speaking):
    for who, status in (("pete", 403), ("mary", 403), ("lev", 403), ("stranger", 404)):
        assert sign_in(who).post(f"/tasks/{world.tasks[1]}/remind").status_code == status, who
    assert "/remind" not in sign_in("pete").get(PAGE).text
    assert sign_in("conductor").post("/tasks/999999/remind").status_code == 404


def test_beside_what_is_foreseen_it_leads_back_to_the_messages(vera, db, world, speaking):
    page = vera.get("/projects/LEN/messages").text
    found = re.search(r'action="(/tasks/\d+/remind)">\s*<input type="hidden" name="back" value="messages">', page)
    answer = vera.post(found[1], data={"back": "messages"})
    assert answer.headers["location"] == "/projects/LEN/messages"
    assert "The reminder goes out" in vera.get("/projects/LEN/messages").text


def test_a_finished_task_offers_none(vera, db, world, speaking):
    with db.writing() as session:
        task = session.get_one(Task, world.tasks[1])
        task.status, task.finished_at, task.updated_at = "done", NOW, NOW + timedelta(seconds=1)
    answer = vera.post(f"/tasks/{world.tasks[1]}/remind")
    assert answer.status_code == 409
    assert "there is nothing to remind of" in answer.text
    assert f'action="/tasks/{world.tasks[1]}/remind"' not in answer.text
