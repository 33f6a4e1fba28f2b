"""The frame round every page: where one can go, which projects there are."""

from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam
from sqlmodel import col, select

from tracker.db import columns
from tracker.domain.terms import Role
from tracker.tables import Membership, Project
from tracker.web.asking import Ask
from tracker.words import N_


class Place(NamedTuple):
    """A link of the navigation. `roles`: who is offered it; empty: every member."""

    text: str
    path: str
    roles: frozenset[str] = frozenset()
    query: str = ""


CONDUCTOR = frozenset({Role.CONDUCTOR})
WATCHING = frozenset({Role.CONDUCTOR, Role.OBSERVER})

PLACES = [
    Place(N_("Register"), "register", query="?status=unfinished"),
    Place(N_("Integrations"), "integrations"),
    Place(N_("Meetings"), "meetings"),
    Place(N_("People and channels"), "people"),
    Place(N_("Messages"), "messages", CONDUCTOR),
    Place(N_("Waiting time"), "waiting", WATCHING),
    Place(N_("Journal"), "journal"),
    Place(N_("Settings"), "settings", CONDUCTOR),
]
"""Of a project, in the order of the navigation. A page family adds its line here when it lands."""


class Link(NamedTuple):
    """`number` beside the text; `calls`: it waits for the reader."""

    text: str
    url: str
    here: bool
    number: int | None = None
    calls: bool = False


class KnownProject(NamedTuple):
    key: str
    name: str
    role: str


def my_projects(ask: Ask) -> list[KnownProject]:
    """The signed-in person's projects, by name."""
    if ask.person is None:
        return []
    with ask.reading() as session:
        return [KnownProject(*row) for row in columns(session, _PROJECTS, {"person": ask.person.person_id})]


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


def frame_of(ask: Ask) -> dict[str, Any]:
    """What `layout.html` needs besides the page's own facts."""
    projects = my_projects(ask)
    links: list[Link] = []
    if any(project.role == Role.CONDUCTOR for project in projects):
        links.append(Link(ask.gettext("Podium"), "/", ask.path == "/"))
    # Whoever has one project is always in it.
    at = projects[0] if len(projects) == 1 else None
    if ask.entered:
        at = KnownProject(ask.project.key, ask.project.name, ask.standing.role)
    if at is not None:
        root = f"/projects/{at.key}/"
        for place in PLACES:
            if not place.roles or at.role in place.roles:
                url = root + place.path
                here = ask.path == url or ask.path.startswith(f"{url}/")
                links.append(Link(ask.gettext(place.text), url + place.query, here))
    if ask.request.app.state.get("world") is not None:
        url = "/demo/telegram"
        links.append(Link(ask.gettext("Telegram, played"), url, ask.path.startswith(url)))
    return {
        "ask": ask, "today": ask.today, "now": ask.now, "zone": ask.zone, "projects": projects, "links": links,
        "asset": ask.running.static.url,
    }  # fmt: skip
