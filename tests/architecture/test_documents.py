"""What the pages and the docstrings name is there: what leads to a file that was moved leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
CODE = sorted(file for folder in ("tracker", "bot", "tests") for file in (ROOT / folder).rglob("*.py"))
BASES = (ROOT, ROOT / "tracker")
FOLDERS = {folder.name for base in BASES for folder in base.iterdir() if folder.is_dir()}
DOTTED = re.compile(r"`([a-z_]+(?:\.[a-zA-Z_]+)+)(?:\(.*?\))?`")


def paths(text: str) -> Iterator[str]:
    """Those in backticks, from the root or from `tracker/`; `<noun>` and `*` stand for many and are left out."""
    for one in re.findall(r"`([^`\s]+/[^`\s]*)`", text):
        if one.split("/")[0] in FOLDERS and not re.search(r"[<*{…]", one):
            yield one


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text) + re.findall(r'src="([^"]+)"', text)
    lost = [one for one in links if not (page.parent / one).exists()]
    assert lost + [one for one in paths(text) if not any((base / one).exists() for base in BASES)] == []


def test_every_module_that_a_docstring_names_is_there() -> None:
    texts = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in CODE}
    known = {name: file.read_text() for name, file in texts.items()}
    rooms = {part for name in known for part in name.split(".")[:2]}

    def leads(name: str) -> bool:
        """To a module, or to a word that stands in one."""
        tried = [f"{base}{name}" for base in ("", "tracker.", "tracker.services.", "tests.")]
        inside = [one.rpartition(".") for one in tried]
        return any(one in known for one in tried) or any(
            room in known and re.search(rf"\b{word}\b", known[room]) for room, _, word in inside
        )

    lost = [
        f"{name}: {one}"
        for name, text in known.items()
        for one in DOTTED.findall(text)
        if one.split(".")[0] in rooms and not one.endswith(".py") and not leads(one)
    ]
    assert lost == []
