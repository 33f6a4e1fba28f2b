"""The API inside the whole application: its refusals stay problems where the pages' own handling takes over."""

import pytest
from litestar.testing import TestClient

from tests.api.conftest import Caller, Callers
from tracker.server.app import create_app
from tracker.settings import Settings


@pytest.fixture
def whole(db, world, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url="sqlite:////unused.db", secret_key="s" * 40)
    with TestClient(create_app(settings, db), raise_server_exceptions=False) as client:
        yield Callers(db, world, client)


def test_it_answers_and_refuses_as_problems(whole):
    listed = whole.anna.get("/projects")
    assert (listed.status_code, [one["key"] for one in listed.json()["items"]]) == (200, ["LAVKA"])
    refusals = {
        "nowhere": (404, whole.anna.get("/nowhere")),
        "method": (405, whole.anna.ask("PUT", "/tasks")),
        "nobody": (401, whole.nobody.get("/tasks")),
        "foreign": (403, whole.anna.ask("POST", "/tasks", {}, headers={"origin": "https://evil.example"})),
        "too large": (413, whole.anna.post("/tasks", {"project": "LAVKA", "title": "x" * 1_100_000})),
    }
    for name, (status, answer) in refusals.items():
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), name
        assert set(answer.json()) == {"type", "title", "status", "detail", "code", "errors"}, name


def test_a_cookie_does_not_open_it_and_a_token_opens_no_page(whole):
    page = whole.client.get("/projects", headers=whole.anna.headers, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/projects")
    assert whole.client.get("/api/v1/openapi.json").status_code == 200
    assert Caller(whole.client, "").ask("GET", "/tasks", headers={"cookie": "auftakt=anything"}).status_code == 401


def test_what_is_missing_to_go_live_leads_to_pages_that_are_there(whole, world):
    whole.anna.post("/checks", {"integration": world.form, "title": "x"})
    whole.anna.post(
        "/deadlocks",
        {"project": "LAVKA", "title": "x", "integration": world.form, "parties": [world.studio, world.crm]},
    )
    missing = whole.anna.post(f"/integrations/{world.form}/go-live").json()["missing"]
    assert {"check_open", "open_deadlock"} <= {row["code"] for row in missing}
    for row in missing:
        page = whole.client.get(row["url"], follow_redirects=False)
        assert (page.status_code, page.headers["location"].split("?")[0]) == (303, "/sign-in"), row
        assert whole.client.get(f"/nowhere{row['url']}", follow_redirects=False).status_code == 404
