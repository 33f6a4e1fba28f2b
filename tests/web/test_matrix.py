"""The matrix: every route of pages and API × every role × an object of one's own, of another project, of nobody.

The routes come from the router itself, what is expected from each route's guard and the table in `matrix_writes`.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from sqlalchemy import text

from tests.worlds.matrix import INSIDE, OURS, ROLES, THEIRS, UNKNOWN, Ids, MatrixWorld, lay_matrix
from tests.worlds.matrix_writes import SEEN, WRITES, Write
from tests.worlds.shop import NOW
from tests.worlds.soundness import unsound
from tracker.db import Database
from tracker.services.ground.opening import open_database
from tracker.settings import Settings
from tracker.web.http.guards import Guard
from tracker.web.http.running import start_running

OBJECTS = ("own", "foreign", "unknown", "mixed")
"""`mixed`: an address of two objects, the first one's own, the second one of another project."""
READ = ("GET", "HEAD")
SHOWN = {200, 303}
KEY = b"k" * 40
COUNTED = ("/sign-in", "/me/password")
"""A wrong password is noted, against guessing."""
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


class Route(NamedTuple):
    method: str
    path: str
    """As the router has it, without the parameters' types."""
    guard: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    @property
    def is_api(self) -> bool:
        return self.guard == Guard.BEARER

    @property
    def takes_a_project(self) -> bool:
        """Lists of the API go over all of one's projects, unless they name one."""
        return self.is_api and self.method == "GET" and not self.parameters and not self.path.endswith("/projects")


def routes_of(app: Litestar) -> list[Route]:
    """Every route but those that Litestar adds by itself (OPTIONS)."""
    found = []
    for route in app.routes:
        assert isinstance(route, HTTPRoute), f"{route.path} is no plain route: say here who may come in"
        for method, (handler, *_) in route.route_handler_map.items():
            if method != "OPTIONS":
                path = PARAMETER.sub(lambda one: f"{{{one[1]}}}", route.path)
                found.append(Route(method, path, str(handler.opt.get("guard"))))
    return sorted(found)


@pytest.fixture
def matrix(db: Database, settings: Settings) -> MatrixWorld:
    return lay_matrix(db, key=KEY)


@pytest.fixture
def wire(client: TestClient[Litestar], matrix: MatrixWorld) -> "Wire":
    return Wire(client, matrix)


class Wire:
    """Sends what somebody of a role would send to a route about an object."""

    def __init__(self, client: TestClient[Litestar], world: MatrixWorld) -> None:
        self.client, self.world = client, world

    def ids(self, role: str, which: str) -> Ids:
        """Own and foreign as seen from inside our project: the outsider's own is the foreign one."""
        return {"own": self.world.ours, "foreign": self.world.theirs, "unknown": UNKNOWN}[which]

    def ask(self, route: Route, role: str, which: str) -> Any:
        write = WRITES.get(route.name)
        first, *rest = route.parameters or [""]
        near = self.ids(role, "own" if which == "mixed" else which)
        far = self.ids(role, "foreign" if which == "mixed" else which)
        values = {first: near.get(first, 999_999), **{name: far.get(name, 999_999) for name in rest}}
        path = PARAMETER.sub(lambda one: str(values[one[1]]), route.path)
        body = self._body(write, near) if write else {}
        told: dict[str, str] = {"accept": "application/json" if route.is_api else "text/html"}
        keys = self.world.keys.get(role)
        if keys:
            told |= {"authorization": f"Bearer {keys.bearer}"} if route.is_api else {"cookie": f"auftakt={keys.cookie}"}
        sent: dict[str, Any] = (
            {} if route.method in ("GET", "DELETE", "HEAD") else {"json" if route.is_api else "data": body}
        )
        if route.takes_a_project and which != "mixed":
            sent["params"] = {"project": near["key"]}
        self.client.cookies.clear()
        return self.client.request(route.method, path, headers=told, follow_redirects=False, **sent)

    def _body(self, write: Write, ids: Ids) -> Mapping[str, Any]:
        return dict(write.body(ids) if callable(write.body) else write.body)


