"""What keeps the program from counting, writing or hearing: the facts that are shown and worded."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why something is not well. The pulse keeps the word, with a detail behind a colon."""

    SILENT = "silent"
    NEVER = "never"
    BAD_TOKEN = "bad_token"
    TWO_POLLERS = "two_pollers"
    NO_CONNECTION = "no_connection"
    WEBHOOK = "webhook"
    FAILED = "failed"


class Trouble(NamedTuple):
    """Something that keeps Auftakt from counting, writing or hearing. `at`: its last sign of life, if there was one."""

    reason: str
    parts: tuple[str, ...]
    at: datetime | None = None
    detail: str = ""
