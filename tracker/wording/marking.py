"""Marks a text for the catalogs where it is not said at once: in a table, in a variable."""

CONTEXT_ENDS = "\x04"
"""Between a context and its text, as gettext keeps them in its catalogs."""


def N_(text: str) -> str:
    """`text` as it is: the mark by which `make messages` finds what `say` will be given later."""
    return text


def NC_(context: str, text: str) -> str:
    """The same for an English text that means several things: `context` says which. `say` shows the text alone."""
    return f"{context}{CONTEXT_ENDS}{text}"
