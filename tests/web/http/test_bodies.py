"""What a form may be: so many fields, read only from whom we know where it is large, told calmly where it breaks."""

import asyncio
from urllib.parse import unquote

import pytest
from litestar import _parsers

from tests.worlds.shop import PASSWORD
from tracker.web.http import bodies
from tracker.web.http.request import MOST_FIELDS
from tracker.web.http.responses import LONGEST_TELLING, telling

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(("fields", "status"), [(MOST_FIELDS, 422), (MOST_FIELDS + 1, 413), (300_000, 413)])
def test_a_form_has_a_thousand_fields_at_most(vera, fields, status):
    answer = vera.post("/projects/LEN/tasks", content=b"&".join([b"a="] * fields), headers=FORM)
    assert answer.status_code == status


def test_what_was_sent_is_kept_nowhere(vera):
    """The framework would keep the last thousand forms, passwords and all."""
    before = _parsers.parse_url_encoded_form_data.cache_info().currsize
    vera.post("/projects/LEN/tasks", data={"title": "Один раз"})
    assert _parsers.parse_url_encoded_form_data.cache_info().currsize == before


def told_by(application, path, cookie, receive, length="900000"):
    """The status for a POST whose body is `receive`d."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("192.0.2.1", 1),
        "server": ("127.0.0.1", 8000), "state": {},
        "headers": [
            (b"host", b"auftakt.example"), (b"content-length", length.encode()), (b"cookie", cookie.encode()),
            (b"content-type", FORM["content-type"].encode()), (b"accept", b"text/html"),
        ],
    }  # fmt: skip
    asyncio.run(application(scope, receive, send))
    return sent[0]["status"]


@pytest.mark.parametrize("path", ["/projects/LEN/tasks", "/my/nobodys-address/tasks/1/evidence", "/sign-in"])
def test_a_large_body_of_a_stranger_is_not_read_at_all(client, world, application, path):
    async def never():
        raise AssertionError("the body is read")

    assert told_by(application, path, "auftakt=planted", never) in (303, 404, 413)


def test_who_leaves_in_the_midst_is_no_failure(client, vera, application, caplog):
    async def gone():
        return {"type": "http.disconnect"}

    for length in ("900000", "100"):
        told_by(application, "/projects/LEN/tasks", f"auftakt={vera.cookies['auftakt']}", gone, length)
    assert caplog.records == []


def test_large_bodies_wait_in_line(database_url):
    begun, most = [], []

    async def send(line, whose):
        async with line.one_of(whose):
            begun.append(whose)
            most.append((begun.count(whose), len(begun)))
            await asyncio.sleep(0.01)
            begun.remove(whose)

    async def all_at_once():
        line = bodies.Bodies()
        await asyncio.gather(*(send(line, f"person {number % 6}") for number in range(30)))

    asyncio.run(all_at_once())
    assert len(most) == 30
    assert max(own for own, _ in most) == 1, "one of each"
    assert max(together for _, together in most) == bodies.AT_ONCE


GOALS = [
    "/projects/LEN/register?q=Лён и нить",
    "/ы",
    "/a?b=🎼#ц",
    "/%D1%8B?x=100%25",
    "/projects/LEN/register?q=\udcd1",
]


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("htmx", [False, True])
def test_one_comes_back_to_an_address_in_any_letters(anybody, world, goal, htmx):
    data = {"email": "vera@conductor.example", "password": PASSWORD, "next": goal.encode(errors="replace").decode()}
    signed = anybody.post("/sign-in", data=data, htmx=htmx)
    assert signed.status_code == (200 if htmx else 303)
    led = signed.headers["hx-redirect" if htmx else "location"]
    assert led.isascii()
    assert unquote(led) == unquote(data["next"])
    assert anybody.post("/theme", data={"theme": "dark", "next": goal.replace("\udcd1", "")}).status_code == 303
    assert anybody.get("/sign-in", params={"next": goal.replace("\udcd1", "")}).status_code == 303, "signed in already"


def test_an_address_to_come_back_to_fits_into_a_header(anybody, world):
    data = {"email": "vera@conductor.example", "password": PASSWORD, "next": "/" + "ы" * 3000}
    assert anybody.post("/sign-in", data=data).headers["location"] == "/"


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://a]b", "null"])
def test_an_origin_that_is_none_is_a_foreign_one(vera, origin):
    assert vera.post("/theme", data={"theme": "dark"}, headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("date", ["Mon, 01 Jan 2026 00:00:00 +99999999999999", "Mon, 01 Jan 99999 00:00:00 GMT", "²"])
def test_a_calendars_date_that_is_none_is_not_known(client, world, db, settings, date):
    from tests.worlds.shop import NOW
    from tracker.domain.terms import Scope, Way
    from tracker.services.access.tokens import issue
    from tracker.services.ground.journal import Actor

    with db.writing() as session:
        made = issue(session, Actor(None, Way.CLI), world.conductor, Scope.CALENDAR, key=settings.key, now=NOW)
    answer = client.get(f"/cal/{made.secret}.ics", headers=[("if-modified-since", date.encode("latin-1"))])
    assert answer.status_code == 200


def test_a_tag_with_strange_digits_is_not_known(vera):
    tag = vera.get("/projects/LEN/register").headers["etag"]
    strange = tag.rpartition(".")[0].encode() + b'.\xb2"'
    answer = vera.get("/projects/LEN/register", headers={"if-none-match": strange})
    assert answer.status_code == 200


def test_what_is_told_in_a_header_fits_into_one(database_url):
    undo = {"url": "/tasks/1/edit", "target": "task-1", "values": {"notes": "ы" * 20_000}}
    header = telling("Сохранено. " * 200, undo)["hx-trigger"]
    assert len(header) <= LONGEST_TELLING
    assert "undo" not in header
    assert "undo" in telling("Сохранено.", {**undo, "values": {"title": "ы" * 300}})["hx-trigger"]
