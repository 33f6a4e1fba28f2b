"""The door: signing in and out, sessions, the first visit, requests from elsewhere."""

import pytest
from litestar.testing import TestClient

from tests.web.conftest import EMAILS, Browser
from tests.worlds.shop import PASSWORD

# What the two databases differ in does not come up here: one of them is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_page_asks_to_sign_in_and_comes_back(anybody):
    answer = anybody.get("/projects/LEN/register?status=unfinished")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/projects/LEN/register%3Fstatus%3Dunfinished"
    back = "/projects/LEN/register?status=unfinished"
    form = {"email": EMAILS["conductor"], "password": PASSWORD, "next": back}
    signed = anybody.post("/sign-in", data=form)
    assert (signed.status_code, signed.headers["location"]) == (303, back)
    assert anybody.get(back).status_code == 200


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", ""])
def test_signing_in_never_leads_to_another_site(anybody, goal):
    form = {"email": EMAILS["conductor"], "password": PASSWORD, "next": goal}
    assert anybody.post("/sign-in", data=form).headers["location"] == "/"


def test_an_unknown_address_and_a_wrong_password_are_told_alike(anybody):
    wrong = anybody.post("/sign-in", data={"email": EMAILS["conductor"], "password": "wrong"})
    unknown = anybody.post("/sign-in", data={"email": "nobody@x.example", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 422
    assert "do not fit together" in wrong.text
    assert wrong.text.replace(EMAILS["conductor"], "") == unknown.text.replace("nobody@x.example", "")
    assert "set-cookie" not in wrong.headers


def test_a_planted_cookie_is_not_what_one_is_signed_in_with(client, world):
    browser = Browser(client)
    browser.cookies["auftakt"] = "chosen-by-somebody-else"
    browser.post("/sign-in", data={"email": EMAILS["conductor"], "password": PASSWORD})
    assert browser.cookies["auftakt"] != "chosen-by-somebody-else"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(anybody):
    cookie = anybody.post("/sign-in", data={"email": EMAILS["conductor"], "password": PASSWORD}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_signing_out_ends_the_session_itself(vera):
    kept = dict(vera.cookies)
    assert vera.post("/sign-out").status_code == 303
    vera.cookies = kept
    assert vera.get("/projects/LEN/register").status_code == 303


def test_nobody_sets_up_a_house_that_is_lived_in(anybody):
    assert anybody.get("/set-up").status_code == 404
    form = {"name": "X", "email": "x@x.example", "password": PASSWORD}
    assert anybody.post("/set-up", data=form).status_code == 404


def test_an_empty_house_is_opened_with_the_code_of_its_start(client: TestClient, db):
    from tests.worlds.shop import NOW
    from tracker.services.house.installation import new_setup_code

    with db.writing() as session:
        code = new_setup_code(session, now=NOW)
    browser = Browser(client)
    assert browser.get("/sign-in").headers["location"] == "/set-up"
    form = {"name": "Вера Лунина", "email": "vera@x.example", "password": PASSWORD}
    assert browser.post("/set-up", data={**form, "code": "wrong"}).status_code == 422
    assert browser.post("/set-up", data={**form, "code": code, "password": "short"}).status_code == 422
    done = browser.post("/set-up", data={**form, "code": code})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert Browser(client).post("/set-up", data={**form, "code": code}).status_code == 404
