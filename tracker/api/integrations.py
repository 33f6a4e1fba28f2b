"""Integrations: the joints between systems; who answers for one, and its way to live."""

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.created import created, gone, tagged
from tracker.api.http.inputs import Body, Changes, Day, Id, ProjectName, Said
from tracker.api.http.lists import After, InProject, Limit, Page, PathId, project_given, walk
from tracker.api.http.views import IntegrationView, Readiness, Ref, ref
from tracker.domain.errors import NotFound, Refused
from tracker.domain.permissions import Standing
from tracker.domain.terms import IntegrationState
from tracker.services.facts.integrations import IntegrationFacts, list_integrations, one_of
from tracker.services.integrations.launch import accept_accountability, agree_to_checks, bypass, go_live, mark_inherited
from tracker.services.integrations.passports import (
    IntegrationInput,
    archive_integration,
    create_integration,
    edit_integration,
    find_integration,
    restore_integration,
    set_systems,
)
from tracker.services.integrations.signatures import set_signers, sign, sign_by_letter
from tracker.tables import Project


class Launch(Said):
    """`version` may be sent as everywhere else and is not compared: the gate judges what stands at this moment."""

    version: int | None = None


class IntegrationFields(Body):
    """`systems`: all that are joined, in their order."""

    purpose: str = ""
    impact: str = ""
    launch_on: Day | None = None
    accountable: Id | None = None
    systems: tuple[Id, ...] = ()


class IntegrationNew(IntegrationFields):
    project: ProjectName
    name: str


class IntegrationChanges(Changes, IntegrationFields):
    """`state`: live, inherited and bypassed have ways of their own."""

    name: str = ""
    state: IntegrationState = IntegrationState.PLANNED


class Bypass(Body):
    """Who decided to launch around the gate, and why."""

    person: Id
    reason: str


class Signers(Body):
    people: tuple[Id, ...]


class Signing(Said):
    """One's own signature; or, with `person` and `letter`, a vendor's letter that stands for it."""

    person: Id | None = None
    letter: str = ""
    caption: str = ""


def integration_view(facts: IntegrationFacts) -> IntegrationView:
    return IntegrationView(
        id=facts.id,
        project=Ref(*facts.project),
        name=facts.name,
        purpose=facts.purpose,
        accountable=ref(facts.accountable),
        state=facts.state,
        launch_on=facts.launch_on,
        readiness=Readiness(*facts.readiness),
        version=facts.version,
    )


@get("/integrations", sync_to_thread=True)
def integrations(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    in_state: Annotated[
        Literal["", "planned", "building", "testing", "live", "inherited", "bypassed", "stopped"],
        QueryParameter(name="state"),
    ] = "",
) -> Page[IntegrationView]:
    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[IntegrationFacts]:
        return list_integrations(session, mine, last, wanted, state=in_state)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([integration_view(one) for one in page.items], page.next)


def _integration(caller: Caller, integration_id: int) -> IntegrationView:
    with caller.reading() as session:
        mine = find_integration(session, caller.actor, integration_id).standing
        return integration_view(one_of(list_integrations(session, mine, None, 1, only=integration_id), "integration"))


def _after(caller: Caller, integration_id: int) -> Response[Any]:
    """The integration as it stands now; a guest may have left it by what they did."""
    try:
        return tagged(_integration(caller, integration_id))
    except NotFound:
        return gone()


@get("/integrations/{integration_id:int}", sync_to_thread=True)
def integration(caller: NamedDependency[Caller], integration_id: PathId) -> Response[IntegrationView]:
    return tagged(_integration(caller, integration_id))


@post("/integrations", sync_to_thread=True)
def new_integration(caller: NamedDependency[Caller], data: JSONBody[IntegrationNew]) -> Response[IntegrationView]:
    with caller.writing() as session:
        project_id = project_given(caller, session, data.project)
        given = IntegrationInput(**data.sent("project"))
        made = create_integration(session, caller.actor, project_id, given, now=caller.now).id
    return created(f"/api/v1/integrations/{made}", _integration(caller, made))


@patch("/integrations/{integration_id:int}", sync_to_thread=True)
def change_integration(
    caller: NamedDependency[Caller], integration_id: PathId, data: JSONBody[IntegrationChanges]
) -> Response[IntegrationView]:
    with caller.writing() as session:
        find_integration(session, caller.actor, integration_id)
        version = data.seen(caller)
        edit_integration(session, caller.actor, integration_id, version, data.changes("systems"), now=caller.now)
        if "systems" in data.model_fields_set:
            set_systems(session, caller.actor, integration_id, data.systems, now=caller.now)
    return tagged(_integration(caller, integration_id))


@delete("/integrations/{integration_id:int}", sync_to_thread=True)
def put_integration_away(caller: NamedDependency[Caller], integration_id: PathId) -> None:
    with caller.writing() as session:
        archive_integration(session, caller.actor, integration_id, now=caller.now)


