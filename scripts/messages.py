"""Compares the texts in the code with the Russian catalogs: each text translated, no translation idle or off tone."""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
CATALOGS = ROOT / "tracker" / "locale" / "ru"
PLURALS = 3  # одна задача, две задачи, пять задач

# Function: which of its arguments are texts. The first of `say` is the language; `N_` marks a text said elsewhere.
PYTHON = {"say": [1], "say_n": [1, 2], "_": [0], "N_": [0], "gettext": [0], "ngettext": [0, 1]}
TEMPLATES = ["_", "_n", "gettext", "ngettext", "say", "say_n"]

FIELD = re.compile(r"\{(\w*)[^{}]*\}")
# The tone is decided: nobody is blamed and nothing is shouted. A greeting greets.
OFF_TONE = re.compile(r"(?<!добрый день)!|просроч|\(а\)", re.IGNORECASE)


def in_python() -> tuple[dict[str, str], set[str]]:
    """The marked texts with a place of each, and all strings there are (a table of labels is said by variable)."""
    marked: dict[str, str] = {}
    strings: set[str] = set()
    for file in [*ROOT.glob("tracker/**/*.py"), *ROOT.glob("bot/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                texts = [node.args[i] for i in PYTHON.get(name, []) if i < len(node.args)]
                found = [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]
                if found:
                    marked[found[0]] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return marked, strings


def in_templates() -> Iterator[tuple[str, str]]:
    for path in ROOT.glob("templates/**/*"):
        if path.is_file():
            with path.open("rb") as file:
                for line, _, message, _ in babel_extract(file, TEMPLATES, [], {"silent": "false"}):
                    text = message if isinstance(message, str) else next(t for t in message or () if isinstance(t, str))
                    yield text, f"{path.relative_to(ROOT)}:{line}"


def problems() -> Iterator[str]:
    marked, strings = in_python()
    marked |= dict(in_templates())
    said: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for path in sorted(CATALOGS.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="ru"):
                if not message.id:
                    continue
                text = message.id if isinstance(message.id, str) else message.id[0]
                forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
                said[text].add(forms)
                place = f"{path.name}:{message.lineno} {text!r}"
                if "fuzzy" in message.flags or not all(forms):
                    yield f"{place}: not translated yet"
                if message.pluralizable and len(forms) != PLURALS:
                    yield f"{place}: needs {PLURALS} forms"
                fields = set(FIELD.findall(text)) - {"n"}
                if any(set(FIELD.findall(form)) - {"n"} != fields for form in forms):
                    yield f"{place}: not the fields of the English text"
                if any(OFF_TONE.search(form) for form in forms):
                    yield f"{place}: off tone"
                if text not in marked and text not in strings:
                    yield f"{place}: nobody says it"
    for text, translations in said.items():
        if len(translations) > 1:
            yield f"{text!r}: two translations, {' and '.join(str(forms) for forms in sorted(translations))}"
    for text in sorted(marked.keys() - said.keys()):
        if re.search(r"[A-Za-z]{2}", FIELD.sub("", text)):
            yield f"{marked[text]} {text!r}: no translation"


def main() -> int:
    found = list(problems())
    print("\n".join(found) or "All texts are translated")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
