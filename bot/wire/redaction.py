"""The bot's token stands in every address of the Bot API: it is kept out of all logs, tracebacks included."""

import logging
import re

TOKEN = re.compile(r"\d{5,}:[\w-]{20,}")
SHOWN = "<token>"
LOUD = ("httpx", "httpcore")
"""They log each request with its whole address."""


class Redacting(logging.Filter):
    """Rewrites what is about to be written; lets everything pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if TOKEN.search(said):
            record.msg, record.args = scrubbed(said), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = scrubbed(logging.Formatter().formatException(record.exc_info))
        return True


def scrubbed(text: str) -> str:
    return TOKEN.sub(SHOWN, text)


def keep_token_out_of_logs() -> None:
    """On the handlers, since a logger's own filter does not see what its children log."""
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    root = logging.getLogger()
    for one in (
        *root.handlers,
        logging.getLogger("bot"),
        logging.getLogger("telegram"),
        logging.getLogger("telegram.ext"),
    ):
        if not any(isinstance(known, Redacting) for known in one.filters):
            one.addFilter(Redacting())
