"""The catalogs: draws the texts out of the code, brings each language up to date, and says what is wrong with it.

`--check` changes no file; what `make messages` would change is then wrong as well.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "tracker" / "locale"
SOURCES = ("tracker", "bot", "templates")

TEMPLATE_HEADER = r"""# The texts of Auftakt, drawn out of the code by `make messages`; auftakt.pot is made anew.
# Copyright (C) the Auftakt authors
# This file is distributed under the same license as Auftakt.
#
# Kind, tactful, persistent. Nobody is blamed and nothing is shouted: no exclamation mark but in a greeting, no verb
# that needs somebody's gender, names in the nominative. What stands in {braces} is filled in and stays as it is.
msgid ""
msgstr ""
"Project-Id-Version: Auftakt VERSION\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""

FIELD = re.compile(r"\{(\w*)[^{}]*\}")
OFF_TONE = {"ru": re.compile(r"просроч|\(а\)", re.IGNORECASE), "en": re.compile(r"overdue|\(s\)he", re.IGNORECASE)}
"""What the tone rules out, by language; a shout is one in all of them."""
GREETING = re.compile(r"\bgood day!$", re.IGNORECASE)


def drawn_out() -> Catalog:
    """The texts in the code and in the templates, each with the files that say it."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog(charset="utf-8")
    for source in SOURCES:
        texts = extract_from_dir(
            ROOT / source, methods, options, comment_tags=["translators:"], strip_comment_tags=True
        )
        for name, line, text, comments, context in texts:
            found.add(text, None, [(f"{source}/{name}", line)], auto_comments=comments, context=context)
    return found


def written(catalog: Catalog, header: str) -> str:
    """A catalog as it stands in its file. Sorted, unwrapped and without line numbers: an edit elsewhere moves no line
    of it, and two branches that add a text each seldom meet. The header is handed over as it was: Babel would put
    today's date into it, and drop what Poedit and Weblate note there."""
    body = BytesIO()
    write_po(body, catalog, width=0, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return f"{header.rstrip()}\n\n{body.getvalue().decode().strip()}\n"


def languages() -> Iterator[tuple[str, Path]]:
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/auftakt.po")):
        yield path.parts[-3], path


def read(language: str, source: str) -> Catalog:
    """The text of a file as a catalog. PoFileError: it is none, or it has more plural forms than its header says."""
    return read_po(BytesIO(source.encode()), locale=language, abort_invalid=True)


def brought_up(language: str, source: str, template: Catalog) -> Catalog:
    """The catalog of a language with the texts of the template: new ones are empty, or guessed and marked as fuzzy."""
    catalog = read(language, source)
    catalog.update(template, update_creation_date=False)
    return catalog


def update(template: Catalog) -> None:
    (LOCALE / "auftakt.pot").write_text(written(template, TEMPLATE_HEADER))
    for language, path in languages():
        source = path.read_text()
        header = source.split("\n\n", 1)[0]
        path.write_text(written(brought_up(language, source, template), header))


def problems(template: Catalog) -> Iterator[str]:
    pot = LOCALE / "auftakt.pot"
    if pot.read_text() != written(template, TEMPLATE_HEADER):
        yield f"{pot.name}: not what the code says, run `make messages`"
    for text in map(text_of, template):
        if OFF_TONE["en"].search(text) or ("!" in text and not GREETING.search(text)):
            yield f"{text!r}: off tone"
    for language, path in languages():
        yield from (f"{language}: {problem}" for problem in _problems(language, path.read_text(), template))


def _problems(language: str, source: str, template: Catalog) -> Iterator[str]:
    catalog = read(language, source)
    # Compared in one form: a tool of the translators may wrap its lines elsewhere.
    if written(catalog, "") != written(brought_up(language, source, template), ""):
        yield "not what the code says, run `make messages`"
    for message in [*catalog, *catalog.obsolete.values()]:
        if message.id:
            named = f"line {message.lineno} {text_of(message)!r}"
            if template.get(message.id, message.context) is None:
                yield f"{named}: nobody says it"
            yield from (f"{named}: {problem}" for problem in _wrong(language, message))
    for message in template:
        if message.id and catalog.get(message.id, message.context) is None:
            yield f"{message.locations[0][0]} {text_of(message)!r}: no translation"


def _wrong(language: str, message: Message) -> Iterator[str]:
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if message.fuzzy or not forms or not all(forms):
        yield "not translated yet"
    text = text_of(message)
    fields = set(FIELD.findall(text)) - {"n"}
    if any(set(FIELD.findall(form)) - {"n"} != fields for form in forms if form):
        yield "not the fields of the English text"
    tone = OFF_TONE.get(language)
    if any(form.count("!") > text.count("!") or (tone is not None and tone.search(form)) for form in forms):
        yield "off tone"


def text_of(message: Message) -> str:
    """The English text; of two forms the singular."""
    return message.id if isinstance(message.id, str) else message.id[0]


def main() -> int:
    template = drawn_out()
    if "--check" not in sys.argv[1:]:
        update(template)
    found = list(problems(template))
    print("\n".join(found) or "All texts are translated")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
