"""The answers to a task, and what is said and shown there."""

from typing import Any, Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from tracker.api.evidence import evidence_view
from tracker.api.http.caller import Caller
from tracker.api.http.created import created
from tracker.api.http.inputs import Day, Id, Said, Yes
from tracker.api.http.lists import Page, PathId
from tracker.api.http.views import AnsweredView, CommentView, EvidenceView
from tracker.api.tasks import view_after
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.permissions import Sight
from tracker.domain.terms import AnswerKind
from tracker.services.access.loading import find_task
from tracker.services.facts.evidence import evidence_of_task, one_evidence
from tracker.services.tasks.answers import Given, give
from tracker.services.tasks.comments import add_comment, comments_of
from tracker.services.tasks.evidence import add_evidence

DAY = {"promised_on": "on", "until": "on"}
"""The day of an answer has one name here."""


class AnswerGiven(Said):
    """One of the set of answers. `on`: the day of a promise, or until when («later»). `note`: help, not mine."""

    kind: Literal["done", "in_progress", "promise", "help", "not_mine", "later"]
    on: Day | None = None
    note: str = ""
    unblocker: Id | None = None


class CommentNew(Said):
    text: str
    private: Yes = False


class EvidenceNew(Said):
    url: str
    caption: str = ""


@post("/tasks/{task_id:int}/answers", status_code=200, sync_to_thread=True)
def answer(caller: NamedDependency[Caller], task_id: PathId, data: JSONBody[AnswerGiven]) -> AnsweredView:
    """The one set of answers; with `behalf` noted for somebody by the conductor."""
    with caller.writing() as session:
        seen = find_task(session, caller.actor, task_id, lock=True)  # not found comes before all else that may be wrong
        given = Given(AnswerKind(data.kind), data.on, data.note, data.unblocker)
        try:
            answered = give(session, caller.on_behalf(data.behalf), seen, given, now=caller.now)
        except Invalid as error:
            raise Invalid(
                *(FieldError(DAY.get(one.field, one.field), one.code, one.facts) for one in error.errors)
            ) from None
        view = view_after(session, answered.seen)
    return AnsweredView(answered.outcome, view)


@get("/tasks/{task_id:int}/comments", sync_to_thread=True)
def comments(caller: NamedDependency[Caller], task_id: PathId) -> Page[CommentView]:
    """All of them, oldest first; none for who sees the task in outline."""
    with caller.reading() as session:
        found = comments_of(session, find_task(session, caller.actor, task_id))
    return Page([CommentView(*one) for one in found], None)


@post("/tasks/{task_id:int}/comments", sync_to_thread=True)
def new_comment(caller: NamedDependency[Caller], task_id: PathId, data: JSONBody[CommentNew]) -> Response[CommentView]:
    with caller.writing() as session:
        made = add_comment(
            session, caller.on_behalf(data.behalf), task_id, data.text, private=data.private, now=caller.now
        ).id
    with caller.reading() as session:
        said = next(one for one in comments_of(session, find_task(session, caller.actor, task_id)) if one.id == made)
    return created(f"/api/v1/tasks/{task_id}/comments", CommentView(*said))


@get("/tasks/{task_id:int}/evidence", sync_to_thread=True)
def evidence(caller: NamedDependency[Caller], task_id: PathId) -> Page[EvidenceView]:
    with caller.reading() as session:
        seen = find_task(session, caller.actor, task_id)
        found = evidence_of_task(session, task_id) if seen.sight is Sight.FULL else []
    return Page([evidence_view(one) for one in found], None)


@post("/tasks/{task_id:int}/evidence", sync_to_thread=True)
def new_evidence(
    caller: NamedDependency[Caller], task_id: PathId, data: JSONBody[EvidenceNew]
) -> Response[EvidenceView]:
    """A link that shows it. Files come by the browser or by Telegram."""
    with caller.writing() as session:
        made = add_evidence(
            session, caller.on_behalf(data.behalf), task_id, url=data.url, caption=data.caption, now=caller.now
        ).id
        shown = one_evidence(session, caller.actor, made)
    return created(f"/api/v1/evidence/{made}", evidence_view(shown))


ROUTES: list[Any] = [answer, comments, new_comment, evidence, new_evidence]
