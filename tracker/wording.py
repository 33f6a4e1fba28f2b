"""Words in the person's language: gettext over `locale/<language>/*.po`, English being the text in the code.

The catalogs are read as they are edited (.po): nothing to compile, nothing to forget in the wheel.
"""

import gettext as gnu
import io
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent / "locale"
LANGUAGES = ("ru", "en")


def catalog(language: str) -> Catalog:
    """All .po files of a language as one catalog; English has none."""
    whole = Catalog(locale=language)
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole.add(message.id, message.string, context=message.context)
    return whole


@cache
def translations(language: str) -> gnu.NullTranslations:
    if language == "en" or language not in LANGUAGES:
        return gnu.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalog(language))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def say(language: str, text: str, /, **facts: Any) -> str:
    """`text` in `language`, with its {facts} filled in. Extracted as a msgid by `make messages`."""
    said = translations(language).gettext(text)
    return said.format(**facts) if facts else said


def say_n(language: str, one: str, many: str, n: int, /, **facts: Any) -> str:
    """The plural form for `n` (which is a fact too), by the language's own rule."""
    return translations(language).ngettext(one, many, n).format(n=n, **facts)
