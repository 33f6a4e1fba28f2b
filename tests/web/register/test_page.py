"""The register as a page: what stands in it, for whom, and how often the database is asked."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.worlds.shop import NOW
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput


def rows_of(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'<tr id="task-(\d+)" data-version="\d+"', html)]


def test_a_row_says_what_from_whom_and_whose_turn(vera, world):
    html = vera.get("/projects/LEN/register").text
    assert rows_of(html) == [world.tasks[number] for number in range(1, 6)]
    assert "Добавить поле «телефон» в форму и передать в CRM" in html
    assert "Пётр Соколов" in html
    assert "27 Nov, Fri" in html
    assert "promised 30 Nov, Mon" in html
    assert "decision needed" in html


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("q=ТЕЛЕФОН", [1, 3]),
        ("q=соколов", [1, 4]),
        ("status=draft", [5]),
        ("status=unfinished", [1, 2, 3, 4, 5]),
        ("kind=question", [2]),
        ("stalled=1", [1, 4]),
        ("owner=none", [5]),
        ("sort=-number", [5, 4, 3, 2, 1]),
        ("q=%27%22%3B--", []),
        ("status=nonsense&party=x&waiting_days=&turn=&sort=nonsense", [1, 2, 3, 4, 5]),
    ],
)
def test_filters_stand_in_the_address(vera, world, query, numbers):
    answer = vera.get(f"/projects/LEN/register?{query}")
    assert answer.status_code == 200
    assert rows_of(answer.text) == [world.tasks[number] for number in numbers]


def test_the_key_is_found_in_any_case_and_another_project_is_not_found(vera, sign_in):
    assert vera.get("/projects/len/register").status_code == 200
    assert vera.get("/projects/OTHER/register").status_code == 404
    assert vera.get("/projects/NOPE/register").status_code == 404
    assert sign_in("stranger").get("/projects/LEN/register").status_code == 404


def test_everybody_sees_what_concerns_them(sign_in, world):
    assert rows_of(sign_in("lev").get("/projects/LEN/register").text) == list(world.tasks.values())
    pete = sign_in("pete").get("/projects/LEN/register").text
    assert rows_of(pete) == [world.tasks[1], world.tasks[2], world.tasks[4]]
    assert "tasks/new" not in pete
    assert "/edit?" not in sign_in("lev").get("/projects/LEN/register").text


def test_fifty_rows_and_a_link_to_the_rest(vera, world, db):
    with db.writing() as session:
        for number in range(60):
            create_task(
                session, Actor(world.conductor, Way.WEB), world.project, TaskInput(title=f"Ещё {number}"), now=NOW
            )
    first = vera.get("/projects/LEN/register").text
    assert len(rows_of(first)) == 50
    address = re.search(r'href="(/projects/LEN/register\?after=\d+)"', first)
    assert address
    rest = vera.get(address[1]).text
    assert len(rows_of(rest)) == 15
    assert not set(rows_of(first)) & set(rows_of(rest))


def test_what_people_write_is_shown_and_never_run(vera, world, db):
    with db.writing() as session:
        given = TaskInput(title="<script>alert(1)</script>", owner=world.pete, notes='"><img src=x onerror=alert(1)>')
        number = create_task(session, Actor(world.conductor, Way.WEB), world.project, given, now=NOW).number
    for path in ("/projects/LEN/register", f"/projects/LEN/t/{number}"):
        html = vera.get(path).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "<img src=x" not in html


def test_twenty_rows_ask_the_database_as_often_as_ten(vera, world, db):
    def fill(count: int) -> None:
        with db.writing() as session:
            for number in range(count):
                given = TaskInput(title=f"Ещё {number}", owner=world.pete, integration=world.joint)
                create_task(session, Actor(world.conductor, Way.WEB), world.project, given, now=NOW)

    def count() -> int:
        asked: list[str] = []

        def note(*told):
            asked.append(told[2])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert vera.get("/projects/LEN/register").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    fill(5)
    vera.get("/projects/LEN/register")
    ten = count()
    fill(10)
    vera.get("/projects/LEN/register")
    twenty = count()
    assert twenty == ten
    assert ten <= 16


def test_an_unchanged_page_is_answered_304_until_something_changes(vera, world, sign_in):
    first = vera.get("/projects/LEN/register")
    tag = first.headers["etag"]
    again = vera.get("/projects/LEN/register", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = vera.get("/projects/LEN/register?status=draft", headers={"if-none-match": tag})
    assert other.status_code == 200
    assert sign_in("lev").get("/projects/LEN/register", headers={"if-none-match": tag}).status_code == 200
    vera.post(f"/tasks/{world.tasks[5]}/edit", data={"title": "Кто шлёт рассылки"})
    vera.cookies.pop("auftakt_said", None)
    assert vera.get("/projects/LEN/register", headers={"if-none-match": tag}).status_code == 200


def test_a_page_that_time_changes_is_not_kept_beyond_that_moment(vera, client):
    tag = vera.get("/projects/LEN/register").headers["etag"]
    running = client.app.state.running
    until = int(tag.rstrip('"').rpartition(".")[2])
    for moment, status in ((until - 1, 304), (until, 200)):
        late = NOW + timedelta(seconds=moment - NOW.timestamp())
        object.__setattr__(running, "wall", lambda late=late: late)
        assert vera.get("/projects/LEN/register", headers={"if-none-match": tag}).status_code == status


def test_an_empty_project_says_what_to_do_next(sign_in):
    html = sign_in("stranger").get("/projects/OTHER/register").text
    assert "The register is empty" in html
    assert "/projects/OTHER/tasks/new" in html


def test_a_search_that_finds_nothing_leaves_the_rows_empty(vera):
    html = vera.get("/projects/LEN/register?q=nothing-of-that-kind").text
    assert "Nothing fits these filters." in html
    assert re.search(r'<tbody id="rows">\s*</tbody>', html)


def test_an_empty_cell_asks_for_something_only_where_it_can_be_given(vera, sign_in):
    assert 'class="add"' in vera.get("/projects/LEN/register").text
    watched = sign_in("lev").get("/projects/LEN/register").text
    assert 'id="task-' in watched
    assert 'class="add"' not in watched


def test_a_filter_that_is_set_is_shown_as_chosen(vera, world):
    text = vera.get(f"/projects/LEN/register?status=unfinished&turn={world.pete}&party={world.crm}").text
    for value, name in (("unfinished", "open ones"), (world.pete, "Пётр Соколов"), (world.crm, "CRM-подрядчик")):
        assert f'<option value="{value}" selected>{name}</option>' in text
