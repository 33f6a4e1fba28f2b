"""The order of names as a person expects it: «Интеграция 2» before «Интеграция 10», «Ёлка» beside «Еда».

A database sorts by signs, and each of the two by other rules: lists of names are sorted here, once they are read.
"""

import re


def by_name(name: str | None) -> tuple[str | int, ...]:
    """A key: texts and numbers in turn, so that like is compared with like. Without a name one comes last."""
    if not name:
        return ("\U0010ffff",)
    parts = re.split(r"([0-9]+)", name.casefold().replace("ё", "е"))
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))
