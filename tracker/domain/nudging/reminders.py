"""The conductor's own brake on «remind now»: one word about a task in a working day of the person who gets it."""

from datetime import date, datetime, timedelta

from tracker.domain.nudging.cases import TaskCase
from tracker.domain.worktime import Calendar, day_ends, is_working_day, local_day, next_working_day, or_ordinary


def working_day_of(cal: Calendar, moment: datetime) -> date:
    """The working day that a moment belongs to: an evening and a weekend belong to the next one."""
    cal = or_ordinary(cal, local_day(cal, moment))
    today = local_day(cal, moment)
    if is_working_day(cal, today) and moment < day_ends(cal, today):
        return today
    found = next_working_day(cal, today + timedelta(days=1))
    assert found is not None, "ordinary days hold working days"
    return found


def was_reminded_today(task: TaskCase, cal: Calendar, now: datetime) -> bool:
    """Whether the person was told of this task in this working day, or the conductor asked for it: once is enough."""
    today = working_day_of(cal, now)
    told = (moment for moment in (task.reminder_at, task.last_nudge_at) if moment is not None)
    return any(working_day_of(cal, moment) == today for moment in told)
