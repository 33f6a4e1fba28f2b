"""A process that may die: at a commit, before it or after it; before a message leaves, or when it has just left."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from tracker.db import Database
from tracker.domain.nudging.sending import (
    Delivered,
    Moved,
    NotConnected,
    Outcome,
    Outgoing,
    RefusedForEver,
    RetryAt,
    Unknown,
)
from tracker.services.ground.opening import open_database


class Killed(BaseException):
    """As SIGKILL: nothing of the process's own runs any more."""


def nothing(_where: str) -> None:
    """The fate of who is not to die."""


@dataclass(frozen=True)
class Mortal(Database):
    """Asks its fate at each commit."""

    fate: Callable[[str], None] = nothing

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with super().writing() as session:
            yield session
            self.fate("before a commit")
        self.fate("after a commit")


def open_mortal(url: str, fate: Callable[[str], None]) -> Mortal:
    opened = open_database(url)
    return Mortal(opened.engine, opened.before_commit, opened.write_lock, fate)


class Fate:
    """Dies at the `countdown`-th place that asks, if it is set."""

    def __init__(self) -> None:
        self.countdown = 0
        self.places: list[str] = []

    def __call__(self, where: str) -> None:
        if self.countdown:
            self.countdown -= 1
            if not self.countdown:
                self.places.append(where)
                raise Killed(where)


WEATHER = ("fine", "wait", "no connection", "lost on the way", "arrived unheard", "blocked", "moved")
ODDS = (930, 15, 15, 15, 15, 5, 5)


def weather(chance: random.Random, outgoing: Outgoing, now: datetime) -> tuple[bool, Outcome]:
    """(whether it arrives, what is heard of it)."""
    match chance.choices(WEATHER, ODDS)[0]:
        case "wait":
            return False, RetryAt(now + timedelta(seconds=chance.choice([3, 40, 1800, 40000])))
        case "no connection":
            return False, NotConnected("refused")
        case "lost on the way":
            return False, Unknown("timed out")
        case "arrived unheard":
            return True, Unknown("502")
        case "blocked":
            return False, RefusedForEver("bot was blocked by the user")
        case "moved" if outgoing.channel == "telegram":
            return False, Moved(int(outgoing.address) + 10**7)
    return True, Delivered(int(outgoing.address) if outgoing.channel == "telegram" else None, outgoing.message_id)
