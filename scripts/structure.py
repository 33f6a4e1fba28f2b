"""The house in numbers: folders, files, functions, imports, templates, tests. `structure.py [FOLDER]` of a checkout."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import grimp

PACKAGES = ("tracker", "bot")
LONG_FILE, LONG_FUNCTION, LONG_LINE = 300, 40, 160
HERE = Path(__file__).resolve().parents[1]


class File(NamedTuple):
    """`name`: its path in the checkout."""

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(ast.parse(self.text))


def files(root: Path, *tops: str, pattern: str = "*.py") -> list[File]:
    """Without migrations: a schema that has been released is not edited any more."""
    found = [file for top in tops for file in sorted((root / top).rglob(pattern)) if "versions" not in file.parts]
    return [File(str(file.relative_to(root)), file.read_text()) for file in found]


def listed(lines: list[str]) -> str:
    return "".join(f"\n    {line}" for line in lines)


def full_folders(root: Path) -> Iterator[str]:
    for title, tops in (("files in one folder, most", PACKAGES), ("test files in one folder, most", ("tests",))):
        names = [Path(file.name) for file in files(root, *tops)]
        ((folder, most),) = Counter(name.parent for name in names if name.stem != "__init__").most_common(1)
        yield f"{title}: {most} ({folder})"


def long_files(root: Path) -> Iterator[str]:
    for title, tops in (("files", PACKAGES), ("test files", ("tests",))):
        long = sorted(((len(file.lines), file.name) for file in files(root, *tops)), reverse=True)
        long = [(lines, name) for lines, name in long if lines > LONG_FILE]
        yield f"{title} over {LONG_FILE} lines: {len(long)}" + listed([f"{lines} {name}" for lines, name in long])


def long_functions(root: Path) -> Iterator[str]:
    lengths = [
        ((node.end_lineno or 0) - node.lineno + 1, f"{file.name}: {node.name}")
        for file in files(root, *PACKAGES)
        for node in file.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [(lines, name) for lines, name in sorted(lengths, reverse=True) if lines > LONG_FUNCTION]
    yield f"functions over {LONG_FUNCTION} lines: {len(long)}" + listed([f"{lines} {name}" for lines, name in long])


def circles(graph: grimp.ImportGraph) -> dict[str, frozenset[str]]:
    """Each module with all that it imports, however far, and that import it; alone with itself where all is well."""
    far = {module: graph.find_upstream_modules(module) for module in graph.modules}
    return {one: frozenset({one, *(other for other in far[one] if one in far[other])}) for one in far}


def imports(root: Path) -> Iterator[str]:
    sys.path.insert(0, str(root))
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    circle = circles(graph)

    @cache
    def chain(modules: frozenset[str]) -> tuple[str, ...]:
        """The longest way down from a module, or from a circle, which counts as one."""
        below = {circle[other] for one in modules for other in graph.find_modules_directly_imported_by(one)} - {modules}
        return (min(modules), *max((chain(one) for one in sorted(below, key=min)), key=len, default=()))

    deepest = max((chain(one) for one in sorted(set(circle.values()), key=min)), key=len)
    yield f"deepest import chain: {len(deepest)}" + listed([" → ".join(deepest)])
    real = sorted(", ".join(sorted(one)) for one in set(circle.values()) if len(one) > 1)
    yield f"import circles: {len(real)}" + listed(real)


def kept_from_the_formatter(root: Path) -> Iterator[str]:
    marked = Counter(
        file.name.split("/")[0]
        for file in files(root, *PACKAGES, "tests", "bench", "scripts")
        for line in file.lines
        if line.endswith("# fmt: skip")
    )
    each = ", ".join(f"{top} {n}" for top, n in marked.most_common())
    yield f"statements kept from the formatter: {marked.total()} ({each})"


def template_lines(root: Path) -> Iterator[str]:
    lengths = [len(line) for file in files(root, "templates", pattern="*.*") for line in file.lines]
    long = [length for length in lengths if length > LONG_LINE]
    share = f"{len(long)}, {100 * len(long) / len(lengths):.1f} %; longest {max(lengths)}"
    yield f"template lines over {LONG_LINE} characters: {share}"


def doubled_names(root: Path) -> Iterator[str]:
    classes = Counter(
        node.name for file in files(root, *PACKAGES) for node in file.nodes if isinstance(node, ast.ClassDef)
    )
    doubled = [f"{name} {n}" for name, n in classes.most_common() if n > 1]
    yield f"class names defined more than once: {len(doubled)}" + listed([", ".join(doubled)])


def mirror(root: Path) -> Iterator[str]:
    """A test of `tasks/editing.py` is `tasks/test_editing.py` or `tasks/test_editing_<topic>.py`."""
    modules = {file.name.removeprefix("tracker/").removesuffix(".py") for file in files(root, *PACKAGES)}
    tests = [Path(file.name).relative_to("tests") for file in files(root, "tests", pattern="test_*.py")]

    def has_module(test: Path) -> bool:
        words = test.stem.removeprefix("test_").split("_")
        return any(str(test.with_name("_".join(words[:n]))) in modules for n in range(1, len(words) + 1))

    alone = [test for test in tests if not has_module(test)]
    yield f"test files without a module at the mirrored place: {len(alone)} of {len(tests)}"


FIGURES = (
    full_folders, long_files, long_functions, imports, kept_from_the_formatter, template_lines, doubled_names, mirror,
)  # fmt: skip

if __name__ == "__main__":
    checkout = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE
    for figure in FIGURES:
        print(*figure(checkout), sep="\n")
