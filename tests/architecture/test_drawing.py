"""The drawing of the house: made by a command out of the imports, so that it can't say what is not so."""

from scripts.drawing import FILE, svg
from scripts.house import direct, house, in_order


def test_the_drawing_is_what_the_imports_are_now() -> None:
    assert FILE.read_text() == svg(house()), "the house has changed: make drawing"


def test_an_arrow_that_a_longer_way_implies_is_left_out() -> None:
    assert direct({("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("a", "e")}) == [
        ("a", "b"),
        ("a", "e"),
        ("b", "c"),
        ("c", "d"),
    ]


def test_an_arrow_past_a_floor_has_a_lane_of_its_own_there() -> None:
    floors = in_order([["a"], ["b"], ["c"]], [("a", "b"), ("a", "c")])
    assert [sorted(floor) for floor in floors] == [["a"], ["a>c", "b"], ["c"]]


def test_the_order_of_the_rooms_untangles_the_arrows() -> None:
    upper, lower = in_order([["a", "b"], ["c", "d"]], [("a", "d"), ("b", "c")])
    assert [{"a": "d", "b": "c"}[room] for room in upper] == lower
