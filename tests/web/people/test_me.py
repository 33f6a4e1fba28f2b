"""One's own settings: record, password, sessions, private addresses, days away; nobody reaches somebody else's."""

import re

from sqlmodel import select

from tests.web.conftest import EMAILS, Browser
from tests.worlds.shop import PASSWORD
from tracker.tables import Person, SignIn, Token

OTHER = "another quiet evening song"


def person(db, one):
    with db.reading() as session:
        return session.get_one(Person, one)


def test_one_changes_ones_own_record(sign_in, world, db):
    pete = sign_in("pete")
    version = re.search(r'name="version" value="(\d+)"', pete.get("/me").text)[1]
    form = {"name": "Пётр Соколов", "email": EMAILS["pete"], "timezone": "Asia/Omsk", "language": "en",
            "country": "", "opens": "11:00", "closes": "19:00", "has_weekdays": "1", "weekdays": ["0", "1"],
            "version": version}  # fmt: skip
    assert pete.post("/me", data=form).status_code == 303
    assert (person(db, world.pete).timezone, person(db, world.pete).weekdays) == ("Asia/Omsk", "01")
    stale = pete.post("/me", data={**form, "timezone": "Europe/Moscow"})
    assert stale.status_code == 409
    assert "Asia/Omsk" in stale.text
    bad = pete.post("/me", data={"name": "", "opens": "20:00", "closes": "19:00", "has_weekdays": "1"})
    assert bad.status_code == 422
    assert "This has to be filled in." in bad.text
    assert pete.post("/me", data={"may_found": "1"}).status_code == 303
    assert not person(db, world.pete).may_found


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(sign_in, client, world, db):
    pete, elsewhere = sign_in("pete"), sign_in("pete")
    assert pete.post("/me/password", data={"current": "wrong", "password": OTHER}).status_code == 422
    assert pete.post("/me/password", data={"current": PASSWORD, "password": "short"}).status_code == 422
    assert pete.post("/me/password", data={"current": PASSWORD, "password": OTHER}).status_code == 303
    assert pete.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    fresh = Browser(client)
    assert fresh.post("/sign-in", data={"email": EMAILS["pete"], "password": PASSWORD}).status_code == 422
    assert fresh.post("/sign-in", data={"email": EMAILS["pete"], "password": OTHER}).status_code == 303


def test_sessions_are_ended_ones_own_only(sign_in, world, db):
    pete, elsewhere, mary = sign_in("pete"), sign_in("pete"), sign_in("mary")
    with db.reading() as session:
        theirs = session.exec(select(SignIn.id).where(SignIn.person_id == world.mary)).first()
    assert pete.post(f"/me/sessions/{theirs}/revoke").status_code == 404
    other = re.search(r"/me/sessions/(\d+)/revoke", pete.get("/me").text)[1]
    for _ in range(2):
        assert pete.post(f"/me/sessions/{other}/revoke").status_code == 303
    assert elsewhere.get("/me").status_code == 303
    assert mary.get("/me").status_code == 200
    third = sign_in("pete")
    assert pete.post("/me/sessions/revoke-others").status_code == 303
    assert (third.get("/me").status_code, pete.get("/me").status_code) == (303, 200)


def test_a_calendar_is_subscribed_to_and_withdrawn(sign_in, anybody, world, db):
    pete = sign_in("pete")
    shown = pete.post("/me/addresses", data={"scope": "calendar"})
    path = re.search(r"(/cal/[\w-]+\.ics)", shown.text)[1]
    assert path not in pete.get("/me").text
    feed = anybody.get(path)
    assert feed.status_code == 200
    assert feed.content.startswith(b"BEGIN:VCALENDAR")
    assert anybody.get(path, headers={"if-none-match": feed.headers["etag"]}).status_code == 304
    assert anybody.get("/cal/nonsense.ics").status_code == 404
    assert anybody.get(path.removesuffix(".ics")).status_code == 404
    with db.reading() as session:
        token = session.exec(select(Token.id).where(Token.person_id == world.pete)).one()
    assert sign_in("mary").post(f"/me/addresses/{token}/revoke").status_code == 404
    assert pete.post(f"/me/addresses/{token}/revoke").status_code == 303
    assert anybody.get(path).status_code == 410
    assert pete.post("/me/addresses", data={"scope": "start"}).status_code == 422


def test_a_key_for_programs_is_shown_once_and_opens_the_api(sign_in, client, world):
    shown = sign_in("pete").post("/me/addresses", data={"scope": "api", "label": "отчёты"})
    key = re.search(r'id="shown">([^<]+)<', shown.text)[1]
    client.cookies.clear()
    answer = client.get("/api/v1/projects", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200


def test_days_away_are_ones_own(sign_in, world):
    pete = sign_in("pete")
    assert pete.post("/me/absences", data={"first": ""}).status_code == 422
    assert pete.post("/me/absences", data={"first": "2026-12-01", "last": "2026-12-04"}).status_code == 303
    remove = re.search(r"/me/absences/\d+/remove", pete.get("/me").text)[0]
    assert sign_in("ann").post(remove).status_code == 404
    assert sign_in("conductor").post(remove).status_code == 404
    assert pete.post(remove).status_code == 303
    assert pete.post(remove).status_code == 404


def test_nobody_without_a_session_comes_in(anybody, world):
    for path in ("/me", "/me/password", "/me/addresses", "/me/absences", "/me/sessions/revoke-others"):
        assert anybody.post(path, data={}).status_code == 303
