"""Telegram's HTML: to plain text, entities (offsets in UTF-16 units) and a rendering that is safe to show."""

import re
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
SHOWN = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "span", "code": "code",
    "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*>")
ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
REFERENCE = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class MarkupError(ValueError):
    """Why the markup does not parse, in the words of the real server."""


class Formatted(NamedTuple):
    text: str
    entities: list[dict[str, Any]]
    html: str


class _Open(NamedTuple):
    tag: str
    kind: str
    url: str
    start: int


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def plain(text: str) -> Formatted:
    """Text without markup; its ends are trimmed as the server does."""
    text = text.strip()
    return Formatted(text, [], escape(text))


def typed(text: str) -> Formatted:
    """What a person typed: commands and addresses become entities by themselves."""
    found = [
        {"type": kind, "offset": units(text[: match.start()]), "length": units(match.group())}
        for kind, pattern in (("bot_command", r"(?<!\S)/\w{1,32}(?:@\w+)?"), ("url", r"https?://\S+"))
        for match in re.finditer(pattern, text)
    ]
    return Formatted(text, found, escape(text))


def parse_html(source: str) -> Formatted:
    """Raises MarkupError for whatever the real server refuses: a stray `<`, an unknown, unclosed or crossed tag."""
    text, shown, entities, stack = "", "", [], list[_Open]()
    at = 0
    while at < len(source):
        mark = source[at]
        if mark == "&" and (reference := REFERENCE.match(source, at)):
            decoded = _decode(reference)
            text, shown, at = text + decoded, shown + escape(decoded), reference.end()
        elif mark == "<":
            tag = TAG.match(source, at)
            offset = len(source[:at].encode())
            if tag is None:
                raise MarkupError(f'Unsupported start tag "{source[at + 1 : at + 12]}" at byte offset {offset}')
            name = tag[2].lower()
            if tag[1]:
                opened = _close(stack, name, offset)
                shown += "</a>" if opened.kind == "text_link" else f"</{SHOWN[opened.kind]}>"
                if entity := _entity(opened, text):
                    entities.append(entity)
            else:
                opened = _opened(name, tag[3], units(text), offset)
                shown += _shown(opened)
                stack.append(opened)
            at = tag.end()
        else:
            text, shown, at = text + mark, shown + escape(mark), at + 1
    if stack:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    return _trimmed(text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"])), shown)


def _decode(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if name:
        return NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else reference.group()


def _opened(name: str, attributes: str, start: int, offset: int) -> _Open:
    given = {found[1].lower(): found[2] or found[3] or found[4] or "" for found in ATTRIBUTE.finditer(attributes)}
    if name not in KINDS:
        raise MarkupError(f'Unsupported start tag "{name}" at byte offset {offset}')
    if name == "span" and given.get("class") != "tg-spoiler":
        raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    # A real server keeps a link's text and drops an address it does not like; so do we.
    address = REFERENCE.sub(_decode, given.get("href", ""))
    link = address if name == "a" and urlsplit(address).scheme in ("http", "https", "tg", "mailto") else ""
    return _Open(name, KINDS[name], link, start)


def _close(stack: list[_Open], name: str, offset: int) -> _Open:
    if not stack:
        raise MarkupError(f"Unexpected end tag at byte offset {offset}")
    if stack[-1].tag != name:
        expected = stack[-1].tag
        raise MarkupError(f'Unmatched end tag at byte offset {offset}, expected "</{expected}>", found "</{name}>"')
    return stack.pop()


def _shown(opened: _Open) -> str:
    if opened.kind != "text_link":
        return f"<{SHOWN[opened.kind]}>"
    return f'<a href="{escape(opened.url)}" rel="noopener noreferrer">' if opened.url else "<a>"


def _entity(opened: _Open, text: str) -> dict[str, Any] | None:
    length = units(text) - opened.start
    if not length or (opened.kind == "text_link" and not opened.url):
        return None
    entity = {"type": opened.kind, "offset": opened.start, "length": length}
    return {**entity, "url": opened.url} if opened.kind == "text_link" else entity


def _trimmed(text: str, entities: list[dict[str, Any]], shown: str) -> Formatted:
    lead = units(text) - units(text.lstrip())
    text = text.strip()
    size = units(text)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] - lead + entity["length"], size)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return Formatted(text, kept, shown.strip())
