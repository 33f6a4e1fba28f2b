"""The frame round every page: where one can go, which projects there are."""

from functools import partial
from typing import Any, NamedTuple

from markupsafe import Markup, escape
from sqlalchemy import Integer, bindparam
from sqlmodel import Session, col, select

from tracker.db import columns
from tracker.domain.terms import Role
from tracker.services.ground.journal import HOUSE
from tracker.services.ground.kept import while_structure_stands
from tracker.tables import Membership, Project
from tracker.web.http.request import Ask
from tracker.web.http.running import Running
from tracker.web.http.templates import render
from tracker.wording.marking import N_


class NavigationLink(NamedTuple):
    """A link of the navigation. `roles`: who is offered it; empty: every member."""

    text: str
    path: str
    roles: frozenset[str] = frozenset()
    query: str = ""
    also: tuple[str, ...] = ()
    """Other families of pages that are reached from it."""


CONDUCTOR = frozenset({Role.CONDUCTOR})
WATCHING = frozenset({Role.CONDUCTOR, Role.OBSERVER})

PLACES = [
    NavigationLink(N_("Register"), "register", query="?status=unfinished", also=("t", "tasks")),
    NavigationLink(N_("Integrations"), "integrations", also=("systems", "deadlocks")),
    NavigationLink(N_("Meetings"), "meetings"),
    NavigationLink(N_("People and channels"), "people", also=("parties",)),
    NavigationLink(N_("Messages"), "messages", CONDUCTOR),
    NavigationLink(N_("Waiting time"), "waiting", WATCHING),
    NavigationLink(N_("Journal"), "journal"),
    NavigationLink(N_("Settings"), "settings", CONDUCTOR, also=("import",)),
]
"""Of a project, in the order of the navigation. A page family adds its line here when it lands."""


class Link(NamedTuple):
    """`number` beside the text; `calls`: it waits for the reader."""

    text: str
    url: str
    here: bool
    number: int | None = None
    calls: bool = False


TITLE, HERE = Markup("\0title\0"), Markup("\0here\0")
"""Stand in the kept frame where each page has something of its own: no text can hold the sign NUL (see `form_of`)."""


FRAMES = 500
"""Kept at most, of some 6 kB each."""


class KnownProject(NamedTuple):
    key: str
    name: str
    role: str


def my_projects(ask: Ask) -> list[KnownProject]:
    """The signed-in person's projects, by name."""
    if ask.person is None:
        return []
    me = ask.person.person_id
    with ask.reading() as session:
        return while_structure_stands(session, ask.project_id or HOUSE, ("projects", me), partial(_read, session, me))


def _read(session: Session, person_id: int) -> list[KnownProject]:
    return [KnownProject(*row) for row in columns(session, _PROJECTS, {"person": person_id})]


_PROJECTS = (
    select(Project.key, Project.name, Membership.role)
    .join(Membership, col(Membership.project_id) == col(Project.id))
    .where(
        col(Membership.person_id) == bindparam("person", type_=Integer),
        col(Membership.archived_at).is_(None),
        col(Project.archived_at).is_(None),
    )
    .order_by(col(Project.name), col(Project.id))
)


class Reader(NamedTuple):
    name: str
    may_found: bool


class Frame(NamedTuple):
    """All that the frame is drawn from, under the names by which `parts/choices.html` knows them on every page."""

    theme: str
    person: Reader | None
    project: KnownProject | None
    path: str
    """The start, or empty."""
    projects: tuple[KnownProject, ...]
    links: tuple[Link, ...]
    here: Markup = HERE


def frame_of(ask: Ask) -> dict[str, Any]:
    """What `layout.html` needs besides the page's own facts."""
    projects = my_projects(ask)
    links: list[Link] = []
    if any(project.role == Role.CONDUCTOR for project in projects):
        links.append(Link(ask.gettext("Podium"), "/", ask.path == "/"))
    # Whoever has one project is always in it.
    at = projects[0] if len(projects) == 1 else None
    inside = KnownProject(ask.project.key, ask.project.name, ask.standing.role) if ask.entered else None
    if at := inside or at:
        root = f"/projects/{at.key}/"
        family = ask.path.removeprefix(root).partition("/")[0]
        for place in PLACES:
            if not place.roles or at.role in place.roles:
                url = root + place.path
                here = family in (place.path, *place.also)
                links.append(Link(ask.gettext(place.text), url + place.query, here))
    if ask.request.app.state.get("world") is not None:
        url = "/demo/telegram"
        links.append(Link(ask.gettext("Telegram, played"), url, ask.path.startswith(url)))
    reader = Reader(ask.person.name, ask.person.may_found) if ask.person else None
    start = ask.path if ask.path == "/" else ""
    drawn = Frame(ask.theme, reader, inside, start, tuple(projects), tuple(links))

    def top(title: str) -> Markup:
        """Everything above the page's own content."""
        html = _top(ask.running, ask.language, drawn)
        return Markup(html.replace(TITLE, escape(title)).replace(HERE, escape(ask.here)))

    asset = ask.running.static.url
    return {"ask": ask, "today": ask.today, "now": ask.now, "zone": ask.zone, "top": top, "asset": asset}


def _top(running: Running, language: str, frame: Frame) -> str:
    """Kept: it took a fifth of the time of a page, and is the same on nearly all of a reader's pages."""
    kept = running.frames
    html = kept.get((language, frame))
    if html is None:
        if len(kept) >= FRAMES:
            kept.clear()
        html = render("frame.html", language, ask=frame, title=TITLE, asset=running.static.url)
        kept[language, frame] = html
    return html
