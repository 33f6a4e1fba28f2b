"""The database does not answer: said in words, to people and programs, until it is back."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.engine import make_url

from tests.web.conftest import Browser
from tests.web.speaking import Speaker, is_calm
from tracker.db import make_engine
from tracker.services.ground.opening import open_database

on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What does not come to the database, or finds it dead, is the same on both."""


@pytest.fixture(params=["ru", "en"])
def speaker(request: pytest.FixtureRequest, vera: Browser) -> Speaker:
    vera.post("/language", data={"language": request.param})
    return Speaker(vera, request.param == "ru")


@pytest.fixture(params=["nobody listens", "other bytes"])
def dead(request, client, speaker, tmp_path) -> Iterator[None]:
    """Nobody listens where the database was, or its file holds something else."""
    running = client.app.state.running
    spoiled = tmp_path / "spoiled.db"
    spoiled.write_bytes(b"no database" * 1000)
    gone = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"
    engine = make_engine(make_url(gone if request.param == "nobody listens" else f"sqlite:///{spoiled}"))
    client.app.state.running = replace(running, database=replace(running.database, engine=engine))
    yield
    client.app.state.running = running
    engine.dispose()


UNREACHABLE = ("The database does not answer", "База данных не отвечает")


@on_one
@pytest.mark.parametrize("path", ["/projects/LEN/register", "/sign-in"])
def test_a_dead_database(speaker, dead, path):
    answer = speaker.browser.get(path)
    assert answer.status_code == 503
    text = is_calm(answer)
    assert speaker.says(*UNREACHABLE) in text
    assert "/app.css" in text


@on_one
def test_a_dead_database_under_a_form_leaves_the_form_where_it_is(speaker, dead, world):
    path, sent = f"/tasks/{world.tasks[1]}/edit", {"title": "Иначе"}
    answer = speaker.browser.post(path, data=sent, htmx=True)
    assert (answer.status_code, answer.text, answer.headers["hx-reswap"]) == (503, "", "none")
    told = json.loads(answer.headers["hx-trigger"])["auftakt:said"]["text"]
    assert speaker.says("Nothing was changed", "Ничего не изменилось") in told
    answer = speaker.browser.post(path, data=sent)
    assert answer.status_code == 503
    assert speaker.says("still there if you go back", "если вернуться") in is_calm(answer)


@on_one
def test_a_dead_database_is_told_to_programs_too(speaker, client, dead):
    language = speaker.says("en", "ru")
    answer = client.get("/api/v1/tasks", headers={"authorization": "Bearer x", "accept-language": language})
    assert (answer.status_code, answer.json()["code"]) == (503, "unreachable")
    assert speaker.says(*UNREACHABLE) in answer.json()["detail"]
    is_calm(answer)


@on_one
def test_a_database_that_comes_back_is_used_again(client, sqlite_template, tmp_path):
    running, file = client.app.state.running, tmp_path / "own.db"
    file.write_bytes(whole := sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{file}")
    client.app.state.running = replace(running, database=database)

    def knock() -> int:
        """Goes to the file: who comes in too often is counted there."""
        return int(client.post("/sign-in", data={"email": "a@shop.example", "password": "x"}).status_code)

    try:
        assert knock() == 422
        file.write_bytes(b"no database" * (len(whole) // 11))
        assert knock() == 503
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        file.write_bytes(whole)
        assert knock() == 422
        assert client.get("/readyz").json()["ok"]
    finally:
        client.app.state.running = running
        database.close()
