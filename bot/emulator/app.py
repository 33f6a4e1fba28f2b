"""The emulator as an ASGI application: `/bot<token>/<method>`, `/file/bot<token>/<path>` and, to play, `/control/…`."""

import asyncio
import json
import logging
import re
from collections.abc import Sequence
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from litestar import Litestar, Request, asgi, route
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.serialization import encode_json
from litestar.types import Receive, Scope, Send

from bot.emulator.control import control_handler
from bot.emulator.methods import perform
from bot.emulator.polling import get_updates
from bot.emulator.records import ApiCall, Failure, Json
from bot.emulator.rules import MultipartFile, Refusal, bad, method_named, parameters_of
from bot.emulator.state import World

CALL = re.compile(r"/bot(?P<token>[^/]+)/(?P<method>\w+)/?")
FILE = re.compile(r"/file/bot(?P<token>[^/]+)/(?P<path>.+?)/?")
LOG = logging.getLogger(__name__)
Asked = Request[Any, Any, Any]


def emulator_app(world: World, control: bool = True, longest_poll: float = 50.0) -> Litestar:
    """Stands alone or mounted under a prefix; `longest_poll` (seconds) bounds the wait of getUpdates."""

    @route("/{rest:path}", http_method=["GET", "POST"], status_code=200)
    async def bot_api(request: Asked) -> ASGIResponse:
        path = request.scope["path"]
        hide_token(request.scope)
        if found := CALL.fullmatch(path):
            return await _call(world, request, found["token"], found["method"], longest_poll)
        if (found := FILE.fullmatch(path)) and _knows(world, found["token"]):
            return _download(world, found["path"])
        return _refused(Refusal(404, "Not Found"))

    handlers: Sequence[HTTPRouteHandler] = [bot_api, control_handler(world)] if control else [bot_api]
    # Larger than an upload may be: the refusal has to come from the rules, in their words.
    return Litestar(
        handlers,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=60 << 20,
        after_exception=[_report],
    )


def emulator_mount(world: World, prefix: str, control: bool = True, longest_poll: float = 50.0) -> ASGIRouteHandler:
    """A route handler that puts the emulator under a prefix of another application."""
    # One scope for both applications: a copy would leave the token in the one that the access log is written from.
    return asgi(prefix, is_mount=True, copy_scope=False)(emulator_app(world, control, longest_poll))


async def _report(error: Exception, _scope: Scope) -> None:
    if not isinstance(error, HTTPException):
        LOG.error("the emulator of the Bot API failed", exc_info=error)


def hide_token(scope: Scope) -> None:
    """Servers write their access log from the scope, when the answer starts: the token is gone from it by then."""
    scope["path"] = re.sub(r"bot[^/]+", "bot<token>", scope["path"], count=1)
    scope["raw_path"] = scope["path"].encode()


async def _call(world: World, request: Asked, token: str, name: str, longest_poll: float) -> ASGIResponse:
    at, method, params = world.clock(), name, {}
    chat_id: int | None = None
    failure: Failure | None = None
    try:
        if not _knows(world, token):
            raise Refusal(401, "Unauthorized")
        method = method_named(name)
        raw = await _raw_parameters(request)
        chat_id = _chat_id(raw)
        failure = world.next_failure(method, chat_id)
        if failure and not failure.delivered:
            raise _trouble(failure)
        params = parameters_of(method, raw)
        if method == "getUpdates":
            result: object = await get_updates(world, params, lambda: _hung_up(request), longest_poll)
        else:
            result = perform(world, method, params)
        if failure:
            raise _trouble(failure)
    except Refusal as refusal:
        _record(world, ApiCall(at, method, chat_id, _readable(params), refusal.code, refusal.description))
        if refusal.code == 0 and failure:
            return HangUp(failure.seconds if failure.kind == "hang" else 0.0)
        return _refused(refusal)
    if result != [] or method != "getUpdates":
        _record(world, ApiCall(at, method, chat_id, _readable(params), 200, ""))
    return _json(200, {"ok": True, "result": result})


def _trouble(failure: Failure) -> Refusal:
    """Code 0: no answer at all."""
    match failure.kind:
        case "flood":
            wait = failure.retry_after
            return Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        case "blocked":
            return Refusal(403, "Forbidden: bot was blocked by the user")
        case "deactivated":
            return Refusal(403, "Forbidden: user is deactivated")
        case "unauthorized":
            return Refusal(401, "Unauthorized")
        case "server_error":
            return Refusal(failure.code, "Internal Server Error" if failure.code == 500 else "Bad Gateway")
        case "hang" | "drop":
            return Refusal(0, f"closed without an answer ({failure.kind})")


async def _raw_parameters(request: Asked) -> dict[str, object]:
    raw: dict[str, object] = dict(parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True))
    kind = request.content_type[0]
    if request.method == "POST" and kind == "application/json":
        try:
            return raw | dict(json.loads(await request.body() or b"{}"))
        except (ValueError, TypeError):
            raise bad("can't parse JSON object") from None
    if request.method == "POST" and kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        for name, value in (await request.form()).items():
            raw[name] = value
            if isinstance(value, UploadFile):
                raw[name] = MultipartFile(value.filename, value.content_type, await value.read())
    return raw


def _chat_id(raw: dict[str, object]) -> int | None:
    try:
        return int(str(raw["chat_id"]))
    except (KeyError, ValueError):
        return None


def _readable(params: Json) -> Json:
    """Parameters for the call log: an upload is shown by its name; secrets stay out."""
    shown = {name: value.name if isinstance(value, MultipartFile) else value for name, value in params.items()}
    return {name: value for name, value in shown.items() if name != "secret_token"}


def _record(world: World, call: ApiCall) -> None:
    with world.changed:
        world.log.append(call)
        world.changed.notify_all()


def _knows(world: World, token: str) -> bool:
    return compare_digest(token.encode(), world.bot.token.encode())


async def _hung_up(request: Asked) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(status: int, body: Json) -> ASGIResponse:
    return ASGIResponse(body=encode_json(body), status_code=status)


def _refused(refusal: Refusal) -> ASGIResponse:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    return _json(refusal.code, {**body, **({"parameters": refusal.parameters} if refusal.parameters else {})})


def _download(world: World, path: str) -> ASGIResponse:
    with world.changed:
        stored = next((file for file in world.files.values() if file.path == path), None)
    if stored is None:
        return _refused(Refusal(404, "Not Found"))
    return ASGIResponse(body=stored.content, media_type="application/octet-stream")


class HangUp(ASGIResponse):
    """ASGI cannot hang up, but a server does so itself after an answer shorter than it was announced."""

    def __init__(self, after: float) -> None:
        super().__init__(content_length=2)
        self.after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leaves = asyncio.ensure_future(receive())
        await asyncio.wait({leaves}, timeout=self.after)
        leaves.cancel()
        await self.start_response(send)
