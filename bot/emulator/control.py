"""Playing over HTTP: `POST /control/<verb>` with the arguments of the World's verb as a JSON object.

The answer is `{"result": …}`, 400 with `{"error": …}` for wrong arguments, 404 for a verb, chat or message that is not
there. `content` is base64. Verbs that only look (chats, transcript, calls, answer) answer to GET with a query as well.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from litestar import MediaType, Request, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from pydantic import ValidationError, validate_call
from pydantic_core import to_jsonable_python

from bot.emulator.state import PlayError, World

LOOKING = ("chats", "transcript", "calls", "answer")
PEOPLE = ("add_user", "add_group", "register_chat", "block", "unblock", "migrate", "start")
SENDING = ("send_text", "send_document", "send_photo", "send_voice", "edit_text", "tap", "forge")
TROUBLE = ("repeat_update", "fail", "mend", "reset")


def control_handler(world: World) -> HTTPRouteHandler:
    names = (*LOOKING, *PEOPLE, *SENDING, *TROUBLE)
    verbs: dict[str, Callable[..., Any]] = {name: validate_call(getattr(world, name)) for name in names}

    @route("/control/{verb:str}", http_method=["GET", "POST"], media_type=MediaType.JSON, status_code=200)
    async def control(request: Request[Any, Any, Any], verb: FromPath[str]) -> Response[dict[str, Any]]:
        if verb not in (LOOKING if request.method == "GET" else verbs):
            return Response({"error": f"no verb {verb}"}, status_code=404)
        given = dict(request.query_params) if request.method == "GET" else await request.json() or {}
        try:
            if "content" in given:
                given["content"] = base64.b64decode(given["content"], validate=True)
            return Response({"result": to_jsonable_python(verbs[verb](**given))})
        except PlayError as error:
            return Response({"error": str(error)}, status_code=404)
        except (ValidationError, TypeError, binascii.Error) as error:
            return Response({"error": str(error)}, status_code=400)

    return control
