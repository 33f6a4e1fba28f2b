"""What the answers «Позже» and «К дате…» do to the policy: how long, how often, and when the conductor hears of it."""

from datetime import date, datetime, timedelta

from tracker.domain.worktime import Calendar, local_day, next_working_day, working_days_between

IN_A_ROW = 3
DAYS_IN_ALL = 10
PROMISE_MOVES = 3

CHOICES = ("1wd", "3wd", "monday")


def may_snooze(snoozes: int, snoozed_days: int) -> bool:
    """After three in a row, or ten working days in all, a date or a call is offered instead."""
    return snoozes < IN_A_ROW and snoozed_days < DAYS_IN_ALL


def snooze_until(cal: Calendar, choice: str, now: datetime) -> date | None:
    """The working day on which the question comes back; None for an unknown choice or a dry calendar."""
    today = local_day(cal, now)
    if choice == "monday":
        return next_working_day(cal, today + timedelta(days=7 - today.weekday()))
    days = {"1wd": 1, "3wd": 3}.get(choice)
    day: date | None = today if days else None
    for _ in range(days or 0):
        day = None if day is None else next_working_day(cal, day + timedelta(days=1))
    return day


def snooze_cost(cal: Calendar, until: date, now: datetime) -> int:
    """How many working days a snooze takes, for the cap."""
    return working_days_between(cal, local_day(cal, now), until)


def is_restless(promise_moves: int) -> bool:
    """The date has moved so often that the conductor is told, quietly and without reproach."""
    return promise_moves >= PROMISE_MOVES
