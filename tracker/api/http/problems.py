"""Refusals as problem details (RFC 9457), worded in the caller's language; never a traceback."""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from traceback import extract_tb
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, SerializationException, ValidationException

from tracker.api.http.caller import language_of
from tracker.api.http.errors import Malformed, Unauthorized, VersionNeeded
from tracker.db import counts_too_far, does_not_answer
from tracker.domain.errors import Conflict, DomainError, FieldError, Invalid, NotFound, Refused, Slower
from tracker.domain.lines import in_one_line
from tracker.services.ground.journal import plain
from tracker.services.tasks.fields import WaitInput
from tracker.services.tasks.waiting import plain_waiting
from tracker.wording.refusals import field_sentence, hung_up, sentence, status_of

LOG = logging.getLogger(__name__)
MEDIA = "application/problem+json"

NAMES = {"waiting": "waiting_on", "waiting_note": "waiting_on", "owner_party": "owner"}
"""Fields that the API calls otherwise than the verbs do."""

CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_word",
    "enum": "unknown_word",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "not_a_date": "not_a_date",
    "not_a_moment": "not_a_moment",
    "unknown_project": "unknown_project",
}
"""pydantic's error types -> ours; all others are a value of a wrong type."""


BOUNDS = {"Invalid enum value": "unknown_word", "Expected `int` >": "out_of_range", "Expected `int` <": "out_of_range"}
"""How msgspec begins to say what is wrong with a query -> our code."""

MOST_ERRORS = 20
"""Wrong fields that are told at once."""
LINE = 200
"""Signs of a field's name: who invents them may invent long ones."""

STATUSES: Mapping[type[DomainError], int] = {Unauthorized: 401, Malformed: 400, VersionNeeded: 428}


def refused(request: Request[Any, Any, Any], error: DomainError) -> Response[dict[str, Any]]:
    """A refusal of the domain. Conflict and Refused show their facts as members of their own."""
    language = language_of(request)
    status = STATUSES.get(type(error)) or status_of(error)
    more: dict[str, Any] = {}
    errors: list[FieldError] = []
    if isinstance(error, Invalid):
        errors = [FieldError(NAMES.get(one.field, one.field)[:LINE], one.code, one.facts) for one in error.errors]
    elif isinstance(error, Conflict):
        both = {NAMES.get(name, name): values for name, values in error.both.items()}
        errors = [FieldError(name, "conflict") for name in both]
        more["version"] = error.version
        more["conflicts"] = [
            {"field": name, "theirs": _shown(theirs), "yours": _shown(yours)} for name, (theirs, yours) in both.items()
        ]
    elif isinstance(error, Refused):
        name = "items" if error.code == "meeting_open" else "missing"
        more[name] = [dict(row) for row in error.missing]
    headers = {"retry-after": str(error.wait)} if isinstance(error, Slower) else {}
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = "Bearer"
    said = [
        {"field": one.field, "code": one.code, "message": field_sentence(language, one)} for one in errors[:MOST_ERRORS]
    ]
    return problem(status, error.code, sentence(language, error), said, more, headers)


def problem(
    status: int,
    code: str,
    detail: str,
    errors: Iterable[Mapping[str, str]] = (),
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[dict[str, Any]]:
    body = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code,
        "errors": list(errors), **(more or {}),
    }  # fmt: skip
    kept = {"cache-control": "no-store", **(headers or {})}
    return Response(body, status_code=status, media_type=MEDIA, headers=kept)


def _shown(value: Any) -> Any:
    return plain_waiting(value) if isinstance(value, WaitInput) else plain(value)


def unreadable(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """What Litestar refuses before a handler runs: no JSON, wrong types, a foreign method, too large a body."""
    if hung_up(error):
        return problem(400, "malformed", "")  # nobody hears it
    if isinstance(error, ValidationException):
        return refused(request, _wrong_values(error))
    if isinstance(error, SerializationException) or error.status_code == 400:
        return refused(request, Malformed())
    if isinstance(error, NotAuthorizedException):
        return refused(request, Unauthorized())
    code = {404: "not_found", 405: "method", 413: "too_large", 415: "malformed"}.get(error.status_code, "invalid")
    return problem(error.status_code, code, sentence(language_of(request), DomainError(code)))


def _wrong_values(error: ValidationException) -> DomainError:
    """An id in the path that is none is not found; everything else is told by its field."""
    found: list[FieldError] = []
    cause = error.__cause__
    for one in (getattr(cause, "errors", None) or ())[:MOST_ERRORS]:
        where = ".".join(str(step) for step in one["loc"])
        found.append(FieldError(where or "body", CODES.get(one["type"], "wrong_type"), one.get("ctx") or {}))
    if found:
        return Invalid(*found)
    for said in error.extra if isinstance(error.extra, list) else ():
        name, source = str(said.get("key", "data")), said.get("source")
        if source == "path":
            return NotFound()
        if name == "data":
            return Malformed()
        text = str(said.get("message", ""))
        codes = [code for start, code in BOUNDS.items() if text.startswith(start)]
        found.append(FieldError(name, codes[0] if codes else "wrong_type"))
    return Invalid(*found)


def undecodable(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """A body that is no UTF-8, or a thousand brackets, breaks the reading of JSON in ways that Litestar lets pass."""
    if any(frame.name == "decode_json" for frame in extract_tb(error.__traceback__)):
        return refused(request, Malformed())
    return unexpected(request, error)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """A bug, or no database. The log knows more; the caller learns that nothing was changed."""
    if counts_too_far(error):
        return refused(request, NotFound())
    if does_not_answer(error):
        LOG.error("the database does not answer: %s", getattr(error, "orig", error))
        return problem(503, "unreachable", sentence(language_of(request), DomainError("unreachable")))
    LOG.error("unexpected error at %s %s", request.method, in_one_line(request.url.path), exc_info=error)
    return problem(500, "broken", sentence(language_of(request), DomainError("broken")))
