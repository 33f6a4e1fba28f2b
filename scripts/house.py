"""What the drawing shows: layers and floors by the import contracts, arrows by the imports, order by the arrows."""

import ast
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import grimp  # it comes with import-linter, which asks the same graph

ROOT = Path(__file__).resolve().parents[1]

Arrow = tuple[str, str]
"""From the room that imports to the room that is imported."""
Floors = Sequence[Sequence[str]]
"""From the top; of each its rooms."""


class House(NamedTuple):
    """`floors`: of the verbs, `layers`: of the whole. `arrows`: between all rooms, those underfoot as well."""

    layers: Floors
    floors: Floors
    underfoot: Sequence[str]
    arrows: Collection[Arrow]


def house() -> House:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    whole, verbs = (_contract(contracts, containers) for containers in (None, ["tracker.services"]))
    graph = grimp.build_graph("tracker", "bot", cache_dir=None)
    layers = [[name for name in _named(line, "") if name in graph.modules] for line in whole]
    floors = [_named(line, "tracker.services.") for line in verbs]
    placed = {name for layer in layers for name in layer}
    underfoot = sorted(graph.find_children("tracker") - placed)
    rooms = {*placed, *underfoot, *(name for floor in floors for name in floor)}
    arrows = {
        (asking, asked)
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if (asking := _room_of(module, rooms)) != (asked := _room_of(imported, rooms)) and asking and asked
    }
    return House(layers, floors, underfoot, arrows)


def _contract(contracts: Iterable[Mapping[str, Any]], containers: list[str] | None) -> list[str]:
    """The lines of the contract of layers that holds for these packages; None: for the whole."""
    found = (one for one in contracts if one["type"] == "layers" and one.get("containers") == containers)
    lines: list[str] = next(found)["layers"]
    return lines


def _named(line: str, prefix: str) -> list[str]:
    return [prefix + name.strip(" ()") for name in line.replace("|", ":").split(":")]


def _room_of(module: str, rooms: Collection[str]) -> str:
    """The innermost room that it stands in; empty for the packages themselves."""
    return max((room for room in rooms if f"{module}.".startswith(f"{room}.")), key=len, default="")


def direct(arrows: Collection[Arrow]) -> list[Arrow]:
    """Those that no longer way implies."""
    return sorted(one for one in arrows if one[1] not in _reached(one[0], set(arrows) - {one}))


def _reached(start: str, arrows: Collection[Arrow]) -> set[str]:
    found, front = set[str](), {start}
    while front:
        front = {asked for asking, asked in arrows if asking in front} - found
        found |= front
    return found


def purpose(room: str) -> str:
    """The first sentence of its docstring, without the name that stands above it anyway."""
    folder = ROOT / room.replace(".", "/")
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    said = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]
    first = said.partition(". ")[0].removesuffix(".").replace("`", "")
    return first.removeprefix(f"{short(room).capitalize()}: ")


def inside(room: str) -> tuple[list[str], list[str]]:
    """The packages in it, and the modules."""
    folder = ROOT / room.replace(".", "/")
    packages = sorted(one.parent.name for one in folder.glob("*/__init__.py"))
    return packages, sorted(one.stem for one in folder.glob("*.py") if one.stem != "__init__")


def short(room: str) -> str:
    return room.rpartition(".")[2]


def in_order(floors: Floors, arrows: Iterable[Arrow]) -> list[list[str]]:
    """The rooms of each floor from left to right, and among them the lanes of the arrows that pass it: `from>to`.

    Each item moves towards the middle of what it is tied to, a few times down and up, from two beginnings; kept is
    the order with the fewest crossings, and of those the one whose arrows are straightest.
    """
    at = {room: number for number, floor in enumerate(floors) for room in floor}
    order = [list(floor) for floor in floors]
    ties: list[Arrow] = []
    for asking, asked in arrows:
        lanes = [f"{asking}>{asked}"] * (at[asked] - at[asking] - 1)
        for number, lane in enumerate(lanes, start=at[asking] + 1):
            order[number].append(lane)
        way = [asking, *(f"{lane}@{number}" for number, lane in enumerate(lanes, at[asking] + 1)), asked]
        ties += pairwise(way)
    named = [[f"{one}@{number}" if ">" in one else one for one in floor] for number, floor in enumerate(order)]
    tried = [named, [floor[::-1] for floor in named]]
    for turn in range(24):
        tried.append(_swept(tried[-2], ties, down=turn % 4 < 2))
    best = min(tried, key=lambda one: _tangle(one, ties))
    return [[one.partition("@")[0] for one in floor] for floor in best]


def _swept(order: list[list[str]], ties: Sequence[Arrow], *, down: bool) -> list[list[str]]:
    found = [list(floor) for floor in order]
    numbers = range(1, len(found)) if down else range(len(found) - 2, -1, -1)
    for number in numbers:
        place = _places(found[number - 1] if down else found[number + 1])
        towards = {one: _tied(one, ties, place) for one in found[number]}
        own = _places(found[number])
        found[number].sort(key=lambda one: sum(towards[one]) / len(towards[one]) if towards[one] else own[one])
    return found


def _places(floor: Sequence[str]) -> dict[str, float]:
    return {one: (number + 0.5) / len(floor) for number, one in enumerate(floor)}


def _tied(one: str, ties: Iterable[Arrow], place: Mapping[str, float]) -> list[float]:
    return [place[other] for tie in ties if one in tie for other in tie if other != one and other in place]


def _tangle(order: Sequence[Sequence[str]], ties: Collection[Arrow]) -> tuple[int, float]:
    """How many arrows cross, and how far they lead aside."""
    crossings, aside = 0, 0.0
    for upper, lower in pairwise(order):
        above, below = _places(upper), _places(lower)
        between = [(above[one], below[other]) for one, other in ties if one in above and other in below]
        crossings += sum((a - c) * (b - d) < 0 for a, b in between for c, d in between)
        aside += sum(abs(a - b) for a, b in between)
    return crossings, round(aside, 6)
