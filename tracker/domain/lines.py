"""Texts as they are kept and told: what a screen can show, and in one line where a line is meant.

A line break in a title would forge lines of a digest: whatever stands within a line is put into one where it is written
down, and once more where it is told, since rows of before and names of Telegram's have not been through here.
"""


def legible(text: str) -> str:
    """As it was written, without outer space and the control characters that no screen shows."""
    if not text.isprintable():
        text = "".join(map(_shown, text.replace("\r\n", "\n").replace("\r", "\n")))
    return text.strip()


def in_one_line(text: str) -> str:
    """Legible, and every break and run of spaces in it is one space."""
    return " ".join(legible(text).split())


def _shown(sign: str) -> str:
    """The joiner stays: emoji are made with it. A no-break space, as sheets and messengers have it, is a space."""
    if sign.isprintable() or sign in "\n\t\u200d":
        return sign
    return " " if sign.isspace() else ""
