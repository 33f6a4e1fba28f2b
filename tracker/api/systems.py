"""Systems: what is joined, and whose it is."""

from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.created import created, tagged
from tracker.api.http.inputs import Body, Changes, Id, ProjectName
from tracker.api.http.lists import After, Filter, InProject, Limit, Page, PathId, project_given, walk
from tracker.api.http.views import Ref, SystemView, ref
from tracker.domain.permissions import Standing
from tracker.services.facts.integrations import SystemFacts, list_systems, one_of
from tracker.services.integrations.systems import (
    SystemInput,
    archive_system,
    create_system,
    edit_system,
    find_system,
    restore_system,
)


class SystemFields(Body):
    kind: str = ""
    owner: Id | None = None
    current_version: str = ""
    note: str = ""


class SystemNew(SystemFields):
    project: ProjectName
    name: str


class SystemChanges(Changes, SystemFields):
    name: str = ""


def system_view(facts: SystemFacts) -> SystemView:
    return SystemView(
        facts.id,
        Ref(*facts.project),
        facts.name,
        facts.kind,
        ref(facts.owner),
        facts.current_version,
        facts.note,
        facts.version,
    )


def _as_verbs_say(sent: dict[str, Any]) -> dict[str, Any]:
    return {("owner_party" if name == "owner" else name): value for name, value in sent.items()}


@get("/systems", sync_to_thread=True)
def systems(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    integration: Filter = None,
) -> Page[SystemView]:
    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[SystemFacts]:
        return list_systems(session, mine, last, wanted, integration=integration)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([system_view(one) for one in page.items], page.next)


def _system(caller: Caller, system_id: int) -> SystemView:
    with caller.reading() as session:
        mine = find_system(session, caller.actor, system_id).standing
        return system_view(one_of(list_systems(session, mine, None, 1, only=system_id), "system"))


@get("/systems/{system_id:int}", sync_to_thread=True)
def system(caller: NamedDependency[Caller], system_id: PathId) -> Response[SystemView]:
    return tagged(_system(caller, system_id))


@post("/systems", sync_to_thread=True)
def new_system(caller: NamedDependency[Caller], data: JSONBody[SystemNew]) -> Response[SystemView]:
    with caller.writing() as session:
        project_id = project_given(caller, session, data.project)
        given = SystemInput(**_as_verbs_say(data.sent("project")))
        made = create_system(session, caller.actor, project_id, given, now=caller.now).id
    return created(f"/api/v1/systems/{made}", _system(caller, made))


@patch("/systems/{system_id:int}", sync_to_thread=True)
def change_system(
    caller: NamedDependency[Caller], system_id: PathId, data: JSONBody[SystemChanges]
) -> Response[SystemView]:
    with caller.writing() as session:
        find_system(session, caller.actor, system_id)
        changes = _as_verbs_say(data.changes())
        edit_system(session, caller.actor, system_id, data.seen(caller), changes, now=caller.now)
    return tagged(_system(caller, system_id))


@delete("/systems/{system_id:int}", sync_to_thread=True)
def put_system_away(caller: NamedDependency[Caller], system_id: PathId) -> None:
    with caller.writing() as session:
        archive_system(session, caller.actor, system_id, now=caller.now)


@post("/systems/{system_id:int}/restore", status_code=200, sync_to_thread=True)
def bring_system_back(caller: NamedDependency[Caller], system_id: PathId) -> Response[SystemView]:
    with caller.writing() as session:
        restore_system(session, caller.actor, system_id, now=caller.now)
    return tagged(_system(caller, system_id))


ROUTES: list[Any] = [systems, system, new_system, change_system, put_system_away, bring_system_back]
