"""Bad input over HTTP: a clear message in the person's language, what was typed is still there, never a traceback."""

import pytest

from tests.web.conftest import Browser
from tests.web.speaking import Speaker, is_calm
from tests.worlds.shop import NOW
from tracker.domain.terms import Scope, Way
from tracker.services.access.tokens import issue
from tracker.services.ground.journal import Actor
from tracker.tables import Task

on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What does not come to the database, or finds it dead, is the same on both."""
INSIDE = ("Traceback", "sqlalchemy", "litestar", "Error(", "File &#34;", 'File "')


@pytest.fixture(params=["ru", "en"])
def speaker(request: pytest.FixtureRequest, vera: Browser) -> Speaker:
    vera.post("/language", data={"language": request.param})
    return Speaker(vera, request.param == "ru")


NOT_A_DAY = ("This is not a day that can be read", "Не получилось понять день")
TOO_LONG = ("Too long: at most 300 characters.", "Слишком длинно: не больше 300 знаков.")
REQUIRED = ("This has to be filled in.", "Это нужно заполнить.")
NOWHERE = ("There is no such page, or it is not shown to you.", "Такой страницы нет, или она вам не показана.")


@pytest.mark.parametrize("htmx", [True, False])
def test_a_wrong_date(speaker, world, htmx):
    answer = speaker.browser.post(f"/tasks/{world.tasks[1]}/edit", data={"needed_by": "после дождичка"}, htmx=htmx)
    assert answer.status_code == 422
    text = is_calm(answer)
    assert speaker.says(*NOT_A_DAY) in text
    assert 'value="после дождичка"' in text


@pytest.mark.parametrize("htmx", [True, False])
def test_a_stale_version(speaker, world, db, htmx):
    path, seen = f"/tasks/{world.tasks[3]}/edit", str(version_of(db, world.tasks[3]))
    assert speaker.browser.post(path, data={"version": seen, "title": "Мой макет"}, htmx=True).status_code == 200
    answer = speaker.browser.post(path, data={"version": seen, "title": "Другой макет"}, htmx=htmx)
    assert answer.status_code == 409
    text = is_calm(answer)
    assert "Мой макет" in text
    assert 'value="Другой макет"' in text
    assert speaker.says("meanwhile", "Пока вы писали") in text


def version_of(db, task_id: int) -> int:
    with db.reading() as session:
        return int(session.get_one(Task, task_id).version)


UNKNOWN = [
    "/projects/LEN/t/999",
    "/tasks/999999/edit",
    "/projects/NOPE/register",
    "/tasks/ы",
    # Larger than the databases count: each of the two refuses it in a way of its own.
    *(f"/parties/{number}/edit" for number in (2**31, 2**63, 10**30)),
    f"/projects/LEN/t/{10**30}",
]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_id(speaker, path):
    answer = speaker.browser.get(path)
    assert answer.status_code == 404
    assert speaker.says(*NOWHERE) in is_calm(answer)


def test_a_foreign_projects_id_in_an_address_is_not_found_with_the_same_words(speaker, sign_in, world):
    for path in ("/projects/OTHER/register", "/projects/OTHER/t/1"):
        answer = speaker.browser.get(path)
        assert answer.status_code == 404
        assert speaker.says(*NOWHERE) in is_calm(answer)
    stranger = sign_in("stranger")
    stranger.post("/language", data={"language": speaker.says("en", "ru")})
    answer = stranger.post(f"/tasks/{world.tasks[1]}/edit", data={"title": "x"})
    assert answer.status_code == 404
    assert speaker.says(*NOWHERE) in is_calm(answer)


def test_a_foreign_projects_person_in_a_form(speaker, world, db):
    sent = {"title": "Позвонить в банк", "owner": str(world.stranger), "notes": "до обеда"}
    answer = speaker.browser.post("/projects/LEN/tasks", data=sent)
    assert answer.status_code == 422
    text = is_calm(answer)
    assert speaker.says("Nobody of that name takes part", "Такого участника в проекте нет.") in text
    assert 'value="Позвонить в банк"' in text
    assert "Олег Чужой" not in text


@pytest.mark.parametrize("field", ["owner", "integration", "party", "waiting"])
def test_a_number_in_a_form_larger_than_the_database_counts(speaker, field):
    sent = {"title": "Позвонить в банк", field: "person:3000000000" if field == "waiting" else "3000000000"}
    answer = speaker.browser.post("/projects/LEN/tasks", data=sent)
    assert answer.status_code == 422
    assert 'value="Позвонить в банк"' in is_calm(answer)


@pytest.mark.parametrize("htmx", [True, False])
def test_an_over_long_text(speaker, world, htmx):
    long = "Очень длинно " * 40
    answer = speaker.browser.post("/projects/LEN/tasks", data={"title": long, "needed_by": "2026-12-04"}, htmx=htmx)
    assert answer.status_code == 422
    text = is_calm(answer)
    assert speaker.says(*TOO_LONG) in text
    assert long.strip() in text
    assert "2026-12-04" in text
    form = speaker.browser.get("/projects/LEN/tasks/new").text
    assert 'name="title"' in form
    assert "maxlength" not in form, "a browser cuts off silently what is pasted"
    remark = "Слово " * 2000
    answer = speaker.browser.post(f"/tasks/{world.tasks[1]}/comment", data={"text": remark})
    assert answer.status_code == 422
    assert remark.strip() in is_calm(answer)


def test_a_body_larger_than_any_form(speaker, world):
    answer = speaker.browser.post(f"/tasks/{world.tasks[1]}/comment", data={"text": "я" * 1_100_000})
    assert answer.status_code == 413
    assert speaker.says("That is too large", "Это слишком много") in is_calm(answer)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_missing_field(speaker, htmx):
    answer = speaker.browser.post("/projects/LEN/tasks", data={"title": " ", "needed_by": "2026-12-04"}, htmx=htmx)
    assert answer.status_code == 422
    text = is_calm(answer)
    assert speaker.says(*REQUIRED) in text
    assert "2026-12-04" in text


def test_a_double_submit(speaker):
    """More of it stands in `http/test_double_press`."""
    answers = [speaker.browser.post("/projects/LEN/tasks", data={"title": "Дважды"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    page = is_calm(speaker.browser.get("/projects/LEN/register?q=Дважды"))
    assert page.count('<tr id="task-') == 1


FAR = {
    "a launch": ("/projects/LEN/integrations", {"name": "Сайт → 1С", "launch_on": "{day}"}),
    "a launch changed": ("/integrations/{world.joint}/edit", {"version": "1", "launch_on": "{day}"}),
    "a decision": (
        "/projects/LEN/deadlocks",
        {"title": "Кто платит", "kind": "block", "parties": "{world.crm}", "decide_by": "{day}"},
    ),
    "an absence": ("/me/absences", {"first": "{day}", "last": "{day}"}),
    "a day of the project": ("/projects/LEN/days", {"day": "{day}", "working": "no"}),
    "a meeting": (
        "/projects/LEN/meetings",
        {
            "title": "Созвон",
            "day": "{day}",
            "time": "23:50",
            "minutes": "60",
            "timezone": "America/New_York",
            "accepted": "1",
        },
    ),
    "a meeting elsewhere": (
        "/projects/LEN/meetings",
        {
            "title": "Созвон",
            "day": "{day}",
            "time": "00:10",
            "minutes": "60",
            "timezone": "Asia/Tokyo",
            "accepted": "1",
        },
    ),
}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "0206-11-27"])
@pytest.mark.parametrize("case", FAR)
def test_a_day_at_the_end_of_the_calendar(speaker, world, case, day):
    """Taken, it would break every page and every round of the clock that counts on from there."""
    path, form = FAR[case]
    sent = {name: text.format(day=day, world=world) for name, text in form.items()}
    answer = speaker.browser.post(path.format(world=world), data=sent)
    assert answer.status_code == 422
    assert speaker.says("That day is too far away.", "Этот день слишком далеко.") in is_calm(answer)


def test_a_later_at_the_end_of_the_calendar(speaker, world):
    sent = {"answer": "later", "until": "9999-12-31", "behalf": str(world.pete)}
    answer = speaker.browser.post(f"/tasks/{world.tasks[1]}/answer", data=sent)
    assert answer.status_code == 422
    assert speaker.says("That day is too far away.", "Этот день слишком далеко.") in is_calm(answer)


BROKEN = {
    "letters that are none": b'Content-Disposition: form-data; name="text"\r\n\r\n\xff\xed\xa0\x80\r\n--b--\r\n',
    "an unknown encoding": (
        b'Content-Disposition: form-data; name="text"\r\nContent-Type: text/plain; charset=nope\r\n\r\na\r\n--b--\r\n'
    ),
    "no end": b'Content-Disposition: form-data; name="text"\r\n\r\nabc',
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_form_that_cannot_be_read_is_told_and_is_no_bug(speaker, world, case):
    answer = speaker.browser.post(
        f"/tasks/{world.tasks[1]}/comment",
        content=b"--b\r\n" + BROKEN[case],
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert answer.status_code == 400
    assert speaker.says("Something does not fit", "Что-то не подходит") in is_calm(answer)


HEADER = "№;Что нужно;От кого;Статус;Цвет папки"
SHEETS = {
    "a quotation mark without its pair": (
        f'{HEADER}\n1;"Прислать поля;Студия;в работе;синий\n2;Ещё;Студия;в работе;синий',
        "r.csv",
        ("has a quotation mark without its pair", "кавычка без пары"),
    ),
    "a picture": ("\x89PNG\r\n\x1a\n\x00\x00", "r.csv", ("This is not a sheet", "не таблица")),
    "a workbook that is none": ("PK\x03\x04 and then nothing", "r.xlsx", ("The workbook is damaged", "повреждён")),
    "nothing": ("", "r.csv", ("Choose a file or paste rows.", "Выберите файл или вставьте строки.")),
    "no register": ("Имя;Телефон\nАнна;1", "r.csv", ("No register is found", "Реестр здесь не найден")),
}


@on_one
@pytest.mark.parametrize("case", SHEETS)
def test_a_broken_sheet(speaker, case):
    content, name, words = SHEETS[case]
    body = content.encode("latin-1" if "PNG" in content else "utf-8")
    answer = speaker.browser.post("/projects/LEN/import", files={"sheet": (name, body, "text/csv")})
    assert answer.status_code == 422
    assert speaker.says(*words) in is_calm(answer)


@on_one
def test_a_broken_sheet_that_was_pasted_is_still_there(speaker):
    pasted = "Имя\tТелефон\nАнна Белова\t112"
    answer = speaker.browser.post("/projects/LEN/import", data={"pasted": pasted})
    assert answer.status_code == 422
    assert "Анна Белова" in is_calm(answer)


@on_one
def test_an_unknown_column(speaker):
    sheet = f"{HEADER}\n1;Прислать поля;Студия сайта;в работе;синий".encode()
    answer = speaker.browser.post("/projects/LEN/import", files={"sheet": ("r.csv", sheet, "text/csv")})
    assert answer.status_code == 200
    text = is_calm(answer)
    assert "Цвет папки" in text
    assert "Прислать поля" in text


def test_a_filter_that_is_none(speaker):
    answer = speaker.browser.get("/projects/LEN/register?status=нет&turn=x&after=y&sort=--&waiting_days=-5&q=%27%3B--")
    assert answer.status_code == 200
    is_calm(answer)


@pytest.mark.parametrize("path", ["/projects/%00/register", "/projects/LEN/register?q=%00"])
def test_a_sign_in_the_address_that_postgresql_cannot_be_asked_for(speaker, path):
    answer = speaker.browser.get(path)
    assert answer.status_code == 404
    assert speaker.says(*NOWHERE) in is_calm(answer)


def test_the_same_sign_in_a_form_is_left_out(speaker, anybody, world, db):
    assert anybody.post("/sign-in", data={"email": "a\0@b.example", "password": "\0"}).status_code == 422
    assert speaker.browser.post("/projects/LEN/tasks", data={"title": "По\0звонить", "owner": "П\0"}).status_code == 422
    sent = {"name": "Ка\0сса", "email": "k\0@shop.example", "why": "\0"}
    assert speaker.browser.post("/projects/LEN/people", data=sent).status_code == 303
    assert "Касса" in speaker.browser.get("/projects/LEN/people").text


API = {
    "wrong date": ("PATCH", "/tasks/{task}", {"version": 1, "needed_by": "завтра"}, 422, "needed_by", NOT_A_DAY),
    "over-long text": ("PATCH", "/tasks/{task}", {"version": 1, "title": "я" * 400}, 422, "title", TOO_LONG),
    "missing field": ("POST", "/tasks", {"project": "LEN", "title": " "}, 422, "title", REQUIRED),
    "impossible sign": ("POST", "/tasks", {"project": "L\0EN", "title": "\0"}, 422, "title", REQUIRED),
    "impossible address": ("GET", "/projects/%00", None, 404, "", NOWHERE),
    "unknown id": ("GET", "/tasks/999999", None, 404, "", NOWHERE),
    "uncountable id": ("GET", f"/tasks/{10**30}", None, 404, "", NOWHERE),
    "unknown project": ("GET", "/tasks?project=OTHER", None, 404, "", NOWHERE),
}


@pytest.mark.parametrize("case", API)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_program_is_told_the_same_in_the_language_it_asks_for(client, world, db, settings, case, language):
    method, path, body, status, field, words = API[case]
    with db.writing() as session:
        token = issue(session, Actor(None, Way.CLI), world.conductor, Scope.API, key=settings.key, now=NOW).secret
    headers = {"authorization": f"Bearer {token}", "accept-language": language}
    answer = client.request(
        method, "/api/v1" + path.format(task=world.tasks[1]), headers=headers, **({"json": body} if body else {})
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    word = words[0] if language == "en" else words[1]
    if field:
        (error,) = said["errors"]
        assert error["field"] == field
        assert word in error["message"]
    else:
        assert word in said["detail"]
    is_calm(answer)
