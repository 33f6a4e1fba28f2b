"""Templates: one environment per language, compiled once; dates and durations said in that language.

Rendering happens in the worker thread that holds the data, never on the event loop.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from tracker.domain.terms import OWN_COLUMNS
from tracker.paths import shipped
from tracker.wording.dates import full_day, long_day, moment, near_day, short_day, weekdays, worked
from tracker.wording.fields import label
from tracker.wording.languages import named_languages
from tracker.wording.marking import NC_
from tracker.wording.say import inside, say, say_n
from tracker.wording.words import WORDS, known_word, word


def initials(name: str) -> str:
    """«ПС» of «Пётр Соколов»; a person who stands for a role has one word: «Бу»."""
    parts = [part for part in name.split() if part[0].isalnum()]
    if len(parts) > 1:
        return (parts[0][0] + parts[1][0]).upper()
    return name[:2].capitalize()


BROWSERS = (("YaBrowser/", "Яндекс.Браузер"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
DEVICES = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


def browser_name(agent: str) -> str:
    """«Chrome · Windows» of what a browser says of itself: the first that fits, since each names the older ones too."""
    named = (next((name for mark, name in table if mark in agent), "") for table in (BROWSERS, DEVICES))
    return " · ".join(name for name in named if name) or agent


def web_address(text: str) -> str:
    """`text` if it is an http(s) address with a host, else nothing: what a person typed becomes no other link."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


def host_of(address: str) -> str:
    """The host shown beside a link, in its ASCII form: a look-alike letter shows."""
    host = urlsplit(address).hostname or ""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def breaks(text: str) -> Markup:
    """An address that may go on in the next line after a dot or an @, and not in the middle of a word."""
    return Markup(re.sub(r"([.@])(?=.)", r"\1<wbr>", str(escape(text))))


def _speaking(language: str) -> dict[str, Callable[..., Any]]:
    """The filters that depend on the language."""
    return {
        "day": lambda value, today: short_day(language, value, today) if value else "",
        "near_day": lambda value, today: near_day(language, value, today) if value else "",
        "full_day": lambda value: full_day(language, value),
        "long_day": lambda value: long_day(language, value),
        "moment": lambda value, zone, today: moment(language, value, zone, today) if value else "",
        "clock": lambda value, zone: f"{value.astimezone(zone):%H:%M}",
        "weekdays": lambda digits: weekdays(language, digits),
        "worked": lambda seconds: worked(language, seconds),
        "word": lambda value, kind: word(language, kind, value) if value else "",
        "known_word": lambda value, kind: known_word(language, kind, value),
    }


class _SaidAtOnce(NodeTransformer):
    """`_("…")` of a constant text becomes what it says, and so do the labels: each language compiles its own."""

    def __init__(self, language: str) -> None:
        self.language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(text))], kwargs=[]):
                return nodes.Const(say(self.language, text), lineno=node.lineno)
            case nodes.Call(
                node=nodes.Name(name="pgettext"),
                args=[nodes.Const(value=str(context)), nodes.Const(value=str(text))],
                kwargs=[],
            ):
                return nodes.Const(say(self.language, NC_(context, text)), lineno=node.lineno)
            case nodes.Call(node=nodes.Name(name="label_of"), args=[nodes.Const(value=str(field))], kwargs=[]):
                return nodes.Const(label(self.language, field), lineno=node.lineno)
        return self.generic_visit(node)


class _Speaking(Environment):
    """An environment of one language. Said at each drawing, the constant texts were a quarter of a row's time."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _SaidAtOnce(str(self.globals["language"])).visit(super()._parse(source, name, filename))
        return tree


@cache
def environment(language: str) -> Environment:
    made = _Speaking(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # The files of an installed program do not change under it; in a checkout a restart shows an edit.
        auto_reload=False,
    )
    made.filters.update(_speaking(language))
    made.filters.update(
        initials=initials,
        browser=browser_name,
        web_address=web_address,
        host=lambda address: breaks(host_of(address)),
        breaks=breaks,
        inside=inside,
        clock_there=lambda at, zone: f"{at.astimezone(ZoneInfo(zone)):%H:%M}",
        iso=lambda value: value.isoformat() if value else "",
        from_seconds=lambda value: datetime.fromtimestamp(value, UTC),
    )
    made.globals.update(
        _=lambda text, /, **facts: say(language, text, **facts),
        pgettext=lambda context, text, /, **facts: say(language, NC_(context, text), **facts),
        ngettext=lambda one, many, n, /, **facts: say_n(language, one, many, n, **facts),
        language=language,
        languages=named_languages,
        label_of=lambda field, of="task": label(language, field, of),
        own_columns=OWN_COLUMNS,
        words=lambda kind: [(value, say(language, text)) for value, text in WORDS[kind].items()],
        days_after=lambda day, days: day + timedelta(days=days),
    )
    return made


def render(name: str, language: str, **context: Any) -> str:
    """The template `name` (`tasks/page.html`) in `language`."""
    return environment(language).get_template(name).render(context)


@cache
def macro(name: str, part: str, language: str) -> Callable[..., Any]:
    """One macro of a template file, for what a page and a single update draw alike."""
    found: Callable[..., Any] = getattr(environment(language).get_template(name).module, part)
    return found
