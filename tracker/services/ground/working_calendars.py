"""The working calendar of a person in a project: hours, holidays, the project's own dates, absences."""

from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache

import holidays
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.worktime import Calendar
from tracker.tables import Absence, DayOverride, Person, Project

YEARS_AROUND = 2


@lru_cache(maxsize=64)
def public_days(country: str, first_year: int, last_year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(days off on weekdays, working days on weekends) of a country, as its government moved them."""
    if not country:
        return frozenset(), frozenset()
    table = holidays.country_holidays(country, years=range(first_year, last_year + 1))
    extra = {day for day in getattr(table, "weekend_workdays", ()) if first_year <= day.year <= last_year}
    return frozenset(day for day in table if day not in extra), frozenset(extra)


def weekdays_of(text: str) -> frozenset[int]:
    """ "01234" -> Monday to Friday."""
    return frozenset(int(digit) for digit in text)


@lru_cache(maxsize=4096)
def _calendar(
    zone: str,
    opens: time,
    closes: time,
    weekdays: str,
    cadence: str,
    country: str,
    year: int,
    off: frozenset[date],
    extra: frozenset[date],
    absences: tuple[tuple[date, date], ...],
) -> Calendar:
    days_off, extra_days = public_days(country, year - YEARS_AROUND, year + YEARS_AROUND)
    return Calendar(
        zone=zone,
        opens=opens,
        closes=closes,
        weekdays=weekdays_of(weekdays),
        days_off=(days_off - extra) | off,
        extra_days=(extra_days - off) | extra,
        absences=absences,
        cadence=weekdays_of(cadence) if cadence else None,
    )


def calendars_of(session: Session, project: Project, person_ids: Iterable[int], year: int) -> dict[int, Calendar]:
    """Calendars of several persons, in four queries. `year`: the one around which holidays are needed."""
    ids = sorted(set(person_ids))
    if not ids:
        return {}
    overrides = session.exec(select(DayOverride).where(DayOverride.project_id == project.id)).all()
    off = frozenset(row.day for row in overrides if not row.working)
    extra = frozenset(row.day for row in overrides if row.working)
    away: dict[int, list[tuple[date, date]]] = {}
    for absence in session.exec(select(Absence).where(col(Absence.person_id).in_(ids)).order_by(col(Absence.first))):
        away.setdefault(absence.person_id, []).append((absence.first, absence.last))
    columns = (
        col(Person.id), col(Person.timezone), col(Person.opens), col(Person.closes), col(Person.weekdays),
        col(Person.cadence), col(Person.country),
    )  # fmt: skip
    found = rows(session, sa.select(*columns).where(col(Person.id).in_(ids)))
    return {
        row.id: _calendar(
            row.timezone,
            row.opens,
            row.closes,
            row.weekdays,
            row.cadence,
            row.country,
            year,
            off,
            extra,
            tuple(away.get(row.id, ())),
        )
        for row in found
    }


def calendar_of(session: Session, project: Project, person_id: int, year: int) -> Calendar:
    return calendars_of(session, project, [person_id], year)[person_id]
