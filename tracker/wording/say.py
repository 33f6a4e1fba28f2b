"""Words in the person's language: gettext over `locale/<language>/LC_MESSAGES/auftakt.po`, English stands in the code.

The catalogs are read as they are edited (.po, in some 40 ms): nothing to compile, nothing to forget in the wheel.
"""

import gettext as gnu
import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"
LANGUAGES = ("ru", "en")


@cache
def translations(language: str) -> gnu.NullTranslations:
    if language == "en" or language not in LANGUAGES:
        return gnu.NullTranslations()
    compiled = io.BytesIO()
    with (LOCALE / language / "LC_MESSAGES" / "auftakt.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def say(language: str, text: str, /, **facts: Any) -> str:
    """`text` in `language`, with its {facts} filled in. Extracted as a msgid by `make messages`."""
    said = translations(language).gettext(text)
    return filled(said, facts) if facts else said


def say_n(language: str, one: str, many: str, n: int, /, **facts: Any) -> str:
    """The plural form for `n` (which is a fact too), by the language's own rule."""
    return filled(translations(language).ngettext(one, many, n), {"n": n, **facts})


QUOTES = {"«": str.maketrans("«»", "„“"), "“": str.maketrans("“”", "‘’")}
"""Opening mark -> how quotation marks are written inside of it: «Поле „телефон“», “The ‘phone’ field”."""


def filled(said: str, facts: Mapping[str, Any]) -> str:
    """`said` with its {facts}; a fact that it puts into quotation marks has inner ones for its own."""
    quoted = _quoted(said)
    return said.format(
        **{name: inside(value, quoted[name]) if name in quoted else value for name, value in facts.items()}
    )


def inside(value: Any, mark: str = "«") -> Any:
    """A text as it stands between quotation marks, of which `mark` is the opening one."""
    return value.translate(QUOTES[mark]) if isinstance(value, str) else value


@cache
def _quoted(said: str) -> Mapping[str, str]:
    """The names of the facts between quotation marks -> the opening mark."""
    spans = re.findall(r"(«)([^»]*)»|(“)([^”]*)”", said)
    return {name: one or two for one, a, two, b in spans for name in re.findall(r"\{(\w+)", a or b)}
