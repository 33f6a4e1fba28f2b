"""Who is meant by a name as people write it: «Соколов П.», «О. Ветрова», «Ветрова Ольга», a role («Бухгалтерия»)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

PATRONYMIC = re.compile(r"\w+(?:вич|вна|ична|инична)")
# What joins several people in one cell.
BETWEEN = re.compile(r"\s*(?:[,;/+&\n]|\s(?:и|and|или|or)\s)\s*")


class Name(NamedTuple):
    words: tuple[str, ...]
    initials: tuple[str, ...]


@lru_cache(2_000)
def read(written: str) -> Name:
    """The words and the initials of a name, folded: case, ё, order and dots do not tell people apart."""
    plain = re.sub(r"\([^)]*\)", " ", written.casefold().replace("ё", "е"))
    tokens = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", plain)
    return Name(tuple(t for t in tokens if len(t) > 1), tuple(t for t in tokens if len(t) == 1))


def candidates(written: str, people: Sequence[tuple[int, str]]) -> list[int]:
    """The ids of `people` (id, name) whom `written` can mean, in their order; of several people in one cell all.

    Every word has to be a word of the person's name: a typing error finds nobody rather than somebody else.
    """
    found = one_person(written, people)
    if found:
        return found
    parts = [part for part in BETWEEN.split(written) if part]
    if len(parts) < 2:
        return []
    meant = {person for part in parts for person in one_person(part, people)}
    return [person for person, _ in people if person in meant]


def names_several(written: str) -> bool:
    """Whether the cell looks like a list: then one candidate is not an answer, the others are simply unknown."""
    return len([part for part in BETWEEN.split(written) if part]) > 1


def one_person(written: str, people: Sequence[tuple[int, str]]) -> list[int]:
    name = read(written)
    if not name.words:  # initials alone mean nobody
        return []
    known = [(person, read(full)) for person, full in people]
    same = [person for person, full in known if sorted(full.words) == sorted(name.words) and fits(name, full)]
    return same or [person for person, full in known if fits(name, full)]


def fits(written: Name, full: Name) -> bool:
    """Each written word is a word of the full name, each initial begins another one.

    A patronymic or its initial may be written although the full name does not hold it.
    """
    left = [*full.words, *full.initials]
    found = 0
    for word in written.words:
        if word in left:
            left.remove(word)
            found += 1
        elif not (PATRONYMIC.fullmatch(word) and len(written.words) > 2):
            return False
    for initial in written.initials:
        begun = next((word for word in left if word.startswith(initial)), None)
        if begun is not None:
            left.remove(begun)
        elif left or len(written.initials) < 2:
            return False
    return found > 0
