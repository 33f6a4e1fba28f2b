"""When a conductor is told what waits for their decision: once on each of their working days, at ten."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

TEN = time(10)


def day_to_look(zone: str, opens: time, closes: time, looked_on: date | None, now: datetime) -> date | None:
    """The local day whose podium is to be looked at now: from ten on (from the opening, where ten is outside of the
    hours) until the hours end, and once. Whether it is a working day is the calendar's to say."""
    local = now.astimezone(ZoneInfo(zone))
    begins = TEN if opens <= TEN < closes else opens
    is_time = begins <= local.time() < closes
    return local.date() if is_time and local.date() != looked_on else None
