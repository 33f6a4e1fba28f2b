"""What the real server would refuse: parameters against the published methods and types, and the known limits."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from bot.emulator.markup import Formatted, MarkupError, parse_html, plain, units
from bot.emulator.records import Json

TEXT_LIMIT, CAPTION_LIMIT, ANSWER_LIMIT, DATA_LIMIT = 4096, 1024, 200, 64
DOWNLOAD_LIMIT, UPLOAD_LIMIT, PHOTO_LIMIT = 20 << 20, 50 << 20, 10 << 20
ACTIONS = frozenset(
    ["typing", "choose_sticker", "find_location"]
    + [f"{verb}_{kind}" for verb in ("record", "upload") for kind in ("video", "voice", "video_note")]
    + ["upload_photo", "upload_document"]
)
ARRAY = "Array of "


class Refusal(Exception):
    """An answer that is not ok: an HTTP status, the description, and `parameters` where the protocol has them."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(reason: str) -> Refusal:
    return Refusal(400, f"Bad Request: {reason}")


class MultipartFile:
    """A file of a multipart request."""

    def __init__(self, name: str, mime_type: str, content: bytes) -> None:
        self.name = name
        self.mime_type = mime_type
        self.content = content


@cache
def published() -> Json:
    """`methods` and `types` of the published Bot API, the imitated ones: name → fields → [types, required]."""
    data: Json = json.loads(files("bot.emulator").joinpath("published.json").read_text(encoding="utf-8"))
    return data


def method_named(name: str) -> str:
    """The method in its published spelling; the real server ignores case too."""
    known: dict[str, str] = {method.lower(): method for method in published()["methods"]}
    if name.lower() not in known:
        raise Refusal(404, "Not Found: method not found")
    return known[name.lower()]


def parameters_of(method: str, raw: Mapping[str, object]) -> Json:
    """Typed parameters. Stricter than the real server in one point: it ignores an unknown name, we refuse the typo."""
    fields: Mapping[str, Any] = published()["methods"][method]["fields"]
    uploads = {name: value for name, value in raw.items() if isinstance(value, MultipartFile)}
    read: Json = {}
    for name, value in raw.items():
        if name not in fields:
            if name in uploads:
                continue  # a part that another parameter names by attach://
            raise bad(f'unknown parameter "{name}"')
        if value is None:
            continue
        if isinstance(value, str) and value.startswith("attach://"):
            value = uploads.get(value.removeprefix("attach://"), value)
        read[name] = _typed(value, fields[name][0], name)
    for name, (_types, required) in fields.items():
        if required and name not in read:
            raise bad({"chat_id": "chat_id is empty", "text": "message text is empty"}.get(name, f"there is no {name}"))
    return read


def formatted(params: Json, field: str, limit: int) -> Formatted:
    """The text or caption of a request, without its markup; length is checked after the markup is parsed."""
    source, mode = params.get(field, ""), params.get("parse_mode", "")
    if mode and mode.lower() != "html":
        raise bad(f"unsupported parse_mode: only HTML is understood here, not {mode}")
    try:
        result = parse_html(source) if mode else plain(source)
    except MarkupError as error:
        raise bad(f"can't parse entities: {error}") from None
    entities = params.get("entities" if field == "text" else "caption_entities")
    if entities and not mode:
        result = result._replace(entities=entities)
    if field == "text" and not result.text:
        raise bad("message text is empty")
    if units(result.text) > limit:
        raise bad("message is too long" if field == "text" else "message caption is too long")
    return result


def inline_keyboard(params: Json) -> list[list[Json]] | None:
    """Rows of buttons, or None where the markup is absent, empty, or of another kind."""
    markup = params.get("reply_markup", {})
    rows = [row for row in markup.get("inline_keyboard", []) if row]
    for button in (button for row in rows for button in row):
        _check_button(button)
    return rows or None


def _check_button(button: Json) -> None:
    if not button["text"].strip():
        raise bad("can't parse inline keyboard button: Text must be non-empty")
    if len(set(button) - {"text", "style", "icon_custom_emoji_id"}) != 1:
        raise bad("can't parse inline keyboard button: exactly one action is expected")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= DATA_LIMIT:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        address = urlsplit(button["url"])
        # The real server refuses hosts without a dot (localhost) too: a start on such an address would fail there.
        if address.scheme not in ("http", "https", "tg") or (address.scheme != "tg" and "." not in address.netloc):
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def problems(value: object, kind: str, where: str = "") -> list[str]:
    """How a value differs from a published type, one line each; the tests hold the emulator's own answers to it."""
    if kind.startswith(ARRAY):
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        inner = kind.removeprefix(ARRAY)
        return [line for n, item in enumerate(value) for line in problems(item, inner, f"{where}[{n}]")]
    if kind in ("Integer", "String", "Boolean", "Float"):
        expected = {"Integer": int, "String": str, "Boolean": bool, "Float": float}[kind]
        fits = isinstance(value, expected) and (kind == "Boolean" or not isinstance(value, bool))
        return [] if fits else [f"{where}: not {kind}"]
    if not isinstance(value, dict):
        return [f"{where}: not an object of {kind}"]
    described = published()["types"].get(kind)
    if described is None:
        return []  # a published type whose inside is not imitated
    if "subtypes" in described:
        found = [problems(value, subtype, where) for subtype in described["subtypes"]]
        return min(found, key=len, default=[])
    unknown = [f"{where}.{name}: unknown in {kind}" for name in value if name not in described]
    missing = [
        f"{where}.{name}: missing" for name, (_types, needed) in described.items() if needed and name not in value
    ]
    inside = [
        min((problems(item, each, f"{where}.{name}") for each in described[name][0]), key=len)
        for name, item in value.items()
        if name in described
    ]
    return unknown + missing + [line for lines in inside for line in lines]


def _typed(value: object, types: list[str], name: str) -> object:
    """A value as its published type: forms carry everything as text, lists and objects as JSON text."""
    if isinstance(value, MultipartFile):
        if "InputFile" in types:
            return value
        raise bad(f"{name} must not be a file")
    if "Integer" in types and isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if types == ["Boolean"] and isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    if "String" in types:
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return value if "Integer" in types else str(value)
    elif isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name}: {' or '.join(types)} expected") from None
    wrong = min((problems(value, each, name) for each in types if each != "InputFile"), key=len, default=[name])
    if wrong:
        raise bad(f"can't parse {name}: {wrong[0]}")
    return value
