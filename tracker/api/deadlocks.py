"""Deadlocks: a block on one side or a contradiction of two, ended by a decision in words."""

from typing import Annotated, Any

from litestar import Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.created import created, gone, tagged
from tracker.api.http.inputs import Body, Changes, Day, Id, ProjectName, Said
from tracker.api.http.lists import After, InProject, Limit, Page, PathId, project_given, walk
from tracker.api.views_meeting import DeadlockView, deadlock_view
from tracker.domain.errors import NotFound
from tracker.domain.permissions import Standing
from tracker.domain.terms import DeadlockKind
from tracker.services.facts.integrations import one_of
from tracker.services.facts.meetings import DeadlockFacts, list_deadlocks
from tracker.services.integrations.deadlocks import (
    DeadlockInput,
    decide,
    edit_deadlock,
    find_deadlock,
    open_deadlock,
    reopen_deadlock,
    state_position,
)


class DeadlockFields(Body):
    """`parties`: whom it is between; left out of a new one, those of the blocked tasks."""

    kind: DeadlockKind = DeadlockKind.CONTRADICTION
    integration: Id | None = None
    decider: Id | None = None
    decide_by: Day | None = None
    tasks: tuple[Id, ...] = ()
    parties: tuple[Id, ...] = ()


class DeadlockNew(DeadlockFields):
    project: ProjectName
    title: str


class DeadlockChanges(Changes, DeadlockFields):
    title: str = ""


class PositionGiven(Said):
    party: Id
    text: str


class Decision(Said):
    decision: str


@get("/deadlocks", sync_to_thread=True)
def deadlocks(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    undecided: Annotated[bool, QueryParameter(description="Only those without a decision.")] = False,
) -> Page[DeadlockView]:
    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[DeadlockFacts]:
        return list_deadlocks(session, mine, last, wanted, open_only=undecided)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([deadlock_view(one) for one in page.items], page.next)


def _deadlock(caller: Caller, deadlock_id: int) -> DeadlockView:
    with caller.reading() as session:
        mine = find_deadlock(session, caller.actor, deadlock_id).standing
        return deadlock_view(one_of(list_deadlocks(session, mine, None, 1, only=deadlock_id), "deadlock"))


@get("/deadlocks/{deadlock_id:int}", sync_to_thread=True)
def deadlock(caller: NamedDependency[Caller], deadlock_id: PathId) -> Response[DeadlockView]:
    return tagged(_deadlock(caller, deadlock_id))


@post("/deadlocks", sync_to_thread=True)
def new_deadlock(caller: NamedDependency[Caller], data: JSONBody[DeadlockNew]) -> Response[DeadlockView]:
    """The turn of what it blocks moves to its decider."""
    with caller.writing() as session:
        project_id = project_given(caller, session, data.project)
        given = DeadlockInput(**data.sent("project"))
        made = open_deadlock(session, caller.actor, project_id, given, now=caller.now).id
    return created(f"/api/v1/deadlocks/{made}", _deadlock(caller, made))


@patch("/deadlocks/{deadlock_id:int}", sync_to_thread=True)
def change_deadlock(
    caller: NamedDependency[Caller], deadlock_id: PathId, data: JSONBody[DeadlockChanges]
) -> Response[DeadlockView]:
    with caller.writing() as session:
        find_deadlock(session, caller.actor, deadlock_id)
        edit_deadlock(session, caller.actor, deadlock_id, data.seen(caller), data.changes(), now=caller.now)
    return tagged(_deadlock(caller, deadlock_id))


@post("/deadlocks/{deadlock_id:int}/positions", status_code=200, sync_to_thread=True)
def state(
    caller: NamedDependency[Caller], deadlock_id: PathId, data: JSONBody[PositionGiven]
) -> Response[DeadlockView]:
    """What a party holds, in its own words."""
    with caller.writing() as session:
        actor = caller.on_behalf(data.behalf)
        state_position(session, actor, deadlock_id, data.party, data.text, now=caller.now)
    return tagged(_deadlock(caller, deadlock_id))


@post("/deadlocks/{deadlock_id:int}/decide", status_code=200, sync_to_thread=True)
def decide_it(
    caller: NamedDependency[Caller], deadlock_id: PathId, data: JSONBody[Decision]
) -> Response[DeadlockView] | Response[None]:
    with caller.writing() as session:
        decide(session, caller.on_behalf(data.behalf), deadlock_id, data.decision, now=caller.now)
    try:
        return tagged(_deadlock(caller, deadlock_id))
    except NotFound:
        return gone()


@post("/deadlocks/{deadlock_id:int}/reopen", status_code=200, sync_to_thread=True)
def reopen(caller: NamedDependency[Caller], deadlock_id: PathId) -> Response[DeadlockView]:
    """It was no decision after all."""
    with caller.writing() as session:
        reopen_deadlock(session, caller.actor, deadlock_id, now=caller.now)
    return tagged(_deadlock(caller, deadlock_id))


ROUTES: list[Any] = [deadlocks, deadlock, new_deadlock, change_deadlock, state, decide_it, reopen]
