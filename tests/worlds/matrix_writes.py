"""What each changing route is sent, and what each role is answered on an object of their own project.

By hand, since only a person knows what a role may do; everything else of the matrix follows from the routes' guards.
A route that is not in the table fails the matrix.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.worlds.matrix import Ids

Body = Mapping[str, Any] | Callable[[Ids], Mapping[str, Any]]


class Write(NamedTuple):
    """`own`: the answers to conductor, lead, contributor, observer; one number is the answer to all four.

    `missing`: the answer where the object is unknown or of another project; None: the route has no object.
    """

    own: str
    body: Body = MappingProxyType({})
    missing: int | None = 404
    mixed: int = 0
    """The conductor's answer where the first object is theirs and the second is not; 0: not found, as everywhere."""


def in_project(own: str, **more: Any) -> Write:
    """A creation that names its project in the body: a wrong one is a wrong field."""
    return Write(own, lambda ids: {"project": ids["key"], **_filled(more, ids)}, 422)


def on_own(own: str, **body: Any) -> Write:
    return Write(own, lambda ids: _filled(body, ids))


def _filled(body: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """`:party_id` stands for the id of the same project."""
    return {name: _value(value, ids) for name, value in body.items()}


def _value(value: Any, ids: Ids) -> Any:
    if isinstance(value, str) and value.startswith(":"):
        return ids.get(value[1:], 999_999)
    if isinstance(value, list):
        return [_value(one, ids) for one in value]
    return _filled(value, ids) if isinstance(value, dict) else value


SOON = "2026-12-04"

PAGES: dict[str, Write] = {
    "POST /language": Write("303", {"language": "en"}, None),
    "POST /theme": Write("303", {"theme": "dark"}, None),
    "POST /sign-in": Write("422", {"email": "x", "password": "y"}, None),
    "POST /sign-out": Write("303", {}, None),
    "POST /set-up": Write("404", {}, None),
    "POST /projects/{key}/tasks": Write("303", {"title": "Новое"}),
    "POST /tasks/{task_id}/edit": Write("303 403 403 403", {"title": "Иначе"}),
    "POST /tasks/{task_id}/archive": Write("303 403 403 403"),
    "POST /tasks/{task_id}/restore": Write("303 403 403 403"),
    "POST /tasks/{task_id}/answer": Write("303 303 303 403", {"answer": "in_progress"}),
    "POST /tasks/{task_id}/comment": Write("303 303 303 403", {"text": "вижу"}),
    "POST /tasks/{task_id}/evidence": Write("303 303 303 403", {"url": "https://shop.example/9"}),
    "POST /tasks/{task_id}/evidence/{evidence_id}/remove": Write("303 403 303 403"),
    "POST /tasks/{task_id}/pass-on": Write("303 403 403 403"),
    "POST /tasks/{task_id}/remind": Write("409 403 403 403"),
    "POST /tasks/{task_id}/take": Write("303 403 403 403"),
    "POST /cards/{card_id}/act": Write("303 404 404 404", {"act": "settle"}),
}

PLACES: dict[str, Write] = {
    "POST /projects": Write("403", {"name": "Новый", "key": "NEW"}, None),
    "POST /projects/{key}/settings": Write("303", {"name": "Иначе"}),
    "POST /projects/{key}/messages-policy": Write("303", {"messages": "off"}),
    "POST /projects/{key}/messages/switch": Write("303", {"messages": "off"}),
    "POST /projects/{key}/messages/approve-all": Write("303"),
    "POST /messages/{message_id}/approve": Write("303 403 403 403"),
    "POST /messages/{message_id}/stop": Write("303 403 403 403"),
    "POST /messages/{message_id}/text": Write("200 403 403 403"),
    "POST /messages/{message_id}/reword": Write("303 403 403 403", {"text": "Как дела?"}),
    "POST /messages/{message_id}/by-hand": Write("303 403 403 403"),
    "POST /messages/{message_id}/let-go": Write("409 403 403 403"),
    "POST /projects/{key}/messages/foreseen/stop": Write("409 403 403 403", {"person": "1", "day": SOON}),
    "POST /projects/{key}/messages/foreseen/words": Write("409 403 403 403", {"person": "1", "day": SOON}),
    "POST /projects/{key}/pause": Write("303", {"paused": "1"}),
    "POST /projects/{key}/days": Write("303", {"day": SOON, "working": "no"}),
    "POST /projects/{key}/archive": Write("303"),
    "POST /projects/{key}/restore": Write("303"),
    "POST /projects/{key}/parties": Write("303", {"name": "Банк", "kind": "contractor"}),
    "POST /parties/{party_id}/edit": Write("303 403 403 403", {"name": "Иначе"}),
    "POST /parties/{party_id}/archive": Write("409 403 403 403"),
    "POST /parties/{party_id}/restore": Write("303 403 403 403"),
    "POST /projects/{key}/people": Write("303", {"name": "Новая", "email": "new@example.org"}),
    "POST /projects/{key}/people/{person_id}/place": Write("303", {"role": "lead"}),
    "POST /projects/{key}/people/{person_id}/edit": Write("303", {"salutation": "Ира"}),
    "POST /projects/{key}/people/{person_id}/knows-bot": Write("303", {"knows_bot": "1"}),
    "POST /projects/{key}/people/{person_id}/invite": Write("200"),
    "POST /projects/{key}/people/{person_id}/tokens/{token_id}/revoke": Write("303"),
    "POST /projects/{key}/people/{person_id}/absences": Write("303", {"first": SOON, "last": SOON}),
    "POST /projects/{key}/people/{person_id}/absences/{absence_id}/remove": Write("303"),
    "POST /projects/{key}/people/{person_id}/pause": Write("303", {"paused_until": SOON}),
    "POST /projects/{key}/people/{person_id}/remove": Write("409"),
    "POST /projects/{key}/people/{person_id}/restore": Write("303"),
}

JOINTS: dict[str, Write] = {
    "POST /projects/{key}/systems": Write("303", {"name": "Касса"}),
    "POST /systems/{system_id}/edit": Write("303 403 403 403", {"note": "новое"}),
    "POST /systems/{system_id}/archive": Write("303 403 403 403"),
    "POST /systems/{system_id}/restore": Write("303 403 403 403"),
    "POST /projects/{key}/integrations": Write("303", {"name": "Доставка"}),
    "POST /integrations/{integration_id}/edit": Write("303 403 403 403", {"purpose": "просто"}),
    "POST /integrations/{integration_id}/archive": Write("303 403 403 403"),
    "POST /integrations/{integration_id}/restore": Write("303 403 403 403"),
    "POST /integrations/{integration_id}/accept": Write("403 403 303 403"),
    "POST /integrations/{integration_id}/agree": Write("403 403 303 403"),
    "POST /integrations/{integration_id}/go-live": Write("409 403 409 403"),
    "POST /integrations/{integration_id}/inherited": Write("303 403 403 403"),
    "POST /integrations/{integration_id}/bypass": on_own("303 403 403 403", person=":person_id", reason="запуск"),
    "POST /integrations/{integration_id}/signers": on_own("303 403 403 403", signers=":person_id"),
    "POST /integrations/{integration_id}/sign": Write("403 403 303 403"),
    "POST /integrations/{integration_id}/letter": on_own(
        "303 403 403 403", person=":person_id", letter="https://shop.example/letter"
    ),
    "POST /integrations/{integration_id}/members": on_own("303 403 403 403", guest=":guest_id"),
    "POST /integrations/{integration_id}/members/{person_id}/remove": Write("303 403 403 403", mixed=303),
    "POST /integrations/{integration_id}/pack": Write("303 403 403 403", {"pack": "form-crm"}),
    "POST /integrations/{integration_id}/checks": Write("303 403 403 403", {"title": "Новая"}),
    "POST /checks/{check_id}/edit": Write("303 403 403 403", {"title": "Иначе"}),
    "POST /checks/{check_id}/archive": Write("303 403 403 403"),
    "POST /checks/{check_id}/result": Write("303 403 303 403", {"result": "failed", "reason": "нет"}),
    "POST /projects/{key}/deadlocks": on_own("303", title="Ещё", kind="block", parties=":party_id"),
    "POST /deadlocks/{deadlock_id}/edit": Write("303 403 403 403", {"title": "Иначе"}),
    "POST /deadlocks/{deadlock_id}/position": on_own("303 303 303 403", party=":party_id", position="одна"),
    "POST /deadlocks/{deadlock_id}/decide": Write("303 403 303 403", {"decision": "одна"}),
    "POST /deadlocks/{deadlock_id}/reopen": Write("303 403 403 403"),
}

MEETINGS: dict[str, Write] = {
    "POST /projects/{key}/meetings": Write(
        "303", {"title": "Ещё", "day": SOON, "time": "12:00", "minutes": "30", "timezone": "", "accepted": "1"}
    ),
    "POST /meetings/{meeting_id}/edit": Write("303 403 403 403", {"title": "Иначе"}),
    "POST /meetings/{meeting_id}/archive": Write("303 403 403 403"),
    "POST /meetings/{meeting_id}/restore": Write("303 403 403 403"),
    "POST /meetings/{meeting_id}/people": on_own("303 403 403 403", person=":guest_id"),
    "POST /meetings/{meeting_id}/people/{person_id}/remove": Write("303 403 403 403", mixed=303),
    "POST /meetings/{meeting_id}/rsvp": Write("303 303 303 403", {"rsvp": "yes"}),
    "POST /meetings/{meeting_id}/keep": Write("303 403 403 403", {"notes": "решили"}),
    "POST /meetings/{meeting_id}/items": Write("303 403 403 403", {"new_line": "ещё"}),
    "POST /items/{item_id}/remove": Write("303 403 403 403"),
    "POST /meetings/{meeting_id}/close": Write("409 403 403 403"),
    "POST /meetings/{meeting_id}/drop": Write("303 403 403 403", {"drop_reason": "никто не смог"}),
}

MINE: dict[str, Write] = {
    "POST /me": Write("303", {"salutation": "Добрый день"}, None),
    "POST /me/password": Write("422", {"password": "a quiet morning song", "again": "x"}, None),
    "POST /me/sessions/{session_id}/revoke": Write("404 404 303 404"),
    "POST /me/sessions/revoke-others": Write("303", {}, None),
    "POST /me/addresses": Write("200", {"scope": "calendar"}, None),
    "POST /me/addresses/{token_id}/revoke": Write("404 404 303 404"),
    "POST /me/absences": Write("303", {"first": SOON, "last": SOON}, None),
    "POST /me/absences/{absence_id}/remove": Write("404"),
    "POST /telegram/webhook": Write("404", {}, None),
}

LINKS: dict[str, Write] = {
    "POST /my/{token}/tasks/{task_id}/answer": Write("303", {"answer": "in_progress"}),
    "POST /my/{token}/tasks/{task_id}/evidence": Write("303", {"url": "https://shop.example/9"}),
    "POST /my/{token}/tasks/{task_id}/remark": Write("303", {"text": "вижу"}),
    "POST /my/{token}/meetings/{meeting_id}/answer": Write("303", {"rsvp": "yes"}),
    "POST /my/{token}/calendar": Write("200"),
    "POST /my/{token}/language": Write("303", {"language": "en"}),
    "POST /my/{token}/not-me": Write("200"),
}
"""Whoever holds the address is its person, whoever else they may be."""

# Only a demo has these: `test_demo…` tries them there.
DEMO: dict[str, Write] = {
    "POST /demo/clock": Write("404"),
    "POST /demo/telegram/invite/{person_id}": Write("404"),
    "POST /demo/telegram/{chat_id}/send": Write("404"),
    "POST /demo/telegram/{chat_id}/start": Write("404"),
    "POST /demo/telegram/{chat_id}/tap": Write("404"),
}

SHEETS: dict[str, Write] = {
    "POST /projects/{key}/import": Write("200", {"pasted": "Что нужно\tСтатус\nПозвонить\tв работе"}),
    "POST /projects/{key}/import/apply": Write("422", {"digest": "x"}),
}

API: dict[str, Write] = {
    "POST /projects": Write("403", {"name": "Новый", "key": "NEW"}, None),
    "PATCH /projects/{project}": Write("200 403 403 403", {"version": 1, "name": "Иначе"}),
    "DELETE /projects/{project}": Write("204 403 403 403"),
    "POST /projects/{project}/restore": Write("200 403 403 403"),
    "PATCH /projects/{project}/people/{person_id}": Write("204 403 403 403", {"why": "пишет код"}),
    "DELETE /projects/{project}/people/{person_id}": Write("409 403 403 403"),
    "POST /parties": in_project("201 403 403 403", name="Банк"),
    "PATCH /parties/{party_id}": Write("200 403 403 403", {"version": 1, "name": "Иначе"}),
    "DELETE /parties/{party_id}": Write("409 403 403 403"),
    "POST /parties/{party_id}/restore": Write("200 403 403 403"),
    "POST /people": in_project("201 403 403 403", name="Новая", email="new@example.org"),
    "PATCH /people/{person_id}": Write("200 403 200 403", {"version": 1, "salutation": "Ира"}),
    "DELETE /people/{person_id}": Write("409 403 403 403"),
    "POST /people/{person_id}/restore": Write("403"),
    "POST /systems": in_project("201 403 403 403", name="Касса"),
    "PATCH /systems/{system_id}": Write("200 403 403 403", {"version": 1, "note": "новое"}),
    "DELETE /systems/{system_id}": Write("204 403 403 403"),
    "POST /systems/{system_id}/restore": Write("200 403 403 403"),
    "POST /integrations": in_project("201 403 403 403", name="Доставка"),
    "PATCH /integrations/{integration_id}": Write("200 403 403 403", {"version": 2, "purpose": "просто"}),
    "DELETE /integrations/{integration_id}": Write("204 403 403 403"),
    "POST /integrations/{integration_id}/restore": Write("200 403 403 403"),
    "POST /integrations/{integration_id}/accept": Write("403 403 200 403"),
    "POST /integrations/{integration_id}/agree": Write("403 403 200 403"),
    "POST /integrations/{integration_id}/go-live": Write("409 403 409 403"),
    "POST /integrations/{integration_id}/bypass": on_own("200 403 403 403", person=":person_id", reason="запуск"),
    "POST /integrations/{integration_id}/inherit": Write("200 403 403 403"),
    "POST /integrations/{integration_id}/signers": on_own("200 403 403 403", people=[":person_id"]),
    "POST /integrations/{integration_id}/sign": Write("403 403 200 403"),
    "POST /checks": Write(
        "201 403 403 403", lambda ids: {"integration": ids.get("integration_id", 999_999), "title": "Новая"}, 422
    ),
    "PATCH /checks/{check_id}": Write("200 403 403 403", {"version": 1, "title": "Иначе"}),
    "DELETE /checks/{check_id}": Write("204 403 403 403"),
    "POST /checks/{check_id}/result": Write("200 403 200 403", {"result": "failed", "reason": "нет"}),
    "POST /tasks": in_project("201 403 403 403", title="Новое"),
    "PATCH /tasks/{task_id}": Write("200 403 403 403", {"version": 1, "title": "Иначе"}),
    "DELETE /tasks/{task_id}": Write("204 403 403 403"),
    "POST /tasks/{task_id}/restore": Write("200 403 403 403"),
    "POST /tasks/{task_id}/pass-on": Write("200 403 403 403"),
    "POST /tasks/{task_id}/answers": Write("200 200 200 403", {"kind": "promise", "on": SOON}),
    "POST /tasks/{task_id}/comments": Write("201 201 201 403", {"text": "вижу"}),
    "POST /tasks/{task_id}/evidence": Write("201 201 201 403", {"url": "https://shop.example/9"}),
    "DELETE /evidence/{evidence_id}": Write("204 403 204 403"),
    "POST /deadlocks": in_project("201 403 403 403", title="Ещё", parties=[":party_id", ":spare_id"]),
    "PATCH /deadlocks/{deadlock_id}": Write("200 403 403 403", {"version": 1, "title": "Иначе"}),
    "POST /deadlocks/{deadlock_id}/positions": on_own("200 200 200 403", party=":party_id", text="одна"),
    "POST /deadlocks/{deadlock_id}/decide": Write("200 403 200 403", {"decision": "одна"}),
    "POST /deadlocks/{deadlock_id}/reopen": Write("200 403 403 403"),
    "POST /meetings": in_project("201 403 403 403", title="Ещё", starts_at="2026-12-01T09:00:00Z"),
    "PATCH /meetings/{meeting_id}": Write("200 403 403 403", {"version": 1, "place": "Zoom"}),
    "DELETE /meetings/{meeting_id}": Write("204 403 403 403"),
    "POST /meetings/{meeting_id}/restore": Write("200 403 403 403"),
    "POST /meetings/{meeting_id}/people": on_own("200 403 403 403", people=[{"person": ":guest_id"}]),
    # Who is not invited is left out already.
    "DELETE /meetings/{meeting_id}/people/{person_id}": Write("204 403 403 403", mixed=204),
    "POST /meetings/{meeting_id}/rsvp": Write("200 200 200 403", {"rsvp": "yes"}),
    "POST /meetings/{meeting_id}/items": Write("200 403 403 403", {"items": [{"title": "ещё"}]}),
    "PATCH /meetings/{meeting_id}/items/{item_id}": Write("200 403 403 403", {"reason": "нечего"}),
    "DELETE /meetings/{meeting_id}/items/{item_id}": Write("204 403 403 403"),
    "POST /meetings/{meeting_id}/close": on_own(
        "200 403 403 403", version=1, items=[{"id": ":item_id", "reason": "решено без нас"}]
    ),
    "POST /meetings/{meeting_id}/not-held": Write("200 403 403 403", {"version": 1, "reason": "никто не смог"}),
}

WRITES: dict[str, Write] = (
    PAGES
    | PLACES
    | JOINTS
    | MEETINGS
    | MINE
    | LINKS
    | DEMO
    | SHEETS
    | {f"{line.split(' ')[0]} /api/v1{line.split(' ')[1]}": write for line, write in API.items()}
)

SEEN: dict[str, str] = {
    "GET /api/v1/messages/{message_id}": "200 404 200 200",
    "GET /set-up": "404",
    "GET /evidence/{evidence_id}/file": "404",  # it is a link; `tests/web/tasks/test_files` sends files
    "GET /cards/{card_id}/files/{upload_id}": "404",
    "GET /demo/telegram": "404",
    "GET /demo/telegram/{chat_id}": "404",
    "GET /projects/new": "403",
    "GET /tasks/{task_id}/edit": "200 200 200 403",
}
"""Pages and answers that not all four inside are shown, although the guard alone would let them."""