def expected(route: Route, role: str, which: str) -> set[int]:
    """The codes that the guard and the table allow."""
    write = WRITES.get(route.name)
    guard = route.guard
    if role == "nobody" and guard not in (Guard.OPEN, Guard.LINK):
        return {401} if route.is_api else {303}
    if guard == Guard.LINK:
        # Whoever holds the address is its person: no role matters, and none comes further than that person.
        held = {int(write.own)} if write else SHOWN
        return held if which in ("own", "foreign") else {404}
    own = _own(route, write)
    if guard == Guard.OPEN:
        return own["conductor"]
    if (write is not None and write.missing is None) or (
        write is None and not (route.parameters or route.takes_a_project)
    ):
        return own["conductor" if role in ("outsider", "nobody") else role]
    if which == "mixed" and role in INSIDE:
        return _mixed(route, role, write)
    inside = which == "own" if role != "outsider" else which == "foreign"
    if which in ("unknown", "mixed") or not inside:
        return {write.missing if write is not None and write.missing else 404}
    return own["conductor" if role == "outsider" else role]


def _mixed(route: Route, role: str, write: Write | None) -> set[int]:
    if route.guard == Guard.CONDUCTOR and role != "conductor":
        return {403}
    if write is not None and write.mixed:
        return {int(write.mixed) if role == "conductor" else 403}
    return {404}


def _own(route: Route, write: Write | None) -> dict[str, set[int]]:
    """Role -> codes on an object of one's own project."""
    told = write.own if write else SEEN.get(route.name)
    if told is not None:
        codes = [{int(code)} for code in told.split(" ")]
        if route.guard == Guard.CONDUCTOR:
            codes = [codes[0], {403}, {403}, {403}]
        return dict(zip(INSIDE, codes * 4 if len(codes) == 1 else codes, strict=False))
    if route.path.endswith("/edit") and (change := WRITES.get(f"POST {route.path}")):
        # A form is shown to whom its change is allowed.
        return {role: SHOWN if min(codes) < 400 else codes for role, codes in _own(route, change).items()}
    if route.guard == Guard.CONDUCTOR:
        return {role: SHOWN if role == "conductor" else {403} for role in INSIDE}
    return {role: {200} if route.is_api else SHOWN for role in INSIDE}


def cases(routes: list[Route]) -> Iterator[tuple[Route, str, str]]:
    """(route, role, which object). Who is nobody, and what is unknown, is the same for all: once each will do."""
    for route in routes:
        for role in ROLES:
            for which in OBJECTS if route.parameters or route.takes_a_project or route.name in WRITES else ("own",):
                same = (which == "unknown" and role != "conductor") or (role == "nobody" and which != "own")
                if role != "nobody" if route.guard == Guard.LINK else same:
                    continue
                if which != "mixed" or len(set(route.parameters) - {"number"}) > 1:
                    yield route, role, which


def heads(db: Database) -> list[Any]:
    """Where the journals stand, and how many messages and failed attempts are kept."""
    with db.reading() as session:
        found = session.connection().execute(text("SELECT project_id, seq, head FROM project_chain ORDER BY 1")).all()
        count = "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM attempt)"
        return [*map(tuple, found), session.connection().execute(text(count)).scalar()]


def pages(routes: list[Route]) -> list[Route]:
    """What is asked for and not changed. Static files and health have no roles."""
    return [route for route in routes if route.method in READ and not route.path.startswith(("/static", "/favicon"))]


def test_every_route_says_who_may_come_in_and_every_change_is_in_the_table(application):
    routes = routes_of(application)
    assert [route.name for route in routes if route.guard not in set(Guard)] == []
    changing = {route.name for route in routes if route.method not in READ}
    assert changing - set(WRITES) == set(), "say in matrix_writes what each role is answered"
    assert set(WRITES) - changing == set(), "these routes are gone"
    assert set(SEEN) <= {route.name for route in routes}


