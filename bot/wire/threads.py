"""Where the event loop meets the database: the verbs are called in threads, each in one short transaction."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from bot.replies import LinkBase
from bot.wire.pacing import Pace
from tracker.db import Database
from tracker.services.house.installation import clock
from tracker.services.house.self_watch import beat

Done = TypeVar("Done")
PULSE, CHANNEL = "bot", "telegram"
"""What hears, and what sends: each may fail while the other is well."""


@dataclass(frozen=True)
class BotThreads:
    """What every handler works with. `wall` is the machine's clock; what is written carries the house's."""

    database: Database
    place: LinkBase
    pace: Pace
    wall: Callable[[], datetime]
    threads: ThreadPoolExecutor
    demo: bool = False
    """Only a demo's clock may differ from the wall's."""

    async def write(self, work: Callable[[Session, datetime], Done]) -> Done:
        return await asyncio.get_running_loop().run_in_executor(self.threads, self.write_now, work)

    async def read(self, work: Callable[[Session, datetime], Done]) -> Done:
        return await asyncio.get_running_loop().run_in_executor(self.threads, self._read_now, work)

    async def run(self, work: Callable[[], Done]) -> Done:
        """Something slow that is no transaction, such as writing a file."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    async def beat(self, trouble: str = "", detail: str = "") -> None:
        await self.run(lambda: self.beat_now(PULSE, trouble, detail))

    def beat_now(self, name: str, trouble: str = "", detail: str = "") -> None:
        """A sign of life is of the machine's time, also where the house's clock was moved."""
        with self.database.writing() as session:
            beat(session, name, now=self.wall(), ok=not trouble, reason=trouble, detail=detail)

    def write_now(self, work: Callable[[Session, datetime], Done]) -> Done:
        with self.database.writing() as session:
            return work(session, self._now(session))

    def _read_now(self, work: Callable[[Session, datetime], Done]) -> Done:
        with self.database.reading() as session:
            return work(session, self._now(session))

    def _now(self, session: Session) -> datetime:
        return clock(session, self.wall()) if self.demo else self.wall()