@post("/integrations/{integration_id:int}/restore", status_code=200, sync_to_thread=True)
def bring_integration_back(caller: NamedDependency[Caller], integration_id: PathId) -> Response[IntegrationView]:
    with caller.writing() as session:
        restore_integration(session, caller.actor, integration_id, now=caller.now)
    return tagged(_integration(caller, integration_id))


@post("/integrations/{integration_id:int}/accept", status_code=200, sync_to_thread=True)
def accept(
    caller: NamedDependency[Caller], integration_id: PathId, data: JSONBody[Said | None] = None
) -> Response[IntegrationView]:
    """«I answer for the whole»: the accountable person's own word, or noted by the conductor with `behalf`."""
    with caller.writing() as session:
        actor = caller.on_behalf(data.behalf if data else None)
        accept_accountability(session, actor, integration_id, now=caller.now)
    return _after(caller, integration_id)


@post("/integrations/{integration_id:int}/agree", status_code=200, sync_to_thread=True)
def agree(
    caller: NamedDependency[Caller], integration_id: PathId, data: JSONBody[Said | None] = None
) -> Response[IntegrationView]:
    """The accountable person confirms the list of checks."""
    with caller.writing() as session:
        agree_to_checks(session, caller.on_behalf(data.behalf if data else None), integration_id, now=caller.now)
    return _after(caller, integration_id)


@post("/integrations/{integration_id:int}/go-live", status_code=200, sync_to_thread=True)
def launch(
    caller: NamedDependency[Caller], integration_id: PathId, data: JSONBody[Launch | None] = None
) -> Response[IntegrationView]:
    """Goes live, or 409 with everything that is missing: `{missing:[{code, url}]}`."""
    try:
        with caller.writing() as session:
            go_live(session, caller.on_behalf(data.behalf if data else None), integration_id, now=caller.now)
    except Refused as error:
        with caller.reading() as session:
            joint = find_integration(session, caller.actor, integration_id).integration
            key = session.get_one(Project, joint.project_id).key
        project = f"/projects/{key}"
        raise Refused(error.code, [_missing(row, project, integration_id) for row in error.missing]) from None
    return _after(caller, integration_id)


def _missing(row: Any, project: str, integration_id: int) -> dict[str, Any]:
    """What is missing, and the page on which it can be mended."""
    url = f"{project}/integrations/{integration_id}"
    if "check" in row:
        url += f"#check-{row['check']}"
    elif "deadlock" in row:
        url = f"{project}/deadlocks/{row['deadlock']}"
    return {"code": row["code"], "url": url}


@post("/integrations/{integration_id:int}/bypass", status_code=200, sync_to_thread=True)
def launch_around(
    caller: NamedDependency[Caller], integration_id: PathId, data: JSONBody[Bypass]
) -> Response[IntegrationView]:
    """Launched around the gate: it is noted, and never counts as accepted."""
    with caller.writing() as session:
        bypass(session, caller.actor, integration_id, data.person, data.reason, now=caller.now)
    return _after(caller, integration_id)


@post("/integrations/{integration_id:int}/inherit", status_code=200, sync_to_thread=True)
def inherit(caller: NamedDependency[Caller], integration_id: PathId) -> Response[IntegrationView]:
    """It ran before anybody asked: works, was never accepted."""
    with caller.writing() as session:
        mark_inherited(session, caller.actor, integration_id, now=caller.now)
    return _after(caller, integration_id)


@post("/integrations/{integration_id:int}/signers", status_code=200, sync_to_thread=True)
def name_signers(
    caller: NamedDependency[Caller], integration_id: PathId, data: JSONBody[Signers]
) -> Response[IntegrationView]:
    """Who has to sign; an empty list goes back to the accountable person and the customer's decider."""
    with caller.writing() as session:
        set_signers(session, caller.actor, integration_id, data.people, now=caller.now)
    return _after(caller, integration_id)


@post("/integrations/{integration_id:int}/sign", status_code=200, sync_to_thread=True)
def sign_acceptance(
    caller: NamedDependency[Caller], integration_id: PathId, data: JSONBody[Signing | None] = None
) -> Response[IntegrationView]:
    with caller.writing() as session:
        if data is not None and data.person is not None:
            sign_by_letter(
                session,
                caller.actor,
                integration_id,
                data.person,
                url=data.letter,
                caption=data.caption,
                now=caller.now,
            )
        else:
            sign(session, caller.on_behalf(data.behalf if data else None), integration_id, now=caller.now)
    return _after(caller, integration_id)


ROUTES: list[Any] = [
    integrations, integration, new_integration, change_integration, put_integration_away, bring_integration_back,
    accept, agree, launch, launch_around, inherit, name_signers, sign_acceptance,
]  # fmt: skip
