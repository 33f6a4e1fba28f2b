"""Somebody who asks in either language, and an answer that is no traceback."""

from typing import Any, NamedTuple

from tests.web.conftest import Browser

INSIDE = ("Traceback", "sqlalchemy", "litestar", "Error(", "File &#34;", 'File "')


class Speaker(NamedTuple):
    """Vera's browser, speaking one language."""

    browser: Browser
    ru: bool

    def says(self, en: str, ru: str) -> str:
        return ru if self.ru else en


def is_calm(answer: Any) -> str:
    """The answer's text, which shows nothing of the inside."""
    found = [word for word in INSIDE if word in answer.text]
    assert found == []
    return str(answer.text).replace("&#39;", "'").replace("&#34;", '"')
