"""Who comes in: the holder of a living API token, as that person and with their rights of this moment."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from litestar.routes import HTTPRoute
from sqlmodel import select

from tests.api.conftest import HOUSE, KEY, Caller
from tracker.domain.terms import Scope
from tracker.services.access.tokens import issue, revoke
from tracker.services.people.memberships import remove_member
from tracker.tables import Event, Token


@pytest.fixture
def given(db, world):
    """A token of Anna, as the row and as the secret."""

    def make(scope=Scope.API, **more):
        with db.writing() as session:
            return issue(session, HOUSE, world.anna, scope, key=KEY, now=datetime.now(UTC), **more)

    return make


def test_without_a_token_every_route_but_the_description_is_closed(callers, app):
    tried = 0
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/api/v1"):
            continue
        path = re.sub(r"\{\w+\}", "1", route.path_format)
        for method in sorted(route.methods - {"OPTIONS"}):
            answer = callers.client.request(method, path)
            assert answer.status_code == (200 if path.endswith("openapi.json") else 401), (method, path)
            tried += 1
    assert tried > 80


def test_a_refusal_says_how_to_come_in(callers):
    answer = callers.nobody.get("/tasks")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorized"


def test_nonsense_opens_nothing(callers):
    for header in ("", "Bearer", "Bearer ", "Basic YW5uYTpzZWNyZXQ=", "Bearer nonsense", "Bearer é"):
        answer = callers.client.get("/api/v1/tasks", headers={"authorization": header.encode()})
        assert answer.status_code == 401, header


def test_only_a_token_for_the_api_opens_it(callers, given):
    for scope in (Scope.PAGE, Scope.CALENDAR, Scope.START):
        assert Caller(callers.client, given(scope).secret).get("/tasks").status_code == 401
    assert Caller(callers.client, given().secret).get("/tasks").status_code == 200


def test_a_revoked_or_expired_token_opens_nothing(callers, db, given):
    token = given()
    mine = Caller(callers.client, token.secret)
    assert mine.get("/projects").status_code == 200
    with db.writing() as session:
        revoke(session, HOUSE, token.id, now=datetime.now(UTC))
    assert mine.get("/projects").status_code == 401
    brief = given(expires_at=datetime.now(UTC) + timedelta(hours=1))
    with db.writing() as session:
        row = session.get_one(Token, brief.id)
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        session.add(row)
    assert Caller(callers.client, brief.secret).get("/projects").status_code == 401


def test_rights_are_those_of_the_person_at_this_moment(callers, db, world):
    assert callers.lena.get("/parties", project="LAVKA").status_code == 200
    with db.writing() as session:
        remove_member(session, HOUSE, world.project, world.lena, now=datetime.now(UTC))
    assert callers.lena.get("/parties", project="LAVKA").status_code == 404
    assert callers.lena.get("/projects").json()["items"] == []


def test_what_a_program_did_is_journaled_as_that_persons_act_by_the_api(callers, db, world):
    made = callers.anna.post("/tasks", {"project": "LAVKA", "title": "Поле"}).json()["id"]
    with db.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "task.created", Event.object_id == made)).one()
        assert (event.actor_id, event.way, event.behalf_id) == (world.anna, "api", None)


def test_the_use_of_a_token_is_noted_once_a_minute(callers, db, given):
    token = given()
    for _ in range(3):
        Caller(callers.client, token.secret).get("/projects")
    with db.reading() as session:
        row = session.get_one(Token, token.id)
        assert row.used_at is not None and row.uses == 1
