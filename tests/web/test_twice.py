"""A second press of the same button makes no second thing; a second thing of other words, or later, is one."""

import threading
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from tests.web.world import NOW
from tracker.tables import Comment, Task
from tracker.web.twice import SECONDS, Presses


def count_of(db, table) -> int:
    with db.reading() as session:
        return int(session.connection().execute(select(func.count()).select_from(table)).scalar_one())


def test_a_task_put_down_with_two_presses_is_one_task(vera, db):
    before = count_of(db, Task)
    sent = {"title": "Проверить оплату"}
    first, second = (vera.post("/projects/LEN/tasks", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert count_of(db, Task) == before + 1
    assert vera.post("/projects/LEN/tasks", data={"title": "Проверить доставку"}).status_code == 303
    assert count_of(db, Task) == before + 2


def test_two_people_who_write_the_same_are_two_comments(vera, sign_in, world, db):
    before = count_of(db, Comment)
    for who in (vera, vera, sign_in("pete")):
        assert who.post(f"/tasks/{world.tasks[1]}/comment", data={"text": "Готово?"}).status_code == 303
    assert count_of(db, Comment) == before + 2


def test_after_some_seconds_the_same_words_are_a_second_thing(vera, client, db):
    before = count_of(db, Task)
    running = client.app.state.running
    for moment in (NOW, NOW + SECONDS - timedelta(microseconds=1), NOW + SECONDS):
        client.app.state.running = replace(running, wall=lambda at=moment: at)
        assert vera.post("/projects/LEN/tasks", data={"title": "Позвонить в банк"}).status_code == 303
    assert count_of(db, Task) == before + 2


def test_what_was_refused_may_be_sent_again(vera):
    for _ in range(2):
        assert vera.post("/projects/LEN/tasks", data={"title": ""}).status_code == 422


def test_a_press_while_the_first_is_being_answered_waits_for_its_answer():
    from litestar import Response

    presses, made, begun, may_end = Presses(), [], threading.Event(), threading.Event()

    def work():
        made.append(1)
        begun.set()
        may_end.wait(5)
        return Response("", status_code=303, headers={"location": f"/{len(made)}"})

    answers = []
    threads = [threading.Thread(target=lambda: answers.append(presses.once("a", work, now=NOW))) for _ in range(2)]
    threads[0].start()
    assert begun.wait(5)
    threads[1].start()
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert [answer.headers["location"] for answer in answers] == ["/1", "/1"]
    assert made == [1]
