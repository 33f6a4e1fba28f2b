"""Every route × every role × an object that is not theirs: nobody comes further than the route's guard says."""

import re

import pytest
from litestar import get as plain_get
from litestar.handlers import HTTPRouteHandler

from tests.web.conftest import Browser
from tracker.web.handlers import HANDLERS
from tracker.web.http.guards import Guard, UnguardedRoute, require_guards

# What the two databases differ in does not come up here: one of them is enough.
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FILLED = {"key": "LEN", "digest": "x", "name": "app.css"}


def routes() -> list[tuple[str, str, str]]:
    """(guard, method, path) of every route."""
    return sorted(
        (str(handler.opt["guard"]), method, path)
        for handler in HANDLERS
        if isinstance(handler, HTTPRouteHandler)
        for method in handler.http_methods
        for path in handler.paths
    )


def address(path: str, other: int = 1, **values: object) -> str:
    """The route's address; ids that are not named are `other`."""
    return re.sub(r"\{(\w+):\w+\}", lambda found: str(values.get(found[1], FILLED.get(found[1], other))), path)


CLOSED = [route for route in routes() if route[0] not in (Guard.OPEN, Guard.LINK)]


def test_every_route_says_who_may_come_in():
    assert len(CLOSED) > 10
    require_guards(HANDLERS)

    @plain_get("/open-by-mistake", sync_to_thread=False)
    def mistake() -> str:
        return ""

    with pytest.raises(UnguardedRoute, match="open-by-mistake"):
        require_guards([*HANDLERS, mistake])


@on_one
def test_nobody_comes_in_without_signing_in(anybody, world):
    for _, method, path in CLOSED:
        answer = anybody.send(method, address(path, task_id=world.tasks[1]))
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in"), path


@on_one
def test_a_stranger_finds_nothing_of_another_project(sign_in, world):
    stranger: Browser = sign_in("stranger")
    for guard, method, path in CLOSED:
        if guard != Guard.PERSON:
            answer = stranger.send(method, address(path, task_id=world.tasks[1]))
            assert answer.status_code == 404, (method, path)


@on_one
def test_what_is_not_there_is_not_found_for_the_conductor_either(vera):
    for guard, method, path in CLOSED:
        if guard == Guard.OBJECT:
            assert vera.send(method, address(path, 999_999)).status_code == 404, (method, path)


@on_one
def test_an_observer_changes_nothing(sign_in, world):
    lev = sign_in("lev")
    for guard, method, path in CLOSED:
        if method == "POST" and guard != Guard.PERSON:
            sent = {"status": "done", "answer": "done", "text": "x", "url": "https://x.example", "title": "x"}
            answer = lev.send(method, address(path, task_id=world.tasks[1]), data=sent)
            assert answer.status_code in (403, 404), (method, path, answer.status_code)
