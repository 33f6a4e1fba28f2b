"""Draws the house out of its imports, docs/house.svg: python -m scripts.drawing

The floors are those of the import contracts, what a room is for is the first line of its `__init__.py`, the arrows are
the imports. An arrow that a longer way of arrows implies is left out, so that what is left can be followed by eye.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple
from xml.sax.saxutils import escape

from scripts.house import ROOT, Arrow, House, direct, house, in_order, inside, purpose, short

FILE = ROOT / "docs" / "house.svg"

BESIDE = {
    "tracker.server": "The two roots: they may import everything, and nothing imports them",
    "tracker.web": "Clients: thin, and none knows another",
    "tracker.services": "Verbs, floor upon floor, and beside them how things are said and written",
    "tracker.tables": "Columns and foreign keys: no logic",
    "tracker.domain": "Rules: pure, without database, clock, settings or words",
}
"""A room of the layer -> what is written over the layer."""
UNDERFOOT = "Underfoot: of no layer, asked from where it is needed"
NOTE = (
    "An arrow leads to what is imported. Left out: what a longer way of arrows says already, and the arrows to what is "
    "underfoot. Between layers one arrow stands for all."
)

WIDTH, EDGE, GAP, LANE, DOOR, PAD, SIDE = 900, 28, 22, 22, 24, 10, 170
LINE, LETTER, SMALL = 15, 5.9, 11 / 12
"""Height of a line of text, the width of its letters as wide fonts have them, and by what those over a layer exceed."""
STYLE = """
  .ground { fill: #ffffff } .layer { fill: #f3f1ec; stroke: #d8d3c8 } .room { fill: #ffffff; stroke: #8d8678 }
  text { font: 11px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #4a463f }
  .name { font-weight: 600; font-size: 13px; fill: #1f1d1a } .over { font-size: 12px; fill: #6b665c }
  .arrow { fill: none; stroke: #3d6fa5; stroke-width: 1.4; marker-end: url(#head) } .tip { fill: #3d6fa5 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #16181c } .layer { fill: #1f2227; stroke: #3a3f47 } .room { fill: #292d34; stroke: #6d7480 }
    text { fill: #b9bec7 } .name { fill: #f1f2f4 } .over { fill: #9aa1ac }
    .arrow { stroke: #7fb2e6 } .tip { fill: #7fb2e6 }
  }
"""


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


def stacked(order: Sequence[Sequence[str]], left: float, top: float, width: float) -> list[dict[str, Box]]:
    """A box for each room and lane. A floor is as wide as the house: its rooms share what the lanes leave."""
    found: list[dict[str, Box]] = []
    for floor in order:
        rooms = [one for one in floor if ">" not in one]
        lanes = len(floor) - len(rooms)
        each = (width - lanes * LANE - (len(rooms) - 1) * PAD) / len(rooms)
        height = max(needed(purpose(one), each) for one in rooms)
        boxes: dict[str, Box] = {}
        x = left
        for one in floor:
            boxes[one] = Box(x, top, LANE if ">" in one else each, height)
            x += LANE if ">" in one else each + PAD
        found.append(boxes)
        top += height + GAP
    return found


def lines(text: str, width: float) -> list[str]:
    return wrap(text, int((width - 2 * PAD) / LETTER))


def needed(text: str, width: float) -> float:
    return 2 * PAD + LINE * (1 + len(lines(text, width))) - 3


def svg(found: House) -> str:
    drawn: list[str] = []
    frames: dict[int, Box] = {}
    top = float(EDGE)
    for number, layer in enumerate(found.layers):
        shown, frames[number] = _layer(found, layer, top)
        drawn += shown
        top = frames[number].bottom + GAP
    drawn += _between(found, frames)
    shown, frame = _row(found.underfoot, UNDERFOOT, top, {one: _asked_by(found, one) for one in found.underfoot}, ())
    drawn += shown
    top = frame.bottom + LINE + 6
    for line in lines(NOTE, (WIDTH - 2 * EDGE) * SMALL):
        drawn.append(_text(EDGE, top, line, "over"))
        top += LINE
    return "\n".join(_whole(found, drawn, top))


def _whole(found: House, drawn: Iterable[str], height: float) -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="t d">'
    yield '<title id="t">The house: layers, rooms, and who imports whom</title>'
    yield f'<desc id="d">{escape(in_words(found))}</desc>'
    yield f"<style>{STYLE}</style>"
    yield '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    yield '<path class="tip" d="M0 0 8 4 0 8z"/></marker>'
    yield f'<rect class="ground" width="{WIDTH}" height="{height:g}"/>'
    yield from drawn
    yield "</svg>\n"


def in_words(found: House) -> str:
    """The same for those who do not see it."""
    layers = "; ".join(", ".join(short(one) for one in layer) for layer in found.layers)
    floors = "; ".join(", ".join(short(one) for one in floor) for floor in found.floors)
    arrows = ", ".join(f"{short(asking)} to {short(asked)}" for asking, asked in _inner(found))
    underfoot = ", ".join(short(one) for one in found.underfoot)
    return (
        f"Layers from the top: {layers}. Floors of the verbs from the top: {floors}. Between them lead {arrows}. "
        f"Underfoot: {underfoot}."
    )


def _inner(found: House) -> list[Arrow]:
    """The arrows between the floors of the verbs."""
    rooms = {room for floor in found.floors for room in floor}
    return direct({one for one in found.arrows if rooms.issuperset(one)})


def _layer(found: House, layer: Sequence[str], top: float) -> tuple[list[str], Box]:
    over = next(text for room, text in BESIDE.items() if room in layer)
    tall = found.floors[0][0].rpartition(".")[0]
    if tall in layer:
        return _tall(found, tall, [one for one in layer if one != tall], over, top)
    return _row(layer, over, top, {one: _rooms_in(one) for one in layer}, found.arrows)


def _rooms_in(room: str) -> str:
    packages, modules = inside(room)
    if short(room) == "domain":
        return f"{', '.join(packages)}; {', '.join(modules)}"
    return f"Rooms: {', '.join(packages)}" if packages else ""


def _asked_by(found: House, room: str) -> str:
    floors = {one for floor in found.floors for one in floor}
    return "Asked by " + ", ".join(
        sorted({"services" if asking in floors else short(asking) for asking, asked in found.arrows if asked == room})
    )


def _row(
    rooms: Sequence[str], over: str, top: float, more: Mapping[str, str], arrows: Collection[Arrow]
) -> tuple[list[str], Box]:
    """Rooms side by side in a frame, and who of them asks whom."""
    each = (WIDTH - 2 * EDGE - 2 * PAD - (len(rooms) - 1) * GAP) / len(rooms)
    texts = {one: [*lines(purpose(one), each), *lines(more[one], each)] for one in rooms}
    height = 2 * PAD + LINE * (1 + max(len(text) for text in texts.values())) - 3
    frame = Box(EDGE, top, WIDTH - 2 * EDGE, height + LINE + 2 * PAD + 6)
    drawn = _frame(frame, over)
    places = {
        one: Box(EDGE + PAD + number * (each + GAP), top + LINE + PAD + 6, each, height)
        for number, one in enumerate(rooms)
    }
    for one, box in places.items():
        drawn += _box(box, short(one), texts[one])
    drawn += [_sideways(places[a], places[b]) for a, b in direct({one for one in arrows if places.keys() >= set(one)})]
    return drawn, frame


def _tall(found: House, tall: str, others: Sequence[str], over: str, top: float) -> tuple[list[str], Box]:
    """The layer with floors of its own; what stands beside them in a column to the right."""
    width = WIDTH - 2 * EDGE - SIDE - GAP - 4 * PAD
    order = in_order(found.floors, _inner(found))
    inner = stacked(order, EDGE + 2 * PAD, top + 2 * LINE + 2 * PAD + 12, width)
    bottom = max(box.bottom for floor in inner for box in floor.values())
    shell = Box(EDGE + PAD, top + LINE + PAD + 6, width + 2 * PAD, bottom + PAD - top - LINE - PAD - 6)
    frame = Box(EDGE, top, WIDTH - 2 * EDGE, shell.bottom + PAD - top)
    drawn = [*_frame(frame, over), f'<rect class="room" {_place(shell)}/>']
    drawn.append(_text(shell.x + PAD, shell.y + LINE + 2, short(tall), "name"))
    for floor in inner:
        for one, box in floor.items():
            drawn += [] if ">" in one else _box(box, short(one), lines(purpose(one), box.width), "layer")
    drawn += [_curve(points) for points in _ways(found, inner)]
    beside = {tall: shell}
    each = (shell.height - GAP * (len(others) - 1)) / len(others)
    for number, one in enumerate(others):
        text = lines(purpose(one), SIDE)
        height = 2 * PAD + LINE * (1 + len(text)) - 3
        beside[one] = Box(shell.right + GAP, shell.y + number * (each + GAP) + (each - height) / 2, SIDE, height)
        drawn += _box(beside[one], short(one), text)
    rooms = {room for floor in found.floors for room in floor}
    arrows = {tuple(tall if end in rooms else end for end in one) for one in found.arrows}
    for asking, asked in direct({(a, b) for a, b in arrows if a != b and a in beside and b in beside}):
        drawn.append(_sideways(beside[asking], beside[asked]))
    return drawn, frame


def _sideways(asking: Box, asked: Box) -> str:
    if asking.right < asked.x:
        return _curve([(asking.right, asked.middle[1]), (asked.x, asked.middle[1])])
    if asked.right < asking.x:
        return _curve([(asking.x, asking.middle[1]), (asked.right, asking.middle[1])])
    return _curve([(asking.middle[0], asking.bottom), (asked.middle[0], asked.y)])


def _ways(found: House, inner: Sequence[Mapping[str, Box]]) -> Iterator[list[tuple[float, float]]]:
    """Where each arrow runs: from the bottom of a box, through its lanes, to the top of a box."""
    at = {one: number for number, floor in enumerate(inner) for one in floor if ">" not in one}
    for asking, asked in _inner(found):
        passed = [inner[number][f"{asking}>{asked}"] for number in range(at[asking] + 1, at[asked])]
        boxes = [inner[at[asking]][asking], *passed, inner[at[asked]][asked]]
        points: list[tuple[float, float]] = []
        for upper, lower in pairwise(boxes):
            start, end = _doors(upper, lower)
            points += [(start, upper.bottom), (end, lower.y)]
        yield points


def _doors(upper: Box, lower: Box) -> tuple[float, float]:
    """Straight down where there is room for it, else from the nearer end of each."""
    narrower = min(upper, lower, key=lambda one: one.width)
    left, right = max(upper.x, lower.x) + DOOR, min(upper.right, lower.right) - DOOR
    aim = narrower.middle[0] if narrower.width == LANE else (left + right) / 2
    return _door(upper, aim), _door(lower, aim)


def _door(box: Box, aim: float) -> float:
    """The place nearest to the aim that is not a corner; of a lane its middle."""
    return box.middle[0] if box.width == LANE else min(max(aim, box.x + DOOR), box.right - DOOR)


def _between(found: House, frames: Mapping[int, Box]) -> Iterator[str]:
    """From layer to layer; past a layer, along the left edge."""
    layer_of = {room: str(number) for number, layer in enumerate(found.layers) for room in layer}
    tall = found.floors[0][0].rpartition(".")[0]
    layer_of |= {room: layer_of[tall] for floor in found.floors for room in floor}
    pairs = {(layer_of[a], layer_of[b]) for a, b in found.arrows if a in layer_of and b in layer_of}
    for asking, asked in direct({one for one in pairs if one[0] != one[1]}):
        upper, lower = frames[int(asking)], frames[int(asked)]
        if int(asked) == int(asking) + 1:
            yield _curve([(WIDTH / 2, upper.bottom), (WIDTH / 2, lower.y)])
        else:
            side, start, end = EDGE / 3, upper.bottom - 2 * PAD, lower.y + 2 * PAD
            yield f'<path class="arrow" d="M{upper.x:g} {start:g}H{side:g}V{end:g}H{lower.x:g}"/>'


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Down through the points: straight inside a lane, bent between floors."""
    x, y = points[0]
    path = f"M{x:g} {y:g}"
    for to_x, to_y in points[1:]:
        half = (y + to_y) / 2
        straight = to_x == x or to_y == y
        path += f"L{to_x:g} {to_y:g}" if straight else f"C{x:g} {half:g} {to_x:g} {half:g} {to_x:g} {to_y:g}"
        x, y = to_x, to_y
    return f'<path class="arrow" d="{path}"/>'


def _frame(box: Box, over: str) -> list[str]:
    return [f'<rect class="layer" {_place(box)}/>', _text(box.x + PAD, box.y + LINE + 3, over, "over")]


def _box(box: Box, name: str, text: Sequence[str], kind: str = "room") -> list[str]:
    drawn = [f'<rect class="{kind}" {_place(box)}/>', _text(box.x + PAD, box.y + PAD + 10, name, "name")]
    return drawn + [_text(box.x + PAD, box.y + PAD + 10 + LINE * number, line) for number, line in enumerate(text, 1)]


def _place(box: Box) -> str:
    return f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="6"'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(text)}</text>'


if __name__ == "__main__":
    FILE.write_text(svg(house()))
