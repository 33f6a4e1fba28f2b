"""The acceptance list: its lines, and how each of them went."""

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from sqlmodel import Session

from tracker.api.evidence import evidence_view
from tracker.api.http.caller import Caller
from tracker.api.http.created import created, gone, tagged
from tracker.api.http.inputs import Body, Changes, Id, Worded, Yes
from tracker.api.http.lists import After, Filter, InProject, Limit, Page, PathId, walk
from tracker.api.http.views import CheckView, Ref, ref
from tracker.domain.errors import FieldError, Invalid, NotFound
from tracker.domain.permissions import Standing
from tracker.domain.terms import CheckResult
from tracker.services.facts.integrations import CheckFacts, list_checks, one_of
from tracker.services.integrations.checks import (
    CheckFinding,
    CheckInput,
    add_check,
    archive_check,
    edit_check,
    find_check,
    give_result,
)
from tracker.services.integrations.passports import find_integration


class CheckFields(Body):
    section: str = ""
    plain_title: str = ""
    method: str = ""
    expected: str = ""
    required: Yes = True
    tester: Id | None = None


class CheckNew(CheckFields):
    integration: Id
    title: str


class CheckChanges(Changes, CheckFields):
    """With other words for method or expected it is a check still to be made."""

    title: str = ""


class ResultGiven(Worded):
    """How it went: `url` shows that it passed; `reason` for failed, not_applicable and waived."""

    result: CheckResult
    url: str = ""
    caption: str = ""


def check_view(facts: CheckFacts) -> CheckView:
    return CheckView(
        id=facts.id,
        integration=Ref(*facts.integration),
        section=facts.section,
        title=facts.title,
        method=facts.method,
        expected=facts.expected,
        required=facts.required,
        tester=ref(facts.tester),
        result=facts.result,
        evidence=[evidence_view(one) for one in facts.evidence],
        version=facts.version,
    )


@get("/checks", sync_to_thread=True)
def checks(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    integration: Filter = None,
    result: Annotated[Literal["", "pending", "passed", "failed", "not_applicable", "waived"], QueryParameter()] = "",
) -> Page[CheckView]:
    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[CheckFacts]:
        return list_checks(session, mine, last, wanted, integration=integration, result=result)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([check_view(one) for one in page.items], page.next)


def _check(caller: Caller, check_id: int) -> CheckView:
    with caller.reading() as session:
        mine = find_check(session, caller.actor, check_id).standing
        return check_view(one_of(list_checks(session, mine, None, 1, only=check_id), "check"))


@get("/checks/{check_id:int}", sync_to_thread=True)
def check(caller: NamedDependency[Caller], check_id: PathId) -> Response[CheckView]:
    return tagged(_check(caller, check_id))


@post("/checks", sync_to_thread=True)
def new_check(caller: NamedDependency[Caller], data: JSONBody[CheckNew]) -> Response[CheckView]:
    """A line at the end of the integration's list: whoever agreed to the list or signed it is asked anew."""
    with caller.writing() as session:
        try:
            find_integration(session, caller.actor, data.integration)
        except NotFound:
            raise Invalid(FieldError("integration", "unknown")) from None
        given = CheckInput(**data.sent("integration"))
        made = add_check(session, caller.actor, data.integration, given, now=caller.now).id
    return created(f"/api/v1/checks/{made}", _check(caller, made))


@patch("/checks/{check_id:int}", sync_to_thread=True)
def change_check(
    caller: NamedDependency[Caller], check_id: PathId, data: JSONBody[CheckChanges]
) -> Response[CheckView]:
    with caller.writing() as session:
        find_check(session, caller.actor, check_id)
        edit_check(session, caller.actor, check_id, data.seen(caller), data.changes(), now=caller.now)
    return tagged(_check(caller, check_id))


@delete("/checks/{check_id:int}", sync_to_thread=True)
def take_out(caller: NamedDependency[Caller], check_id: PathId) -> None:
    """Out of the list."""
    with caller.writing() as session:
        archive_check(session, caller.actor, check_id, now=caller.now)


@post("/checks/{check_id:int}/result", status_code=200, sync_to_thread=True)
def note_result(caller: NamedDependency[Caller], check_id: PathId, data: JSONBody[ResultGiven]) -> Response[CheckView]:
    """By its tester, the accountable person or the conductor; with `behalf` noted for one of them."""
    with caller.writing() as session:
        given = CheckFinding(data.result, data.reason, data.url, caption=data.caption)
        give_result(session, caller.on_behalf(data.behalf), check_id, given, now=caller.now)
    try:
        return tagged(_check(caller, check_id))
    except NotFound:
        return gone()


ROUTES: list[Any] = [checks, check, new_check, change_check, take_out, note_result]
