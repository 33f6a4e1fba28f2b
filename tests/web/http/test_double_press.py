"""A second press of the same button makes no second thing; a second thing of other words, or later, is one."""

import threading
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update

from tests.worlds.shop import NOW
from tracker.services.ground.opening import open_database
from tracker.services.ground.presses import SECONDS, claim
from tracker.tables import Comment, Press, Task


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


def test_a_second_press_with_htmx_leads_where_the_first_one_led(vera, db):
    before = count_of(db, Task)
    first = vera.post("/projects/LEN/tasks", data={"title": "Проверить оплату"}, htmx=True)
    assert first.status_code == 200 and "<tr" in first.text
    second = vera.post("/projects/LEN/tasks", data={"title": "Проверить оплату"}, htmx=True)
    assert second.headers["hx-redirect"].startswith("/projects/LEN/register")
    assert count_of(db, Task) == before + 1


def test_another_process_knows_of_the_press(vera, db, database_url, client):
    """The second press reaches a server of its own: another engine, other threads, the same database."""
    before = count_of(db, Task)
    running = client.app.state.running
    sent = {"title": "Проверить оплату"}
    first = vera.post("/projects/LEN/tasks", data=sent)
    other = open_database(db.engine.url.render_as_string(hide_password=False))
    try:
        client.app.state.running = replace(running, database=other)
        second = vera.post("/projects/LEN/tasks", data=sent)
    finally:
        client.app.state.running = running
        other.close()
    assert second.headers["location"] == first.headers["location"]
    assert count_of(db, Task) == before + 1


def test_a_press_while_the_first_is_still_at_work_waits_and_makes_nothing(db):
    """Two processes at once: the second insert waits for the first transaction, whatever becomes of it."""
    other = open_database(db.engine.url.render_as_string(hide_password=False))
    begun, may_end, second = threading.Event(), threading.Event(), []

    def first():
        with db.writing() as session:
            assert claim(session, "a", now=NOW)
            begun.set()
            may_end.wait(5)

    def press():
        with other.writing() as session:
            second.append(claim(session, "a", now=NOW))

    threads = [threading.Thread(target=first), threading.Thread(target=press)]
    threads[0].start()
    assert begun.wait(5)
    threads[1].start()
    threads[1].join(0.3)
    assert second == [], "it does not know yet"
    may_end.set()
    for thread in threads:
        thread.join(5)
    other.close()
    assert second == [False]


def test_a_first_press_that_was_rolled_back_leaves_the_second_free(db):
    class Failed(Exception):
        pass

    for _ in range(2):
        try:
            with db.writing() as session:
                assert claim(session, "a", now=NOW)
                raise Failed
        except Failed:
            pass


def test_a_first_press_that_died_before_its_answer_leads_back_to_the_form(vera, db, client, monkeypatch):
    monkeypatch.setattr("tracker.web.http.double_press.PATIENCE", 0.1)
    sent = {"title": "Проверить оплату"}
    first = vera.post("/projects/LEN/tasks", data=sent)
    assert first.status_code == 303
    with db.writing() as session:
        session.connection().execute(update(Press).values(url=""))
    before = count_of(db, Task)
    told = {"referer": "http://auftakt.example/projects/LEN/register?status=unfinished", "host": "auftakt.example"}
    second = vera.post("/projects/LEN/tasks", data=sent, headers=told)
    assert (second.status_code, second.headers["location"]) == (303, "/projects/LEN/register?status=unfinished")
    stranger = {"referer": "http://evil.example/x", "host": "auftakt.example"}
    assert vera.post("/projects/LEN/tasks", data=sent, headers=stranger).headers["location"] == "/"
    assert count_of(db, Task) == before


def test_old_presses_go_and_a_clock_set_back_blocks_nothing(db):
    with db.writing() as session:
        assert claim(session, "a", now=NOW)
        assert claim(session, "b", now=NOW)
        assert claim(session, "a", now=NOW - timedelta(hours=1)), "the demo's clock was set back"
        assert claim(session, "c", now=NOW + timedelta(hours=2))
    with db.reading() as session:
        assert [row[0] for row in session.connection().execute(select(Press.key))] == ["c"]
