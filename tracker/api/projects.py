"""Projects, and people's places in them."""

from typing import Annotated, Any

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.created import created, tagged
from tracker.api.http.inputs import Body, Changes, Id, Number, Yes
from tracker.api.http.lists import After, Cursor, Limit, Page, PathId, project_named
from tracker.api.http.views import ProjectView
from tracker.domain.terms import Messages, Role
from tracker.services.people.memberships import edit_member, remove_member
from tracker.services.people.projects import (
    ProjectInput,
    archive_project,
    create_project,
    edit_project,
    my_projects,
    restore_project,
)
from tracker.services.people.speaking import switch_messages
from tracker.tables import Project

PathProject = Annotated[str, PathParameter(description="A project's key or id.")]


class ProjectNew(Body):
    name: str
    key: str
    purpose: str = ""
    timezone: str = "Europe/Moscow"
    language: str = "ru"
    country: str = "RU"


class ProjectChanges(Changes):
    """`messages`: whether the project's people are written to."""

    name: str = ""
    key: str = ""
    purpose: str = ""
    timezone: str = ""
    language: str = ""
    country: str = ""
    stall_days: Number = 0
    second_days: Number = 0
    escalate_days: Number = 0
    own_columns: tuple[str, ...] = ()
    messages: Messages = Messages.OFF


class PlaceChanges(Body):
    """A person's place in the project."""

    role: Role = Role.CONTRIBUTOR
    party: Id | None = None
    can_decide: Yes = False
    why: str = ""


def _view(project: Project) -> ProjectView:
    return ProjectView(project.id, project.key, project.name, project.messages, project.timezone)


def _read(caller: Caller, name: str | int) -> Response[ProjectView]:
    with caller.reading() as session:
        project = project_named(caller, session, name)[0]
        return tagged(_view(project), project.version)


@get("/projects", sync_to_thread=True)
def projects(caller: NamedDependency[Caller], limit: Limit = 50, after: After = None) -> Page[ProjectView]:
    """The caller's projects, in the order of their ids."""
    last = Cursor(after).last or 0
    with caller.reading() as session:
        mine = sorted(one for one in my_projects(session, caller.actor) if one.id > last)
    page = mine[:limit]
    items = [ProjectView(one.id, one.key, one.name, one.messages, one.timezone) for one in page]
    return Page(items, str(page[-1].id) if len(mine) > limit else None)


@get("/projects/{project:str}", sync_to_thread=True)
def project(caller: NamedDependency[Caller], project: PathProject) -> Response[ProjectView]:
    return _read(caller, project)


@post("/projects", sync_to_thread=True)
def new_project(caller: NamedDependency[Caller], data: JSONBody[ProjectNew]) -> Response[ProjectView]:
    """For who may open projects here; they conduct it."""
    with caller.writing() as session:
        made = create_project(session, caller.actor, ProjectInput(**data.sent()), now=caller.now)
        view, version = _view(made), made.version
    return created(f"/api/v1/projects/{view.id}", view, version)


@patch("/projects/{project:str}", sync_to_thread=True)
def change_project(
    caller: NamedDependency[Caller], project: PathProject, data: JSONBody[ProjectChanges]
) -> Response[ProjectView]:
    with caller.writing() as session:
        project_id = _project_id(caller, session, project)
        version = data.seen(caller)
        changes = data.changes()
        messages = changes.pop("messages", None)
        changes = {name: list(value) if isinstance(value, tuple) else value for name, value in changes.items()}
        edit_project(session, caller.actor, project_id, version, changes, now=caller.now)
        if messages is not None:
            switch_messages(session, caller.actor, project_id, messages, now=caller.now)
    return _read(caller, project)


@delete("/projects/{project:str}", sync_to_thread=True)
def put_project_away(caller: NamedDependency[Caller], project: PathProject) -> None:
    """Out of the lists; nobody of it is written to any more."""
    with caller.writing() as session:
        archive_project(session, caller.actor, _project_id(caller, session, project), now=caller.now)


@post("/projects/{project:str}/restore", status_code=200, sync_to_thread=True)
def bring_project_back(caller: NamedDependency[Caller], project: PathProject) -> Response[ProjectView]:
    with caller.writing() as session:
        restore_project(session, caller.actor, _project_id(caller, session, project), now=caller.now)
    return _read(caller, project)


@patch("/projects/{project:str}/people/{person_id:int}", status_code=204, sync_to_thread=True)
def change_place(
    caller: NamedDependency[Caller], project: PathProject, person_id: PathId, data: JSONBody[PlaceChanges]
) -> None:
    """A person's role, party, right to decide, and why they are here."""
    with caller.writing() as session:
        project_id = _project_id(caller, session, project)
        edit_member(session, caller.actor, project_id, person_id, data.sent(), now=caller.now)


@delete("/projects/{project:str}/people/{person_id:int}", sync_to_thread=True)
def leave_project(caller: NamedDependency[Caller], project: PathProject, person_id: PathId) -> None:
    """The person leaves; refused while unfinished work is theirs."""
    with caller.writing() as session:
        remove_member(session, caller.actor, _project_id(caller, session, project), person_id, now=caller.now)


def _project_id(caller: Caller, session: Session, name: str) -> int:
    return project_named(caller, session, name)[0].id


ROUTES: list[Any] = [
    projects, project, new_project, change_project, put_project_away, bring_project_back, change_place, leave_project,
]  # fmt: skip
