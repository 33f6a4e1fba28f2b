"""Searching in Cyrillic: normalised in Python, since SQLite folds ASCII only and neither database maps ё to е."""


def normalise(*texts: str | None) -> str:
    """One line, case-folded, ё as е, single spaces."""
    return " ".join(" ".join(text for text in texts if text).casefold().replace("ё", "е").split())


def title_key(title: str) -> str:
    """What a title is sorted by: «Ёмкость» among the е, and short enough for an index."""
    return normalise(title)[:80]


def pattern(word: str) -> str:
    """A LIKE pattern that finds `word` anywhere, with the wildcards of the person's own text disarmed."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
