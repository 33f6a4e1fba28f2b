"""Tasks and questions. What is answered, said and shown there is `api.answers`."""

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.created import created, gone, tagged
from tracker.api.http.inputs import Body, Changes, Day, Id, ProjectName, Yes
from tracker.api.http.lists import After, Filter, InProject, Limit, Page, PathId, project_given, walk
from tracker.api.http.views import TaskView, task_view
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.permissions import Sight, Standing
from tracker.domain.terms import Priority, Status, TaskKind, WaitKind
from tracker.services.access.loading import SeenTask, find_task, seen_again
from tracker.services.facts.tasks import TaskFacts, list_tasks, task_seen
from tracker.services.register.filters import from_query
from tracker.services.tasks.editing import archive_task, create_task, edit_task, restore_task
from tracker.services.tasks.fields import TaskInput, WaitInput
from tracker.services.tasks.waiting import pass_on
from tracker.tables import Project


class Waiting(Body):
    """Whom or what to wait for: `id` of the person, party or task; a `note` for something outside."""

    kind: WaitKind
    id: Id | None = None
    note: str = ""
    name: str = ""
    agreed: Yes = True

    def as_input(self) -> WaitInput:
        ids = {WaitKind.PERSON: "person_id", WaitKind.PARTY: "party_id", WaitKind.TASK: "task_id"}
        place = ids.get(self.kind)
        return WaitInput(self.kind, note=self.note, **({place: self.id} if place else {}))


class TaskFields(Body):
    """What is given when a task is made and may be changed later. A default is that of `fields.TaskInput`."""

    kind: TaskKind = TaskKind.TASK
    status: Status = Status.OPEN
    priority: Priority = Priority.NORMAL
    integration: Id | None = None
    party: Id | None = None
    owner: Id | None = None
    checker: Id | None = None
    plain_title: str = ""
    notes: str = ""
    done_means: str = ""
    external_url: str = ""
    needed_by: Day | None = None
    promised_on: Day | None = None
    asks_evidence: Yes = False
    waiting_on: Waiting | None = None
    own_1: str = ""
    own_2: str = ""
    own_3: str = ""


class TaskNew(TaskFields):
    project: ProjectName
    title: str


class TaskChanges(Changes, TaskFields):
    """`accept`: warnings that were read; `own_check`: checker and doer are the same person."""

    title: str = ""
    behalf: Id | None = None
    accept: tuple[Literal["own_check"], ...] = ()


def _values(given: TaskNew | TaskChanges, sent: dict[str, Any]) -> dict[str, Any]:
    """By the names of the verbs."""
    if "waiting_on" in sent:
        waiting = sent.pop("waiting_on")
        sent["waiting"] = given.waiting_on.as_input() if waiting is not None and given.waiting_on else None
    return sent


@get("/tasks", sync_to_thread=True)
def tasks(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    q: Annotated[str, QueryParameter(description="Words of number, title, notes, comments or names.")] = "",
    status: Annotated[
        Literal["", "draft", "open", "in_progress", "review", "done", "dropped", "unfinished"], QueryParameter()
    ] = "",
    party: Filter = None,
    turn: Annotated[str, QueryParameter(description="A person's id, or `me`.")] = "",
    owner: Annotated[str, QueryParameter(description="A person's id, or `none`.")] = "",
    integration: Filter = None,
    kind: Annotated[Literal["", "task", "question"], QueryParameter()] = "",
    stalled: Annotated[bool, QueryParameter()] = False,
    waiting_days: Filter = None,
    sort: Annotated[str, QueryParameter(description="A field, with - in front to turn the order.")] = "number",
) -> Page[TaskView]:
    """The register, with its filters."""
    given = {
        "q": "".join(sign if sign.isprintable() else " " for sign in q), "status": status, "kind": kind, "sort": sort,
        "party": _text(party), "turn": turn, "owner": owner, "integration": _text(integration),
        "waiting_days": _text(waiting_days), "stalled": "1" if stalled else "",
    }  # fmt: skip
    filters = from_query(given, caller.person_id)
    # The register's page drops what it can't read; a program is told.
    kept = {"turn": _text(filters.turn), "owner": filters.owner, "sort": filters.sort}
    wrong = [name for name, value in kept.items() if given[name] not in ("me", value)]
    if wrong:
        raise Invalid(*(FieldError(name, "unknown_word") for name in wrong))

    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[TaskFacts]:
        project = session.get_one(Project, mine.project_id)
        return list_tasks(session, project, mine, filters._replace(after=last), wanted, caller.now)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([task_view(facts) for facts in page.items], page.next)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def read_task(caller: Caller, task_id: int) -> TaskView:
    with caller.reading() as session:
        return task_view(task_seen(session, find_task(session, caller.actor, task_id)))


def view_after(session: Session, seen: SeenTask) -> TaskView | None:
    """The task as it stands after a change by which it may have left the caller's sight."""
    return None if seen.sight is Sight.NONE else task_view(task_seen(session, seen))


@get("/tasks/{task_id:int}", sync_to_thread=True)
def task(caller: NamedDependency[Caller], task_id: PathId) -> Response[TaskView]:
    return tagged(read_task(caller, task_id))


@post("/tasks", sync_to_thread=True)
def new_task(caller: NamedDependency[Caller], data: JSONBody[TaskNew]) -> Response[TaskView]:
    with caller.writing() as session:
        project_id = project_given(caller, session, data.project)
        given = TaskInput(**_values(data, data.sent("project")))
        made = create_task(session, caller.actor, project_id, given, now=caller.now).id
    return created(f"/api/v1/tasks/{made}", read_task(caller, made))


@patch("/tasks/{task_id:int}", sync_to_thread=True)
def change_task(
    caller: NamedDependency[Caller], task_id: PathId, data: JSONBody[TaskChanges]
) -> Response[TaskView] | Response[None]:
    """A stale version merges, unless a field that is sent has changed since: then 409 with both values."""
    with caller.writing() as session:
        seen = find_task(session, caller.actor, task_id, lock=True)  # not found comes before all else that may be wrong
        actor, changes = caller.on_behalf(data.behalf), _values(data, data.changes("accept", "behalf"))
        edit_task(session, actor, seen, data.seen(caller), changes, now=caller.now, accepted=data.accept)
        view = view_after(session, seen_again(session, seen))
    return tagged(view) if view is not None else gone()


@delete("/tasks/{task_id:int}", sync_to_thread=True)
def put_away(caller: NamedDependency[Caller], task_id: PathId) -> None:
    """Out of every list; kept for the journal, and brought back by `restore`."""
    with caller.writing() as session:
        archive_task(session, caller.actor, task_id, now=caller.now)


@post("/tasks/{task_id:int}/restore", status_code=200, sync_to_thread=True)
def bring_back(caller: NamedDependency[Caller], task_id: PathId) -> Response[TaskView]:
    with caller.writing() as session:
        restore_task(session, caller.actor, task_id, now=caller.now)
    return tagged(read_task(caller, task_id))


@post("/tasks/{task_id:int}/pass-on", status_code=200, sync_to_thread=True)
def pass_task_on(caller: NamedDependency[Caller], task_id: PathId) -> Response[TaskView]:
    """The conductor's tap: a wait across parties holds, and the turn goes over."""
    with caller.writing() as session:
        pass_on(session, caller.actor, task_id, now=caller.now)
    return tagged(read_task(caller, task_id))


ROUTES: list[Any] = [tasks, task, new_task, change_task, put_away, bring_back, pass_task_on]
