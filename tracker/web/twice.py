"""A second press of the same button: the same form of the same browser within seconds is answered as the first time.

For forms that make something new: everything else is the same done twice as done once, by its verb. Kept in this
process: where several serve, a second press that reaches another one makes a second thing, as it would anywhere.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from litestar import Response

Answer = Response[Any]

SECONDS = timedelta(seconds=10)
"""Longer than a nervous finger, shorter than a second thing of the same words."""
PATIENCE = 10.0


@dataclass
class Press:
    at: datetime
    answer: Answer | None = None
    answered: threading.Event = field(default_factory=threading.Event)


class Presses:
    """The forms of the last seconds, each with its answer."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: dict[str, Press] = {}

    def once(self, key: str, work: Callable[[], Answer], *, now: datetime) -> Answer:
        """What `work` answers; for a form that is there already, what it answered then. A refusal is not kept.

        `key` tells who sent what whereto.
        """
        mine = Press(now)
        with self.lock:
            self.kept = {one: press for one, press in self.kept.items() if now - press.at < SECONDS}
            first = self.kept.get(key)
            if first is None:
                self.kept[key] = mine
        if first is not None:
            first.answered.wait(PATIENCE)
            if first.answer is not None:
                return _copy(first.answer)
            return work()
        try:
            answer = work()
            if (answer.status_code or 200) < 400:
                mine.answer = _copy(answer)
            return answer
        finally:
            if mine.answer is None:
                with self.lock:
                    self.kept.pop(key, None)
            mine.answered.set()


def _copy(answer: Answer) -> Answer:
    return Response(
        answer.content, status_code=answer.status_code, media_type=answer.media_type, headers=dict(answer.headers),
        cookies=list(answer.cookies),
    )  # fmt: skip