def test_who_asks_is_shown_what_their_role_shows_and_no_word_of_another_project(application, wire, db):
    """And a GET changes nothing."""
    wrong = []
    before = heads(db)
    for route, role, which in cases(pages(routes_of(application))):
        answer = wire.ask(route, role, which)
        told = f"{route.name} · {role} · {which}: {answer.status_code}"
        if answer.status_code not in expected(route, role, which):
            wrong.append(told)
        if role != "nobody" and route.guard != Guard.LINK and (OURS if role == "outsider" else THEIRS) in answer.text:
            wrong.append(f"{told} tells of another project")
        if heads(db) != before:
            wrong.append(f"{told} has changed something")
            before = heads(db)
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_what_is_refused_changes_nothing_and_what_is_allowed_is_done(
    application, settings, sqlite_template: Path, tmp_path: Path
):
    """On SQLite alone, whose world is put back after each change by copying one file: the verbs themselves, and the
    scopes by which they find, are tried on both databases.
    """
    file, kept = tmp_path / "auftakt.db", tmp_path / "kept.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    world = lay_matrix(database, key=KEY)
    before = heads(database)
    database.close()
    shutil.copyfile(file, kept)
    application.state.running = running = start_running(settings, database, wall=lambda: NOW)
    set_asyncio_executor(running.writes)
    wrong = []
    with TestClient(application, base_url="http://auftakt.example") as client:
        wire = Wire(client, world)
        for route, role, which in cases([route for route in routes_of(application) if route.method not in READ]):
            if route.name not in WRITES:
                continue  # the first test tells of it
            codes = expected(route, role, which)
            answer = wire.ask(route, role, which)
            told = f"{route.name} · {role} · {which}: {answer.status_code}"
            if answer.status_code not in codes:
                wrong.append(f"{told}, not {codes}: {answer.text[:300] if route.is_api else ''}")
            if heads(database) != before:
                wrong += [f"{told}: {problem}" for problem in unsound(database)]
                if (answer.status_code >= 400 and route.path not in COUNTED) or (
                    role == "nobody" and route.guard not in (Guard.OPEN, Guard.LINK)
                ):
                    wrong.append(f"{told} has changed something")
                database.close()
                for rest in (f"{file}-wal", f"{file}-shm"):
                    Path(rest).unlink(missing_ok=True)
                shutil.copyfile(kept, file)
    database.close()
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


OTHERWISE = {
    # With the name of whom they speak for, which the table's body leaves out.
    ("conductor", "POST /integrations/{integration_id}/accept"),
    ("conductor", "POST /integrations/{integration_id}/agree"),
    ("conductor", "POST /integrations/{integration_id}/sign"),
    # The form of the fields that are theirs: `test_task_edit` walks through them one by one.
    ("lead", "POST /tasks/{task_id}/edit"),
    ("contributor", "POST /tasks/{task_id}/edit"),
}
"""Forms that send something else than the table does, and are taken."""
FORM = re.compile(r"<form[^>]*?>|<button[^>]*?formaction[^>]*?>", re.DOTALL)
ACTION = re.compile(r'(?:form)?action="([^"]*)"')


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_is_shown_a_form_that_their_role_is_refused(application, wire):
    """Every GET page that holds a form for a changing route: whoever the route refuses does not get the form."""
    routes = routes_of(application)
    changes = [
        (route, re.compile(PARAMETER.sub(lambda one: f"(?P<{one[1]}>[^/?#]+)", route.path)))
        for route in routes
        if route.method == "POST" and not route.is_api and route.name in WRITES
    ]
    wrong, looked_at = set(), set()
    for route in pages(routes):
        if route.is_api or route.guard == Guard.LINK:
            continue
        for role in INSIDE:
            for action in actions_in(wire.ask(route, role, "own").text):
                for change, shape in changes:
                    found = shape.fullmatch(action)
                    ours = wire.world.ours
                    if found is None or any(value != str(ours.get(name)) for name, value in found.groupdict().items()):
                        continue
                    looked_at.add(change.name)
                    if 403 in expected(change, role, "own") and (role, change.name) not in OTHERWISE:
                        wrong.add(f"{route.name} shows {role} the form of {change.name}")
    if wrong:
        pytest.fail("\n".join(sorted(wrong)), pytrace=False)
    assert len(looked_at) > 25, looked_at


def actions_in(html: str) -> list[str]:
    """Where the forms and buttons of a page send to."""
    tags = [tag for tag in FORM.findall(html) if 'method="post"' in tag or "formaction" in tag]
    return [found[1].split("?")[0] for tag in tags if (found := ACTION.search(tag))]
