"""Marks a text for the catalogs where it is not said at once: in a table, in a variable."""


def N_(text: str) -> str:
    """`text` as it is: the mark by which `make messages` finds what `say` will be given later."""
    return text
