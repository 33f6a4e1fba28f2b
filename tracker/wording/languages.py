"""The languages that are spoken here: English, which stands in the code, and every one that has a catalog."""

from functools import cache
from pathlib import Path

from babel import Locale

LOCALE = Path(__file__).resolve().parent.parent / "locale"
SOURCE = "en"
DEFAULT = "ru"
"""What an installation speaks that was told nothing else."""


def catalog_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "auftakt.po"


@cache
def languages() -> tuple[str, ...]:
    """Their codes as the folders are named (`ru`, `pt_BR`); a language is added by its folder alone."""
    return (*sorted(path.name for path in LOCALE.iterdir() if catalog_of(path.name).is_file()), SOURCE)


@cache
def own_name(language: str) -> str:
    """«Русский», “English”: as those call it who speak it."""
    name = Locale.parse(language).get_display_name() or language
    return name[0].upper() + name[1:]


def named_languages() -> list[tuple[str, str]]:
    """(code, own name) of each, to choose one."""
    return [(language, own_name(language)) for language in languages()]


def spoken(tag: str) -> str | None:
    """The language of a tag such as `en-GB`, if we speak it."""
    codes = {code.lower().replace("_", "-"): code for code in languages()}
    wanted = tag.strip().lower()
    return codes.get(wanted) or codes.get(wanted.partition("-")[0])


def preferred(accept: str, default: str) -> str:
    """The first language of an Accept-Language header that we speak; weights are in order in every browser."""
    found = (spoken(part.partition(";")[0]) for part in accept.split(","))
    return next((language for language in found if language is not None), default)
