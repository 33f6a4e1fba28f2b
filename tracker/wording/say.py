"""Words in the person's language: gettext over `locale/<language>/LC_MESSAGES/auftakt.po`, English stands in the code.

The catalogs are read as they are edited (.po, in some 40 ms): nothing to compile, nothing to forget in the wheel.
"""

import gettext as gnu
import io
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tracker.wording.languages import SOURCE, catalog_of, languages
from tracker.wording.marking import CONTEXT_ENDS


class _AsWritten(gnu.NullTranslations):
    """What stands in the code: English, and whatever a language does not say yet."""

    def gettext(self, message: str) -> str:
        return message.rpartition(CONTEXT_ENDS)[2]


@cache
def translations(language: str) -> gnu.NullTranslations:
    if language == SOURCE or language not in languages():
        return _AsWritten()
    compiled = io.BytesIO()
    with catalog_of(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    found = gnu.GNUTranslations(compiled)
    found.add_fallback(_AsWritten())
    return found


def say(language: str, text: str, /, **facts: Any) -> str:
    """`text` (of N_ or NC_, where it is no constant) in `language`, with its {facts} filled in."""
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
